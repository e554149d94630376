"""What needs an admin's attention: facts that are true now, most urgent first. Console and metrics tell the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import clock
from config.settings import Budgets
from course.language_model.budgets import standings
from lti_tool.models import OutboxScore, Registration
from lti_tool.outbox import PENDING, STUCK

LATE = timedelta(minutes=5)  # a worker takes what is due within seconds


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to look at. `kind` says what; `number` how many (of `budget`: per cent); `since` when it began."""

    kind: str
    number: int
    since: datetime | None = None


def matters(session: Session, budgets: Budgets) -> list[Matter]:
    """Everything that needs attention; an empty list is the good news."""
    found = [_late(session), _stuck(session), _budget(session, budgets), _platforms(session)]
    return [one for one in found if one is not None]


def _stuck(session: Session) -> Matter | None:
    number, since = session.execute(
        select(func.count(), func.min(OutboxScore.tried_at)).where(OutboxScore.state == STUCK)
    ).one()
    return Matter("stuck", number, since) if number else None


def _late(session: Session) -> Matter | None:
    """Grades that nobody takes although they are due: no worker runs, or the broker does not pass anything on."""
    number, since = session.execute(
        select(func.count(), func.min(OutboxScore.next_try_at)).where(
            OutboxScore.state == PENDING, OutboxScore.next_try_at < clock.now() - LATE
        )
    ).one()
    return Matter("late", number, since) if number else None


def _budget(session: Session, budgets: Budgets) -> Matter | None:
    month = standings(session, budgets)[-1]
    return Matter("budget", round(month.share * 100)) if month.is_near else None


def _platforms(session: Session) -> Matter | None:
    known = session.scalar(select(Registration.id).limit(1))
    return Matter("no_platform", 0) if known is None else None
