"""Rules of the built-in quiz for one context, more of something for one learner, and a clock that can be moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from config import clock
from config.database import Database
from course.accommodations import set_accommodation
from course.models import Placement
from course.policies import set_override
from tests.support.factory import BUILT_IN, QUIZ


def set_rules(database: Database, placement: Placement, **rules: Any) -> None:
    """Override rules of the quiz in the placement's context; dates may be moments."""
    values = {
        name: rule.isoformat(timespec="seconds") if isinstance(rule, datetime) else rule for name, rule in rules.items()
    }
    with database.transaction() as session:
        set_override(session, placement.context_key, BUILT_IN, QUIZ, values)


def give_more(database: Database, placement: Placement, learner_id: int, **values: Any) -> None:
    """Give a learner an accommodation for all items of the placement's context."""
    with database.transaction() as session:
        set_accommodation(session, placement.context_key, learner_id, **values)


@dataclass
class MovableClock:
    """The server's clock, stopped until it is moved."""

    now: datetime

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


def movable_clock(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """Stop the server's clock at a whole second."""
    stopped = MovableClock(clock.now().replace(microsecond=0))
    monkeypatch.setattr(clock, "now", lambda: stopped.now)
    return stopped
