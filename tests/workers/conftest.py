"""A clock that tests move, a platform on the loopback, and a deliverer that posts to it."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, make_url, text

from config import clock
from config.database import Base, Database
from config.outbound import make_session
from lti_tool.delivery import Deliverer
from tests.support.practice import TOOL
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


@pytest.fixture(scope="module")
def sqlite_kept(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    file = tmp_path_factory.mktemp("kept") / "coursewright.sqlite"
    shutil.copy(sqlite_template, file)
    opened = Database(f"sqlite:///{file}")
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def postgres_kept(postgres: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    name = request.module.__name__.rpartition(".")[2]
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_coursewright"))
    opened = Database(make_url(postgres).set(database=name).render_as_string(hide_password=False))
    yield opened
    opened.dispose()
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database of either kind, emptied: making one for each of these many tests would take most of their time."""
    return _emptied(request.getfixturevalue("postgres_kept" if request.param == "postgresql" else "sqlite_kept"))


@pytest.fixture
def sqlite_database(sqlite_kept: Database) -> Database:
    """The same, where the kind makes no difference."""
    return _emptied(sqlite_kept)


def _emptied(kept: Database) -> Database:
    with kept.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in {"tool_key", "audit_entry"}:  # keys take long to make; the log lets nobody empty it
                session.execute(table.delete())
    return kept


@pytest.fixture
def server() -> Iterator[PlatformServer]:
    with PlatformServer() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with make_session(allow_private=True) as session:
        yield session


@pytest.fixture
def deliverer(sqlite_database: Database, http: requests.Session) -> Deliverer:
    return Deliverer(sqlite_database, http, TOOL)
