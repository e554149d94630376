"""`coursewright grades stuck` and `grades retry`."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from config.database import Database
from lti_tool.cli import main
from tests.workers.cells import make_cell, must_claim, stick

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COURSEWRIGHT_DATABASE_URL", sqlite_database.engine.url.render_as_string())

    def told(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["grades", *words])
        return done.exit_code, done.output

    return told


def test_a_stuck_grade_is_told_with_what_to_do_and_retried(run: Run, sqlite_database: Database) -> None:
    assert run("stuck") == (0, "No platform is registered yet.\n")
    cell = make_cell(sqlite_database, sub="user-7", name="Our LMS")
    row_id = cell.must_owe(3)
    stick(sqlite_database, must_claim(sqlite_database, row_id), "service_403")
    status, told = run("stuck")
    assert status == 0
    for words in ("1 stuck (oldest", "[--cause service_403]", "(HTTP 403)", f"{row_id}  C  ", "3 of 5"):
        assert words in told
    (group,) = json.loads(run("stuck", "--json")[1])["stuck"]
    assert (group["count"], group["title"]) == (1, "The platform does not let us write grades")
    (grade,) = json.loads(run("stuck", "--platform", str(cell.registration_id), "--json")[1])["grades"]
    assert grade["user_id"] == "user-7"
    assert "Retrying 1 grade" in run("retry", str(row_id))[1]
    assert run("retry", str(row_id)) == (0, "That grade is not stuck: it is on its way.\n")
    assert "Nothing is stuck." in run("stuck")[1]
    assert json.loads(run("retry", "--all", "--json")[1]) == {"retried": 0, "state": None}


def test_a_retry_says_what_it_was_not_told(run: Run, sqlite_database: Database) -> None:
    for words, told in (
        ((), "Say which"), (("77",), "There is no grade 77"), (("--platform", "9"), "There is no platform 9"),
        ((str(2**63),), "is not in the range"), (("--platform", str(2**63)), "is not in the range"),
    ):  # fmt: skip
        status, output = run("retry", *words)
        assert status > 0
        assert told in output
