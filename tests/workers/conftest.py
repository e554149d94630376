"""A clock that tests move, a platform on the loopback, and a deliverer that posts to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import requests

from config import clock
from config.database import Database
from config.outbound import make_session
from lti_tool.delivery import Deliverer
from tests.workers.platform_server import PlatformServer


class MovedClock:
    """Stands still, at a fraction of a second, until a test moves it."""

    def __init__(self) -> None:
        self.moment: datetime = clock.now().replace(microsecond=250_000)

    def now(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def move_to(self, moment: datetime) -> None:
        self.moment = max(self.moment, moment)


@pytest.fixture
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    moved = MovedClock()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved


@pytest.fixture
def server() -> Iterator[PlatformServer]:
    with PlatformServer() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with make_session(allow_private=True) as session:
        yield session


@pytest.fixture
def deliverer(database: Database, http: requests.Session) -> Deliverer:
    return Deliverer(database, http)
