"""What else waits beside grades on their way: columns to be found, lists of people to be read, labs to be judged and
attempts to be handed in. Reads only; for whoever runs the tool, without anybody's name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import clock
from course.attempts import GRACE
from course.models import Attempt
from grading.assessments import HELD, PERSON, WAITING
from grading.models import RubricAssessment
from lti_tool.models import ColumnSearch, Context, Deployment, LineItem, Registration, ResourceLink, Roster


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Columns of a platform that are being looked for, or were not found: then `cause` says why. `next_try_at` is the
    next one's; None: a launch, or somebody here, has to begin anew."""

    registration_id: int
    platform: str
    cause: str | None
    count: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class RosterGroup:
    """Lists of people of a platform that could not be read the last time, and when that was."""

    registration_id: int
    platform: str
    cause: str
    count: int
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class LabGroup:
    """Handed-in labs without a result. `state`: waiting, person or held. `cause`: why one was put off that waits, or
    why a person has to decide. `since`: when the oldest was handed in; `next_try_at`: when one is tried next."""

    state: str
    cause: str | None
    count: int
    since: datetime
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """All of it. `overdue`: attempts whose time is up and that are not handed in; `overdue_since`: of the first."""

    columns: tuple[ColumnGroup, ...]
    rosters: tuple[RosterGroup, ...]
    labs: tuple[LabGroup, ...]
    overdue: int
    overdue_since: datetime | None


def waiting_work(session: Session) -> WaitingWork:
    """What waits at this moment, in a fixed number of queries."""
    ended = (Attempt.submitted_at.is_(None), Attempt.ends_at < clock.now() - GRACE)
    overdue, since = session.execute(select(func.count(Attempt.id), func.min(Attempt.ends_at)).where(*ended)).one()
    return WaitingWork(_columns(session), _rosters(session), _labs(session), overdue, since)


def _columns(session: Session) -> tuple[ColumnGroup, ...]:
    rows = session.execute(
        select(
            Registration.id,
            Registration.name,
            ColumnSearch.cause,
            func.count(ColumnSearch.line_item_id),
            func.min(ColumnSearch.next_try_at),
        )
        .join(LineItem, LineItem.id == ColumnSearch.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(LineItem.url.is_(None))
        .group_by(Registration.id, Registration.name, ColumnSearch.cause)
        .order_by(Registration.id, func.count(ColumnSearch.line_item_id).desc())
    )
    return tuple(ColumnGroup(*row) for row in rows)


def _rosters(session: Session) -> tuple[RosterGroup, ...]:
    rows = session.execute(
        select(
            Registration.id,
            Registration.name,
            Roster.cause,
            func.count(Roster.context_id),
            func.max(Roster.tried_at),
        )
        .join(Context, Context.id == Roster.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .where(Roster.cause.is_not(None))
        .group_by(Registration.id, Registration.name, Roster.cause)
        .order_by(Registration.id, func.count(Roster.context_id).desc())
    )
    return tuple(RosterGroup(number, name, cause or "", count, at) for number, name, cause, count, at in rows)


def _labs(session: Session) -> tuple[LabGroup, ...]:
    rows = session.execute(
        select(
            RubricAssessment.state,
            RubricAssessment.cause,
            func.count(RubricAssessment.id),
            func.min(RubricAssessment.created_at),
            func.min(RubricAssessment.next_try_at),
        )
        .where(RubricAssessment.state.in_((WAITING, PERSON, HELD)))
        .group_by(RubricAssessment.state, RubricAssessment.cause)
        .order_by(RubricAssessment.state.desc(), func.count(RubricAssessment.id).desc())
    )
    return tuple(
        LabGroup(state, cause, count, since, next_try_at if state == WAITING else None)
        for state, cause, count, since, next_try_at in rows
    )
