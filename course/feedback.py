"""When a learner may see what was right, and why. `policy` are the rules the attempt is under now
(`course.policies.rules_of`), with the learner's own due date. The score is no secret once it is handed in, whatever
they say: the gradebook holds it from then on as well."""

from datetime import datetime

from course.items import Feedback, Policy
from course.models import Attempt


def may_check(policy: Policy, attempt: Attempt) -> bool:
    """Whether single answers can be checked, and so explained, while the attempt is open."""
    return policy.feedback == Feedback.AFTER_ANSWER and attempt.submitted_at is None


def may_show_key(policy: Policy, attempt: Attempt, now: datetime) -> bool:
    """Whether the right answers, the feedback, the explanations and what each question earned may be shown.

    Of an open attempt only answers that were checked are explained (`Response.checked_at`), whatever this says.
    After-due without a due date is the same as after-submit: there is nothing to wait for.
    """
    if attempt.submitted_at is None or policy.feedback == Feedback.NEVER:
        return False
    key_from = key_shown_from(policy)
    return key_from is None or now >= key_from


def key_shown_from(policy: Policy) -> datetime | None:
    """The moment for which the key of a submitted attempt waits: the learner's own due date; None if for no moment."""
    return policy.due_at if policy.feedback == Feedback.AFTER_DUE else None
