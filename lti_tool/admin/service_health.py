"""How a platform's services are doing: what it lets us do, and when each last did it, from the rows of our own work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lti_tool.models import (
    ColumnSearch,
    Context,
    Deployment,
    LineItem,
    LtiUser,
    OutboxScore,
    Registration,
    ResourceLink,
    Roster,
)
from lti_tool.outbox import DELIVERED, PENDING, STUCK
from lti_tool.registering.offer import SCOPES
from lti_tool.roster_service import SCOPE as SCOPE_ROSTER

LOOKED_AT = 200  # columns, those that a launch or a search has touched last


@dataclass(frozen=True, slots=True)
class Scope:
    """A service that we ask for. `is_granted` is None while no launch has said."""

    scope: str
    why: str
    is_granted: bool | None


@dataclass(frozen=True, slots=True)
class Failure:
    """The last time that something did not work. `cause` is a short code; `at` None where only the code is known."""

    cause: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """All that is known; None where it has not happened. `failed_delivery`, `failed_roster` and `failed_column` are
    told while what failed has not worked since."""

    scopes: tuple[Scope, ...]
    token_obtained_at: datetime | None
    delivered_at: datetime | None
    failed_delivery: Failure | None
    roster_read_at: datetime | None
    failed_roster: Failure | None
    failed_column: Failure | None
    waiting: int
    stuck: int


def health_of(session: Session, registration: Registration) -> Health:
    """How the services of a platform are doing."""
    deployments = select(Deployment.id).where(Deployment.registration_id == registration.id)
    contexts = select(Context.id).where(Context.deployment_id.in_(deployments))
    mine = OutboxScore.lti_user_id.in_(select(LtiUser.id).where(LtiUser.registration_id == registration.id))
    by_state = (
        select(OutboxScore.state, func.count())
        .where(mine, OutboxScore.state.in_((PENDING, STUCK)))
        .group_by(OutboxScore.state)
    )
    counts = dict(session.execute(by_state).all())
    return Health(
        scopes=_scopes(session, contexts),
        token_obtained_at=registration.token_obtained_at,
        delivered_at=session.scalar(
            select(func.max(OutboxScore.delivered_at)).where(mine, OutboxScore.state == DELIVERED)
        ),
        failed_delivery=_failure(
            session,
            select(OutboxScore.cause, OutboxScore.tried_at)
            .where(mine, OutboxScore.state.in_((PENDING, STUCK)), OutboxScore.cause.is_not(None))
            .order_by(OutboxScore.tried_at.is_(None), OutboxScore.tried_at.desc()),
        ),
        roster_read_at=session.scalar(select(func.max(Roster.fetched_at)).where(Roster.context_id.in_(contexts))),
        failed_roster=_failure(
            session,
            select(Roster.cause, Roster.tried_at)
            .where(Roster.context_id.in_(contexts), Roster.cause.is_not(None))
            .order_by(Roster.tried_at.desc()),
        ),
        failed_column=_failure(
            session,
            select(ColumnSearch.cause, LineItem.updated_at)
            .join(LineItem, LineItem.id == ColumnSearch.line_item_id)
            .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
            .where(ResourceLink.context_id.in_(contexts), ColumnSearch.cause.is_not(None))
            .order_by(LineItem.updated_at.desc()),
        ),
        waiting=counts.get(PENDING, 0),
        stuck=counts.get(STUCK, 0),
    )


def _failure(session: Session, query: Select[str | None, datetime | None]) -> Failure | None:
    found = session.execute(query.limit(1)).first()
    return Failure(found[0], found[1]) if found and found[0] else None


def _scopes(session: Session, contexts: Select[int]) -> tuple[Scope, ...]:
    """As the launches said that were noted last; a roster's address comes with the leave to read it."""
    granted: set[str] = set()
    lists = session.scalars(
        select(LineItem.scopes)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.context_id.in_(contexts))
        .order_by(LineItem.updated_at.desc())
        .limit(LOOKED_AT)
    ).all()
    granted.update(*lists)
    if session.scalar(select(Roster.context_id).where(Roster.context_id.in_(contexts)).limit(1)) is not None:
        granted.add(SCOPE_ROSTER)
    is_known = session.scalar(contexts.limit(1)) is not None
    return tuple(Scope(scope, why, scope in granted if is_known else None) for scope, why in SCOPES.items())
