"""Everybody in a context: whom its platform names on the roster, and whom it does not but who has been here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from config import clock
from course.models import Attempt, Learner, Placement, SectionRead
from lti_tool.contexts import people_in
from lti_tool.models import (
    Context,
    Deployment,
    LineItem,
    LtiUser,
    OutboxScore,
    ResourceLink,
    Roster,
    RosterMember,
    Seat,
)
from lti_tool.outbox import STUCK, TEACHERS_GRADE
from lti_tool.roles import INSTRUCTOR, LEARNER
from lti_tool.roster_service import GONE, INACTIVE
from lti_tool.rosters import context_id_of, members_of

ORDER = {INACTIVE: 1, GONE: 2}
STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in a context. `key` is what we call them, None for one who never came; `status`: active, inactive, gone
    from the roster, or unknown where no roster was read. `not_taken`: how many of their grades were refused."""

    user_id: str
    key: str | None
    name: str
    role: str
    status: str
    last_seen: datetime | None
    not_taken: int


@dataclass(frozen=True, slots=True)
class RosterView:
    """Everybody in a context, by name. `fetched_at`: when the platform was asked last, None for never; `has_service`:
    whether it can be; `cause`: why the last try failed."""

    entries: tuple[Entry, ...]
    has_service: bool
    fetched_at: datetime | None
    cause: str | None

    @property
    def is_stale(self) -> bool:
        """Whether it is time to read it anew."""
        return self.has_service and (self.fetched_at is None or self.fetched_at < clock.now() - STALE)


def roster_of(session: Session, context_key: str) -> RosterView:
    """Everybody in the context: whom the platform names, and whom it does not but who has been here."""
    context_id = context_id_of(context_key)
    roster = session.get(Roster, context_id) if context_id is not None else None
    members = {row.user_id: row for row in session.scalars(members_of(context_id or 0))} if roster else {}
    learners = _learners(session, context_id, context_key, members)
    seen, staff = _seen(session, context_key), _staff(session, context_key)
    not_taken = _not_taken(session, context_key)
    entries = []
    for user_id in {*members, *learners}:
        member, person = members.get(user_id), learners.get(user_id)
        learner_id = person[0] if person else 0
        # Moodle's roster calls those learners who teach without changing the course: the higher role seen counts.
        is_staff = learner_id in staff or (member is not None and member.role == INSTRUCTOR)
        entries.append(
            Entry(
                user_id=user_id,
                key=person[1] if person else None,
                name=(member.name if member else "") or (person[2] if person else ""),
                role=INSTRUCTOR if is_staff else LEARNER,
                status=member.status if member else GONE if roster and roster.fetched_at else "unknown",
                last_seen=seen.get(learner_id),
                not_taken=not_taken.get(learner_id, 0),
            )
        )
    entries.sort(key=lambda one: (ORDER.get(one.status, 0), not one.name, one.name.casefold(), one.user_id))
    return RosterView(
        entries=tuple(entries),
        has_service=roster is not None,
        fetched_at=roster.fetched_at if roster else None,
        cause=roster.cause if roster else None,
    )


def _learners(
    session: Session, context_id: int | None, context_key: str, members: Mapping[str, RosterMember]
) -> dict[str, tuple[int, str, str]]:
    """Who of them is known to us: user id → (learner id, key, name)."""
    found = {
        one.platform_user_id: (one.learner_id, one.key, one.name) for one in people_in(session, context_key)
    }  # fmt: skip
    if members and context_id is not None:
        registration = (
            select(Deployment.registration_id).join(Context, Context.deployment_id == Deployment.id)
            .where(Context.id == context_id).scalar_subquery()
        )  # fmt: skip
        rows = session.execute(
            select(LtiUser.sub, Learner.id, Learner.key, LtiUser.name)
            .join(Learner, Learner.id == LtiUser.learner_id)
            .join(RosterMember, RosterMember.user_id == LtiUser.sub)
            .where(LtiUser.registration_id == registration, RosterMember.context_id == context_id)
        )
        found |= {row[0]: (row[1], row[2], row[3]) for row in rows}
    return found


def _seen(session: Session, context_key: str) -> dict[int, datetime]:
    """When each learner was last here, as far as anything tells: a launch, an attempt, a section read."""
    of_the_context = select(Placement.id).where(Placement.context_key == context_key)
    moments = union_all(
        select(Seat.learner_id, Seat.launched_at.label("at")).where(Seat.placement_id.in_(of_the_context)),
        select(Attempt.learner_id, Attempt.started_at).where(Attempt.placement_id.in_(of_the_context)),
        select(Attempt.learner_id, Attempt.submitted_at).where(Attempt.placement_id.in_(of_the_context)),
        select(SectionRead.learner_id, SectionRead.read_at).where(SectionRead.context_key == context_key),
    ).subquery()
    query = select(moments.c.learner_id, func.max(moments.c.at)).group_by(moments.c.learner_id)
    return {learner_id: moment for learner_id, moment in session.execute(query) if moment is not None}


def _staff(session: Session, context_key: str) -> set[int]:
    placements = select(Placement.id).where(Placement.context_key == context_key)
    query = select(Seat.learner_id).where(Seat.placement_id.in_(placements), Seat.role == INSTRUCTOR)
    return set(session.scalars(query))


def _not_taken(session: Session, context_key: str) -> dict[int, int]:
    query = (
        select(LtiUser.learner_id, func.count(OutboxScore.id))
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .join(LineItem, LineItem.id == OutboxScore.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Placement, Placement.id == ResourceLink.placement_id)
        .where(Placement.context_key == context_key, OutboxScore.state == STUCK)
        .where(or_(OutboxScore.cause.is_(None), OutboxScore.cause != TEACHERS_GRADE))
        .group_by(LtiUser.learner_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
