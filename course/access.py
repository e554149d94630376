"""May a learner begin an attempt now, and if not, why, and from when on or after what.

Instructors' previews are never asked about here: they may always look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import clock
from course.items import Course, Graded, Item, Policy, UnlockWhen
from course.models import Attempt, Placement
from course.policies import policy_at
from course.progress import Work
from course.refusals import AttemptsExhausted, ItemClosed, ItemLocked, NotOpenYet, Refusal


class AccessState(StrEnum):
    """Whether a new attempt may be begun."""

    OPEN = "open"
    NOT_YET = "not-yet"
    CLOSED = "closed"
    LOCKED = "locked"
    NO_ATTEMPTS_LEFT = "no-attempts-left"


@dataclass(frozen=True, slots=True)
class Access:
    """Whether a learner may begin an attempt at an item. `policy` are the learner's own rules, dates and all;
    `attempts_left` is None when there is no limit; `missing` are the items that come first and are not done."""

    state: AccessState
    item: Graded
    policy: Policy
    attempts_used: int
    attempts_left: int | None
    missing: tuple[Item, ...] = ()

    @property
    def refusal(self) -> Refusal | None:
        """Why no attempt may be begun, in words; None when one may."""
        policy = self.policy
        if self.state == AccessState.NOT_YET and policy.opens_at:
            return NotOpenYet(policy.opens_at)
        if self.state == AccessState.CLOSED and policy.ends_at:
            return ItemClosed(policy.ends_at)
        if self.state == AccessState.LOCKED:
            titles = tuple(item.title for item in self.missing)
            return ItemLocked(titles, must_pass=policy.unlock_when == UnlockWhen.PASSED)
        return AttemptsExhausted(self.item.id) if self.state == AccessState.NO_ATTEMPTS_LEFT else None


def access_to(
    session: Session, placement: Placement, course: Course, item: Graded, learner_id: int, *, work: Mapping[str, Work]
) -> Access:
    """Whether the learner may begin an attempt at the item, which is at home in `placement`.

    `work`: what the learner has done at the graded items of the context (`grading.service.work_in_context`); only the
    items of `unlock_after` are looked up in it.
    """
    policy = policy_at(session, placement, item, learner_id)
    used = session.scalar(
        select(func.count(Attempt.id)).where(
            Attempt.placement_id == placement.id,
            Attempt.learner_id == learner_id,
            Attempt.item_id == item.id,
            Attempt.is_preview.is_(False),
        )
    )
    return judge(item, policy, used or 0, missing_of(course, policy, work))


def judge(item: Graded, policy: Policy, used: int, missing: tuple[Item, ...]) -> Access:
    """Pure but for the clock: the state from the learner's own rules, the attempts used and the items missing."""
    now = clock.now()
    left = None if policy.attempts is None else max(0, policy.attempts - used)
    if policy.opens_at is not None and now < policy.opens_at:
        state = AccessState.NOT_YET
    elif policy.ends_at is not None and now >= policy.ends_at:
        state = AccessState.CLOSED
    elif left == 0:
        state = AccessState.NO_ATTEMPTS_LEFT
    else:
        state = AccessState.LOCKED if missing else AccessState.OPEN
    return Access(state, item, policy, used, left, missing)


def missing_of(course: Course, policy: Policy, work: Mapping[str, Work]) -> tuple[Item, ...]:
    """The items of `unlock_after` that are not done (or passed), in the order of the course. One that the course has
    no longer keeps nothing locked."""
    wanted = [item for item in course.items if item.id in policy.unlock_after]
    return tuple(item for item in wanted if not _is_done(work.get(item.id, Work()), policy.unlock_when))


def _is_done(work: Work, when: UnlockWhen) -> bool:
    return work.is_passed if when == UnlockWhen.PASSED else work.has_submitted
