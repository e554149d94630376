"""The command that takes the certified steps of grades at a platform, and shows what went over the line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from config import clock
from config.database import Database
from lti_tool.cli import main
from lti_tool.models import LineItem
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.personality import Personality
from tests.support.factory import QUIZ, Classroom
from tests.support.practice import ADA, PracticeLms


@pytest.fixture(params=[moodle, canvas], ids=["moodle", "canvas"])
def lms(request: pytest.FixtureRequest, tmp_path: Path, sqlite_database: Database) -> Iterator[PracticeLms]:
    personality: Personality = request.param
    running = PracticeLms(tmp_path / "lms", personality, sqlite_database, QUIZ.id)
    with sqlite_database.transaction() as session:
        classroom = Classroom(session, product_family=running.family, **running.registration())
        classroom.line_item.container_url = running.ags(ADA, "quiz")["lineitems"]
        running.context_key = f"context-{classroom.context.id}"
    yield running
    running.stop()


def run(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("COURSEWRIGHT_DATA_DIR", str(folder))
    monkeypatch.setenv("COURSEWRIGHT_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS", "on")
    return CliRunner().invoke(main, ["platforms", "try-grades", *words])


def test_every_step_is_taken_and_shown_and_nothing_stays(
    lms: PracticeLms, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = run(sqlite_database, tmp_path, monkeypatch, "--context", lms.context_key, "--user", lms.sub(ADA))

    assert answer.exit_code == 0, answer.output
    steps = [line[6:] for line in answer.output.splitlines() if line.startswith("ok  ")]
    assert steps == [
        "make a column", "find it again", "rename it", "send a score", "read the result", "remove the column",
    ]  # fmt: skip
    assert "application/vnd.ims.lis.v1.score+json" in answer.output
    assert "Bearer" not in answer.output
    assert lms.grades("coursewright-trial") == {}


def test_a_step_that_fails_is_told_and_the_column_is_removed(
    lms: PracticeLms, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--context", lms.context_key, "--user", "nobody", "--json")
    answer = run(sqlite_database, tmp_path, monkeypatch, *words)
    told = json.loads(answer.output)

    assert (answer.exit_code, told["ok"]) == (1, False)
    assert [(one["name"], bool(one["fault"])) for one in told["steps"]][-2:] == [
        ("send a score", True),
        ("remove the column", False),
    ]


def test_a_context_without_a_gradebook_is_told(
    lms: PracticeLms, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_database.transaction() as session:
        for line_item in session.scalars(select(LineItem)):
            line_item.container_url, line_item.updated_at = None, clock.now()
    answer = run(sqlite_database, tmp_path, monkeypatch, "--context", lms.context_key, "--user", "1")

    assert answer.exit_code == 1
    assert "No launch of this context has offered its gradebook" in answer.output
