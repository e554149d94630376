"""Rosters as rows: where a context's is to be read, who reads it now, and what was read last."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from lti_tool.line_items import with_query
from lti_tool.models import Context, Deployment, Registration, Roster, RosterMember
from lti_tool.permission import may_be_asked
from lti_tool.platforms import platform_of
from lti_tool.returning import owe_again
from lti_tool.roster_service import ACTIVE, GONE, Member

LEASE = timedelta(seconds=30)
MOST_OFTEN = timedelta(seconds=30)  # however often somebody asks


@dataclass(frozen=True, slots=True)
class Reading:
    """A claimed roster as plain values."""

    context_id: int
    owner: str
    registration_id: int
    url: str


def note_service(session: Session, context: Context, url: str | None) -> None:
    """Keep where a launch says that the context's roster is. A launch that says nothing changes nothing."""
    if not url or not context.lti_context_id:
        return
    roster = session.get(Roster, context.id)
    if roster is not None:
        roster.url = url
        return
    try:
        with session.begin_nested():
            session.add(Roster(context_id=context.id, url=url))
    except IntegrityError:  # another launch of the class was faster
        return


def context_id_of(context_key: str) -> int | None:
    """The id of a platform's course by its key; None for a link outside any."""
    kind, _, number = context_key.partition("-")
    return int(number) if kind == "context" and number.isdigit() else None


def claim(session: Session, context_id: int) -> Reading | None:
    """Lease a roster for reading; None when there is none, it was tried just now, another worker has it, or its
    platform is switched off."""
    now, owner = clock.now(), secrets.token_hex(8)
    claimed = session.execute(
        update(Roster)
        .where(Roster.context_id == context_id)
        .where(or_(Roster.lease_until.is_(None), Roster.lease_until <= now))
        .where(may_be_asked(Roster.context_id))
        .where(or_(Roster.tried_at.is_(None), Roster.tried_at <= now - MOST_OFTEN))
        .values(lease_until=now + LEASE, lease_owner=owner, tried_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(claimed):
        return None
    roster = session.get_one(Roster, context_id, populate_existing=True)
    registration = session.scalars(
        select(Registration)
        .join(Deployment, Deployment.registration_id == Registration.id)
        .join(Context, Context.deployment_id == Deployment.id)
        .where(Context.id == context_id)
    ).one()
    query = platform_of(registration.product_family).roster_query
    return Reading(context_id, owner, registration.id, with_query(roster.url, query) if query else roster.url)


def renew_leases(session: Session, owners: list[str]) -> None:
    """Hold on to rosters that are still being read."""
    session.execute(update(Roster).where(Roster.lease_owner.in_(owners)).values(lease_until=clock.now() + LEASE))


def keep(session: Session, reading: Reading, members: Mapping[str, Member]) -> None:
    """Write down what was read, whole. Who is not on it any more is gone, and loses nothing of their work."""
    roster = _ours(session, reading)
    if roster is None:
        return
    known = {row.user_id: row for row in session.scalars(members_of(reading.context_id))}
    were_gone = {user_id for user_id, row in known.items() if row.status == GONE}
    for user_id, member in members.items():
        row = known.pop(user_id, None)
        if row is None:
            row = RosterMember(context_id=reading.context_id, user_id=user_id)
            session.add(row)
        row.name, row.role, row.status = member.name, member.role, member.status
    for row in known.values():
        row.status = GONE
    roster.fetched_at, roster.cause = clock.now(), None
    returned = [user_id for user_id in were_gone if user_id in members and members[user_id].status == ACTIVE]
    owe_again(session, reading.context_id, returned)


def note_failed(session: Session, reading: Reading, cause: str) -> None:
    """The platform did not give it; what was read before stands."""
    roster = _ours(session, reading)
    if roster is not None:
        roster.cause = cause[:40]


def _ours(session: Session, reading: Reading) -> Roster | None:
    roster = session.get(Roster, reading.context_id, with_for_update=True)
    if roster is None or roster.lease_owner != reading.owner:
        return None
    roster.lease_until = roster.lease_owner = None
    return roster


def members_of(context_id: int) -> Select[RosterMember]:
    """Everybody who is, or ever was, on a context's roster."""
    return select(RosterMember).where(RosterMember.context_id == context_id)
