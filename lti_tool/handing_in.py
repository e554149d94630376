"""An attempt is handed in: by its learner, or by the server once its time is up. Closing it, its outcome and the score
that is owed are one transaction, the caller's: all of it happens, once, or none of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from config import clock
from course.attempts import GRACE, is_over, item_of, submit_attempt
from course.conversations import close_conversation
from course.items import Quiz
from course.models import Attempt, Placement
from course.policies import end_of, rules_of
from grading.assessments import begin_assessment
from grading.service import record_quiz_outcome
from lti_tool.gradebook import owe_score
from lti_tool.models import OutboxScore


def hand_in(session: Session, attempt: Attempt) -> OutboxScore | None:
    """Close the attempt with what is saved, and owe the gradebook what counts now; the row to be sent, if any.

    A second call changes nothing. A lab has no outcome yet: it is graded later, and owed then. The attempt's row is to
    be locked (`find_attempt(…, for_change=True)`), so that nothing is saved meanwhile.
    """
    if not submit_attempt(session, attempt):
        return None
    if isinstance(item_of(attempt), Quiz):
        record_quiz_outcome(session, attempt)
    else:
        close_conversation(session, attempt)
        if not attempt.is_preview:
            begin_assessment(session, attempt)
    if attempt.is_preview:
        return None
    home = session.get_one(Placement, attempt.placement_id)
    return owe_score(session, home, attempt.learner_id, attempt.item_id)


def overdue_ids(session: Session, limit: int = 200) -> list[int]:
    """The open attempts whose time is up, those that ended first coming first."""
    query = select(Attempt.id).where(Attempt.submitted_at.is_(None), Attempt.ends_at < clock.now() - GRACE)
    return list(session.scalars(query.order_by(Attempt.ends_at, Attempt.id).limit(limit)))


def hand_in_overdue(session: Session, attempt_id: int) -> OutboxScore | None:
    """Hand in an attempt whose time is up; the row to be sent, if any. Of one that is not over (any more), or that its
    learner is handing in at this moment, nothing is changed.

    Its row is locked first, and its end worked out anew: an accommodation may have been given while it was begun.
    """
    attempt = session.scalar(
        select(Attempt)
        .where(Attempt.id == attempt_id)
        .options(selectinload(Attempt.responses))
        .with_for_update(of=Attempt)
        .execution_options(populate_existing=True)
    )
    if attempt is None or not is_over(attempt):
        return None
    attempt.ends_at = end_of(rules_of(session, attempt), attempt.started_at)
    return hand_in(session, attempt) if is_over(attempt) else None
