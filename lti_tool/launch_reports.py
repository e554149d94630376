"""Launches and refusals as an admin asks about them: the last ones, by cause, by the reference on somebody's page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from config import clock
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.launch_events import COMMAND, REFUSED
from lti_tool.models import LaunchEvent, Registration
from lti_tool.refusals import ADVICE

PAGE_LENGTH = 50
UNKNOWN = "unknown"  # in place of a registration's id: whoever named none that is known
PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class LaunchRow:
    """One way in, or with `times` above 1 several that were turned away for the same cause within one hour from `at`.

    `platform` is '' where none is known; then `issuer` and `client_id` are what a login named.
    """

    id: int
    at: datetime
    registration_id: int | None
    platform: str
    issuer: str
    client_id: str
    deployment_id: str
    step: str
    outcome: str
    cause: str
    details: tuple[tuple[str, str], ...]
    reference: str | None
    times: int

    @property
    def refusal(self) -> LaunchRefused | None:
        """What the page said; None for one that was let in, and for causes whose words the pages have."""
        if self.cause not in set(Cause):
            return None
        named = {"issuer": self.issuer, "client id": self.client_id, "deployment id": self.deployment_id}
        details = {**{name: value for name, value in named.items() if value}, **dict(self.details)}
        command = details.pop(COMMAND, "")
        return LaunchRefused(Cause(self.cause), details=tuple(details.items()), command=command)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which launches; None and '' ask for all. `platform`: a registration's id, or `UNKNOWN`."""

    platform: int | str | None = None
    only_refused: bool = False
    reference: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How often a cause turned somebody away; `last` is the newest of them."""

    cause: str
    times: int
    platforms: int
    last: LaunchRow

    @property
    def status(self) -> int | None:
        """The HTTP status of its page, where `ADVICE` has it."""
        return ADVICE[Cause(self.cause)].status if self.cause in set(Cause) else None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of launches, newest first; `before` asks for the next one, None where there is none."""

    rows: tuple[LaunchRow, ...]
    before: int | None


def launches(
    session: Session, wanted: Wanted | None = None, *, before: int | None = None, length: int = PAGE_LENGTH
) -> Listing:
    """The newest `length` launches that are `wanted`, of those written down before the one with the id `before`."""
    query = _rows().where(*_conditions(wanted or Wanted())).order_by(LaunchEvent.id.desc()).limit(length + 1)
    if before is not None:
        query = query.where(LaunchEvent.id < before)
    rows = [_row(event, name) for event, name in session.execute(query)]
    shown = tuple(rows[:length])
    return Listing(shown, shown[-1].id if len(rows) > length else None)


def refusals_by_cause(session: Session, period: timedelta, wanted: Wanted | None = None) -> list[CauseCount]:
    """How often people were turned away within the last `period`, by cause, the most frequent first."""
    of_it = (
        select(
            LaunchEvent.cause,
            func.sum(LaunchEvent.times),
            func.count(LaunchEvent.registration_id.distinct()),
            func.max(LaunchEvent.id),
        )
        .where(LaunchEvent.outcome == REFUSED, LaunchEvent.at > clock.now() - period)
        .where(*_conditions(wanted or Wanted()))
        .group_by(LaunchEvent.cause)
        .order_by(func.sum(LaunchEvent.times).desc(), LaunchEvent.cause)
    )
    counted = session.execute(of_it).all()
    newest = {
        event.id: _row(event, name)
        for event, name in session.execute(_rows().where(LaunchEvent.id.in_([one[3] for one in counted])))
    }
    return [CauseCount(cause, times, platforms, newest[last]) for cause, times, platforms, last in counted]


def _rows() -> Select[LaunchEvent, str | None]:
    return select(LaunchEvent, Registration.name).outerjoin(
        Registration, Registration.id == LaunchEvent.registration_id
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.platform == UNKNOWN:
        found.append(LaunchEvent.registration_id.is_(None))
    elif wanted.platform is not None:
        found.append(LaunchEvent.registration_id == wanted.platform)
    if wanted.only_refused:
        found.append(LaunchEvent.outcome == REFUSED)
    if wanted.reference:
        found.append(LaunchEvent.reference == wanted.reference.strip().lower()[:16])
    if wanted.cause:
        found.append(LaunchEvent.cause == wanted.cause)
    return found


def _row(event: LaunchEvent, name: str | None) -> LaunchRow:
    return LaunchRow(
        id=event.id,
        at=event.at,
        registration_id=event.registration_id,
        platform=name or "",
        issuer=event.issuer,
        client_id=event.client_id,
        deployment_id=event.deployment_id,
        step=event.step,
        outcome=event.outcome,
        cause=event.cause,
        details=tuple((name, value) for name, value in event.details),
        reference=event.reference,
        times=event.times,
    )
