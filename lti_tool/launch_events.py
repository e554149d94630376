"""Who came in and who was turned away, as rows for an admin who is asked about it. Never who the person was.

Strangers can make refusals as fast as they can ask, so a platform (and all that is unknown taken together) gets a row
for each of its first `MOST_AN_HOUR` within an hour, enough for a whole class that is turned away at once. Beyond that
refusals are counted, by cause and hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from lti_tool.claims import MAX_ID, is_storable
from lti_tool.errors import shown
from lti_tool.models import LaunchEvent, Registration

LET_IN, REFUSED = "let_in", "refused"
MOST_AN_HOUR = 300
COMMAND = "command"  # the name under which what an admin may type stands among the details
KEPT = timedelta(days=30)
_HOUR = timedelta(hours=1)
_NOT_KEPT = {"description"}  # a platform's own words about a login: it may name somebody


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in. `issuer` and `client_id` are a login's own words, which may be a stranger's; `details` as those of
    `LaunchRefused`; `reference` as on the page."""

    step: str
    outcome: str
    cause: str = ""
    registration_id: int | None = None
    issuer: str = ""
    client_id: str = ""
    deployment_id: str = ""
    details: Sequence[tuple[str, str]] = ()
    reference: str | None = None


def note(session: Session, entry: Entry) -> None:
    """Keep an entry, or count it."""
    now = clock.now()
    registration_id = entry.registration_id or _registration_id(session, entry)
    if entry.outcome == REFUSED and _lately(session, registration_id) >= MOST_AN_HOUR:
        _count(session, entry, registration_id)
        return
    row = LaunchEvent(
        at=now,
        registration_id=registration_id,
        issuer="" if registration_id else shown(entry.issuer)[:MAX_ID],
        client_id="" if registration_id else shown(entry.client_id)[:MAX_ID],
        deployment_id=entry.deployment_id,
        step=entry.step,
        outcome=entry.outcome,
        cause=entry.cause,
        details=[[name, value] for name, value in entry.details if name not in _NOT_KEPT],
        reference=entry.reference,
    )
    session.add(row)
    session.flush()


def _registration_id(session: Session, entry: Entry) -> int | None:
    """Whose login it was, if it named one platform that is known."""
    if not entry.issuer or not is_storable(entry.issuer) or not is_storable(entry.client_id):
        return None
    query = select(Registration.id).where(Registration.issuer == entry.issuer)
    query = query.where(Registration.client_id == entry.client_id) if entry.client_id else query
    found = session.scalars(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _lately(session: Session, registration_id: int | None) -> int:
    rows = (
        select(LaunchEvent.id)
        .where(LaunchEvent.registration_id.is_not_distinct_from(registration_id))
        .where(LaunchEvent.outcome == REFUSED, LaunchEvent.at > clock.now() - _HOUR)
        .limit(MOST_AN_HOUR)
    )
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _count(session: Session, entry: Entry, registration_id: int | None) -> None:
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    counting = (
        update(LaunchEvent)
        .where(LaunchEvent.registration_id.is_not_distinct_from(registration_id))
        .where(LaunchEvent.outcome == REFUSED, LaunchEvent.at == hour, LaunchEvent.reference.is_(None))
        .where(LaunchEvent.cause == entry.cause, LaunchEvent.step == entry.step)
        .values(times=LaunchEvent.times + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(session.execute(counting)):
        # Two processes may each begin one for the same hour; both are counted.
        row = LaunchEvent(at=hour, registration_id=registration_id, step=entry.step, outcome=REFUSED, cause=entry.cause)
        session.add(row)
        session.flush()


def forget_old(session: Session) -> None:
    """Delete what is older than `KEPT`."""
    session.execute(delete(LaunchEvent).where(LaunchEvent.at < clock.now() - KEPT))
