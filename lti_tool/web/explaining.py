"""What may be explained of one attempt at one moment. A key that must not be seen yet does not leave the server:
whatever shows a question asks here first, and `course.feedback` decides."""

from dataclasses import dataclass
from datetime import datetime

from course.feedback import key_shown_from, may_check, may_show_key
from course.items import Policy
from course.models import Attempt, Response


@dataclass(frozen=True, slots=True)
class Explaining:
    """`is_checkable`: whether single answers can be checked before handing in. `is_whole`: whether every question is
    explained, answered or not. `waits_for`: the moment from which it will be, if it only waits for one."""

    is_submitted: bool
    is_checkable: bool
    is_whole: bool
    waits_for: datetime | None

    @classmethod
    def of(cls, attempt: Attempt, rules: Policy, now: datetime) -> "Explaining":
        """By the rules the attempt is under now, with the learner's own due date."""
        return cls(
            is_submitted=attempt.submitted_at is not None,
            is_checkable=may_check(rules, attempt),
            is_whole=may_show_key(rules, attempt, now),
            waits_for=key_shown_from(rules),
        )

    def shows(self, response: Response | None) -> bool:
        """Whether the question of this response is explained. One that was checked has been seen already, so it stays
        explained when the policy becomes stricter afterwards."""
        return self.is_whole or (response is not None and response.checked_at is not None)
