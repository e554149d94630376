"""The application on a real database, with a seated learner. Nudges are recorded instead of sent."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from config.database import Database
from config.settings import Settings
from config.task_queue import Nudger, TaskName
from lti_tool.admin import passwords, signing_in
from lti_tool.app import create_app
from lti_tool.models import LtiUser
from lti_tool.web import labs
from tests.support.factory import Classroom
from tests.support.visit import Browser, seat

on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@dataclass
class Room:
    """A classroom with its application, and Ada sitting in it."""

    app: Flask
    database: Database
    classroom: Classroom
    ada: LtiUser
    nudges: list[tuple[str, Any]] = field(default_factory=list)

    def browser(self, person: LtiUser | None = None, role: str = "learner") -> Browser:
        return seat(self.app.test_client(), self.database, self.classroom.placement, (person or self.ada).learner, role)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of one kind: SQLite, unless the module names another as its `DATABASE` or a test asks for both.

    What depends on the kind is tested on both, mostly in tests/course, grading, lti_tool and workers, without pages."""
    kind = getattr(request, "param", getattr(request.module, "DATABASE", "sqlite"))
    return str(request.getfixturevalue("postgres_url" if kind == "postgresql" else "sqlite_url"))


@pytest.fixture
def room(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Room:
    app = create_app(settings, database)
    with database.transaction() as session:
        classroom = Classroom(session)
        ada = classroom.person("ada")
    made = Room(app, database, classroom, ada)

    def record(_: Nudger, task: TaskName, *args: Any) -> None:
        made.nudges.append((task.name, args))

    monkeypatch.setattr(Nudger, "nudge", record)
    monkeypatch.setattr(labs, "PATIENCE_SECONDS", 60.0)  # a busy machine's reply is on the page too
    return made


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost no time; everything else about them stays."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(signing_in, "_nobodys", lambda: passwords.hashed("nobody’s"))
