"""How the installation stands: what needs an admin's attention now, most urgent first, and a few figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from config import clock
from config.settings import Budgets
from course.language_model.budgets import standings
from lti_tool.ai_switches import EVERYWHERE, switches_off
from lti_tool.launch_events import LET_IN, REFUSED
from lti_tool.models import Deployment, LaunchEvent, OutboxScore, Registration, Roster
from lti_tool.outbox import PENDING
from lti_tool.permission import DISABLED, may_be_asked, may_be_told
from lti_tool.permission import PENDING as NOT_ALLOWED_YET
from lti_tool.stuck_scores import owed
from lti_tool.worker_signs import last_sweep

LATE = timedelta(minutes=5)  # a worker takes what is due within seconds
SILENT = timedelta(minutes=2)  # and sweeps up every ten seconds
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to look at. `kind` says what; `number` how many (of `budget`: per cent); `since` when it began."""

    kind: str
    number: int = 1
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is so when all is well. `came_in`, `turned_away` and `delivered` are of the last day, `spent` and `budget`
    of this calendar month (UTC), in millionths of a US dollar. `worker_seen_at` is None where none was yet."""

    platforms: int
    came_in: int
    turned_away: int
    on_their_way: int
    delivered: int
    worker_seen_at: datetime | None
    spent: int
    budget: int


def matters(session: Session, budgets: Budgets) -> list[Matter]:
    """Everything that needs attention; an empty list is the good news."""
    return [*_workers(session), *_grades(session), *_platforms(session), *_models(session, budgets)]


def figures(session: Session, budgets: Budgets) -> Figures:
    """The figures, for beside the matters."""
    month = standings(session, budgets)[-1]
    platforms = owed(session).platforms
    return Figures(
        platforms=len(platforms),
        came_in=_launches(session, LET_IN),
        turned_away=_launches(session, REFUSED),
        on_their_way=sum(one.on_the_way for one in platforms),
        delivered=sum(one.delivered for one in platforms),
        worker_seen_at=last_sweep(session),
        spent=month.spent,
        budget=month.limit,
    )


def _workers(session: Session) -> Iterator[Matter]:
    """No worker sweeps up: clock, broker or workers are down. One that has never run is missed only by what waits."""
    seen_at = last_sweep(session)
    if seen_at is not None and seen_at < clock.now() - SILENT:
        yield Matter("worker_silent", since=seen_at)


def _grades(session: Session) -> Iterator[Matter]:
    late = select(OutboxScore.next_try_at).where(
        OutboxScore.state == PENDING,
        OutboxScore.next_try_at < clock.now() - LATE,
        may_be_told(OutboxScore.line_item_id),
    )
    yield from _of_rows(session, "late", late)
    platforms = [one for one in owed(session).platforms if one.stuck]
    if platforms:
        since = min(one.oldest_stuck for one in platforms if one.oldest_stuck)
        yield Matter("stuck", sum(one.stuck for one in platforms), since)


def _platforms(session: Session) -> Iterator[Matter]:
    if session.scalar(select(Registration.id).limit(1)) is None:
        yield Matter("no_platform")
    for kind, table in (("registration_waits", Registration), ("deployment_waits", Deployment)):
        waiting = select(func.coalesce(table.state_since, table.created_at)).where(table.state == NOT_ALLOWED_YET)
        yield from _of_rows(session, kind, waiting)
    is_off = select(Registration.state_since).where(Registration.state == DISABLED)
    yield from _of_rows(session, "registration_off", is_off)
    refused = select(func.sum(LaunchEvent.times), func.min(LaunchEvent.at)).where(
        LaunchEvent.outcome == REFUSED,
        LaunchEvent.at > clock.now() - LATELY,
        LaunchEvent.registration_id.is_not(None),  # strangers try addresses all day
    )
    number, since = session.execute(refused).one()
    if number:
        yield Matter("refused", number, since)
    not_read = select(Roster.tried_at).where(Roster.cause.is_not(None), may_be_asked(Roster.context_id))
    yield from _of_rows(session, "roster_not_read", not_read)


def _models(session: Session, budgets: Budgets) -> Iterator[Matter]:
    off = switches_off(session)
    if off:
        is_everywhere = off[0].place.scope == EVERYWHERE
        yield Matter("ai_off_everywhere" if is_everywhere else "ai_off", len(off), min(one.at for one in off))
    month = standings(session, budgets)[-1]
    if month.limit and month.is_near:
        yield Matter("budget", round(month.share * 100))


def _of_rows(session: Session, kind: str, moments: Select[Any]) -> Iterator[Matter]:
    """One matter for all rows of a query, since the first of their moments."""
    rows = moments.subquery()
    number, since = session.execute(select(func.count(), func.min(rows.c[0]))).one()
    if number:
        yield Matter(kind, number, since)


def _launches(session: Session, outcome: str) -> int:
    total = select(func.sum(LaunchEvent.times)).where(
        LaunchEvent.outcome == outcome, LaunchEvent.at > clock.now() - LATELY
    )
    return session.scalar(total) or 0
