"""What the fuzzer works on: the application on a database of its own, people at work, and what to look at."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from config.database import Database
from config.settings import from_environment
from config.task_queue import Nudger
from lti_tool.app import create_app
from lti_tool.cli.environment import open_database
from lti_tool.grade_checks import check_grades
from lti_tool.registrations import add_platform
from tests.conformance.platform import CLIENT_ID, DEPLOYMENT_ID, ISSUER, KID, SIBLING_CLIENT_ID
from tests.conformance.visitor import TRACES
from tests.lti_tool.fake_platform import KeySetServer, jwk
from tests.support.factory import Classroom, make_placement
from tests.support.visit import Browser, seat

TOOL = "http://localhost:5000"
# A refused message leaves these as they were; logins spent and key sets asked for may be noted.
KEPT = (
    "registration", "deployment", "context", "resource_link", "lti_user", "learner", "placement", "line_item",
    "browser_session", "seat", "outbox_score", "outcome", "attempt",
)  # fmt: skip


@dataclass
class Verdict:
    """What was sent, what came back, and why it should have been refused, if it should."""

    status: int
    answer: TestResponse
    sent: Any
    must_refuse: str | None = None
    is_let_in: bool = False
    may_write: bool = False


class World:
    """The tool, its platform, and two learners and an instructor with a seat each."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database
        self.settings = app.extensions["coursewright"].settings
        self.client = app.test_client()  # a stranger's
        self.errors: list[str] = []
        with database.transaction() as session:
            classroom = Classroom(session)
            make_placement(session, item_id="lab-1", context_key=classroom.placement.context_key)
            self.people = [classroom.person(name).learner for name in ("ada", "mallory", "grace")]
            self.placement = classroom.placement
        self.browsers: list[Browser] = [
            seat(app.test_client(), database, self.placement, learner, role)
            for learner, role in zip(self.people, ("learner", "learner", "instructor"), strict=True)
        ]
        self.ids = self._known_ids()
        self._csrf = [browser.csrf() for browser in self.browsers]
        self._reader = sqlite3.connect(str(database.engine.url.database))
        self._count = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in KEPT)

    def _known_ids(self) -> dict[str, list[Any]]:
        """Parameters of addresses and what may stand there, right and another's."""
        attempts = [browser.start().rpartition("/")[2] for browser in self.browsers[:2]]
        labs = [browser.begin_lab("lab-1").rpartition("/")[2] for browser in self.browsers[:2]]
        items = [item.id for item in self.app.extensions["coursewright"].catalog.default.items]
        criteria = ["evidence", "reasoning", "1"]
        return {
            "item_id": items, "attempt_key": attempts + labs, "number": [0, 1, 2, -1, 10**12], "criterion_id": criteria,
            "path": ["images/x.svg", "../course.yaml", "course.yaml"],
        }  # fmt: skip

    def csrf(self, number: int) -> str:
        """The mark of the forms of the browser of that number."""
        return self._csrf[number]

    def rows(self) -> int:
        """How many rows the tables hold that a refused message must not touch."""
        return int(self._reader.execute(self._count).fetchone()[0])  # without ceremony: it is asked for every case

    def close(self) -> None:
        """Let go of the database."""
        self._reader.close()

    def faults_of(self, verdict: Verdict, rows_before: int) -> list[str]:
        """Everything an answer must not be."""
        faults = [f"failed: {error}" for error in self.errors]
        self.errors.clear()
        if verdict.status >= 500:
            faults.append(f"answered {verdict.status}")
        if verdict.is_let_in and verdict.must_refuse:
            faults.append(f"let in though it must be refused ({verdict.must_refuse})")
        if not verdict.is_let_in and not verdict.may_write and self.rows() != rows_before:
            faults.append("refused, and yet something was written")
        if verdict.answer.mimetype == "text/html" and any(trace in verdict.answer.text for trace in TRACES):
            faults.append("shows our insides")
        return faults

    def grade_faults(self) -> list[str]:
        """What is wrong with the grades after everything."""
        with self.database.reading() as session:
            return [str(fault) for fault in check_grades(session).faults]


def _without_waiting_for_the_disk(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # nothing here has to survive a power cut


class _Listener(logging.Handler):
    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self._world.errors.append(f"{record.getMessage()}: {cause!r}")


@contextmanager
def opened_world(folder: Path) -> Iterator[World]:
    """A fresh world; everything that is logged as an error counts as a finding."""
    settings = from_environment(
        {
            "COURSEWRIGHT_DATA_DIR": str(folder),
            "COURSEWRIGHT_SECRET_KEY": "the fuzzer's own secret, which is long enough",
            "COURSEWRIGHT_BASE_URL": TOOL,
            "COURSEWRIGHT_RATE_LIMITS": "off",
        }
    )
    database = open_database(settings)
    event.listen(database.engine, "connect", _without_waiting_for_the_disk)
    database.dispose()  # of what is connected already
    keys = KeySetServer()
    keys.keys = [jwk(KID)]
    with database.transaction() as session:
        for client_id in (CLIENT_ID, SIBLING_CLIENT_ID):
            add_platform(
                session, issuer=ISSUER, client_id=client_id, deployment_id=DEPLOYMENT_ID, jwks_url=keys.url,
                auth_login_url="https://lms.example/auth", auth_token_url="https://lms.example/token",
            )  # fmt: skip
    nudge, Nudger.nudge = Nudger.nudge, lambda *_: None  # type: ignore[method-assign]  # nobody works here
    world = World(create_app(settings, database), database)
    listener = _Listener(world)
    logging.getLogger().addHandler(listener)
    try:
        yield world
    finally:
        logging.getLogger().removeHandler(listener)
        Nudger.nudge = nudge  # type: ignore[method-assign]  # as it was
        keys.stop()
        world.close()
        database.dispose()
