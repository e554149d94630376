"""Grades that are owed to platforms, as whoever runs the tool looks at them: how many, how old, what is stuck and why.

Reads only. Names of people are not among it: a row is known by its id, our key of the learner and the platform's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from config import clock
from course.models import Learner, Placement
from lti_tool.models import Context, LineItem, LtiUser, OutboxScore, Registration, ResourceLink
from lti_tool.outbox import DELIVERED, PENDING, STUCK, TEACHERS_GRADE
from lti_tool.permission import ACTIVE

PAGE_LENGTH = 50
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Group:
    """The stuck scores of one platform with one cause. `since`: when the oldest was owed; `tried_at`: the last try."""

    registration_id: int
    platform: str
    cause: str
    count: int
    since: datetime
    tried_at: datetime | None

    @property
    def needs_nobody(self) -> bool:
        """Whether all is as it should be: a teacher's grade stands in the gradebook."""
        return self.cause == TEACHERS_GRADE


@dataclass(slots=True)
class PlatformFigures:
    """The scores owed to one platform. `failing`: how many of those on their way have been tried in vain. `delivered`
    counts the last day. Moments are those of the oldest, None where there is none. `is_silent`: nothing is
    said to the platform, since an admin has switched it off, so that all of it waits."""

    registration_id: int
    platform: str
    is_silent: bool = False
    on_the_way: int = 0
    failing: int = 0
    oldest_on_the_way: datetime | None = None
    stuck: int = 0
    oldest_stuck: datetime | None = None
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed to all platforms. `groups`: the stuck ones, the largest group first, those that need nobody last."""

    platforms: tuple[PlatformFigures, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score. `user_id` is the platform's, `learner_key` ours; `since` is when it was owed."""

    id: int
    registration_id: int
    platform: str
    state: str
    cause: str | None
    learner_key: str
    user_id: str
    context_key: str
    context_title: str
    course_id: str
    item_id: str
    points: Decimal
    maximum: Decimal
    since: datetime
    tries: int
    tried_at: datetime | None
    next_try_at: datetime
    retried_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of scores, oldest first; `after` asks for the next one, None where there is none."""

    rows: tuple[ScoreRow, ...]
    after: int | None


@dataclass(slots=True)
class Retry:
    """What became of the scores that were let go together at one moment. `refused` maps causes to how many are stuck
    again; `waiting` were tried and wait for the next try; `replaced` gave way to a newer score meanwhile."""

    at: datetime
    registration_id: int
    platform: str
    delivered: int = 0
    delivered_at: datetime | None = None
    on_the_way: int = 0
    waiting: int = 0
    replaced: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many were let go."""
        return self.delivered + self.on_the_way + self.waiting + self.replaced + sum(self.refused.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is on its way for the first time any more."""
        return not self.on_the_way


def owed(session: Session) -> Owed:
    """What is owed to every registered platform, in two queries."""
    known = session.scalars(select(Registration).order_by(Registration.id))
    figures = {one.id: PlatformFigures(one.id, one.name, is_silent=one.state != ACTIVE) for one in known}
    groups: list[Group] = []
    counted = session.execute(
        select(
            LtiUser.registration_id,
            OutboxScore.state,
            OutboxScore.cause,
            func.count(OutboxScore.id),
            func.min(OutboxScore.created_at),
            func.max(OutboxScore.tried_at),
        )
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .where(OutboxScore.state.in_((PENDING, STUCK)))
        .group_by(LtiUser.registration_id, OutboxScore.state, OutboxScore.cause)
    )
    for registration_id, state, cause, count, since, tried_at in counted:
        platform = figures[registration_id]
        if state == PENDING:
            platform.on_the_way += count
            platform.failing += count if cause else 0
            platform.oldest_on_the_way = _older(platform.oldest_on_the_way, since)
            continue
        group = Group(registration_id, platform.platform, cause or "", count, since, tried_at)
        groups.append(group)
        if not group.needs_nobody:
            platform.stuck += count
            platform.oldest_stuck = _older(platform.oldest_stuck, since)
    for registration_id, count in session.execute(_delivered_lately()):
        figures[registration_id].delivered = count
    groups.sort(key=lambda one: (one.needs_nobody, -one.count, one.registration_id, one.cause))
    return Owed(tuple(figures.values()), tuple(groups))


def _delivered_lately() -> Select[int, int]:
    return (
        select(LtiUser.registration_id, func.count(OutboxScore.id))
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .where(OutboxScore.state == DELIVERED, OutboxScore.delivered_at >= clock.now() - LATELY)
        .group_by(LtiUser.registration_id)
    )


def _older(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def stuck_rows(
    session: Session,
    *,
    registration_id: int | None = None,
    cause: str | None = None,
    after: int | None = None,
    length: int = PAGE_LENGTH,
) -> Listing:
    """Stuck scores of a platform, a cause, or all; those that were written after the score `after`."""
    wanted = [OutboxScore.state == STUCK]
    if registration_id is not None:
        wanted.append(LtiUser.registration_id == registration_id)
    if cause is not None:
        wanted.append(func.coalesce(OutboxScore.cause, "") == cause if cause == "" else OutboxScore.cause == cause)
    if after is not None:
        wanted.append(OutboxScore.id > after)
    rows = _rows(session, wanted, length + 1)
    return Listing(tuple(rows[:length]), rows[length - 1].id if len(rows) > length else None)


def failing_rows(session: Session, length: int = 20) -> Sequence[ScoreRow]:
    """Those on their way that were tried in vain, longest owed first."""
    return _rows(session, [OutboxScore.state == PENDING, OutboxScore.cause.is_not(None)], length)


def find_score(session: Session, score_id: int) -> ScoreRow | None:
    """One score, whatever its state."""
    return next(iter(_rows(session, [OutboxScore.id == score_id], 1)), None)


def _rows(session: Session, wanted: list[ColumnElement[bool]], length: int) -> list[ScoreRow]:
    found = session.execute(
        select(OutboxScore, LtiUser, Learner.key, LineItem.item_id, Placement, Context.title, Registration.name)
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .join(Learner, Learner.id == LtiUser.learner_id)
        .join(LineItem, LineItem.id == OutboxScore.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Placement, Placement.id == ResourceLink.placement_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Registration, Registration.id == LtiUser.registration_id)
        .where(*wanted)
        .order_by(OutboxScore.id)
        .limit(length)
    )
    return [
        ScoreRow(
            id=score.id,
            registration_id=user.registration_id,
            platform=platform,
            state=score.state,
            cause=score.cause,
            learner_key=key,
            user_id=user.sub,
            context_key=placement.context_key,
            context_title=title,
            course_id=placement.course_id,
            item_id=item_id,
            points=score.score_given,
            maximum=score.score_maximum,
            since=score.created_at,
            tries=score.tries,
            tried_at=score.tried_at,
            next_try_at=score.next_try_at,
            retried_at=score.retried_at,
            delivered_at=score.delivered_at,
        )
        for score, user, key, item_id, placement, title, platform in found
    ]


def retries(session: Session, most: int = 5) -> list[Retry]:
    """What came of the last day's retries, the newest first."""
    was_tried = OutboxScore.tried_at >= OutboxScore.retried_at
    counted = session.execute(
        select(
            OutboxScore.retried_at,
            LtiUser.registration_id,
            Registration.name,
            OutboxScore.state,
            OutboxScore.cause,
            was_tried,
            func.count(OutboxScore.id),
            func.max(OutboxScore.delivered_at),
        )
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .join(Registration, Registration.id == LtiUser.registration_id)
        .where(OutboxScore.retried_at >= clock.now() - LATELY)
        .group_by(
            OutboxScore.retried_at,
            LtiUser.registration_id,
            Registration.name,
            OutboxScore.state,
            OutboxScore.cause,
            was_tried,
        )
        .order_by(OutboxScore.retried_at.desc(), LtiUser.registration_id)
    )
    found: dict[tuple[datetime, int], Retry] = {}
    for at, registration_id, platform, state, cause, tried, count, delivered_at in counted:
        if at is None or ((at, registration_id) not in found and len(found) == most):
            continue
        one = found.setdefault((at, registration_id), Retry(at, registration_id, platform))
        if state == DELIVERED:
            one.delivered, one.delivered_at = one.delivered + count, delivered_at
        elif state == STUCK:
            one.refused[cause or ""] = one.refused.get(cause or "", 0) + count
        elif state == PENDING and tried:
            one.waiting += count
        elif state == PENDING:
            one.on_the_way += count
        else:
            one.replaced += count
    return list(found.values())
