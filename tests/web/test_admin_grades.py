"""The console's page of grades: a stuck one is found, explained and let go; what else waits stands beside it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from config import clock
from config.database import Database
from config.settings import Settings
from config.task_queue import DELIVER_SCORES, Nudger, TaskName
from course.models import Attempt
from lti_tool.app import create_app
from lti_tool.models import ColumnSearch, OutboxScore, Registration, Roster
from lti_tool.outbox import NO_LINE_ITEM, TEACHERS_GRADE
from lti_tool.permission import DISABLED
from tests.support.admins import csrf_of, sign_in
from tests.workers.cells import Cell, make_cell, must_claim, retry, stick


@pytest.fixture
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[TaskName, tuple[object, ...]]]:
    found: list[tuple[TaskName, tuple[object, ...]]] = []
    monkeypatch.setattr(Nudger, "nudge", lambda _self, task, *args: found.append((task, args)))
    return found


@pytest.fixture
def client(settings: Settings, sqlite_database: Database, nudged: object, cheap_passwords: None) -> FlaskClient:
    return sign_in(create_app(replace(settings, rate_limits=False), sqlite_database).test_client())


def _stuck(database: Database, cause: str, issuer: str = "https://lms.example.org", name: str = "Our LMS") -> Cell:
    cell = make_cell(database, sub="a-long-user-id-of-a-platform", issuer=issuer, name=name)
    stick(database, must_claim(database, cell.must_owe(3)), cause)
    return cell


def _post(client: FlaskClient, path: str, **form: object) -> str:
    answer = client.post(path, data={"csrf_token": csrf_of(client), **form})
    assert answer.status_code == 303
    return answer.location or ""


def test_nothing_stuck_is_good_news(client: FlaskClient) -> None:
    page = client.get("/admin/grades").text
    assert "No grade is stuck." in page
    assert "No platform is registered yet" in page


def test_a_stuck_grade_is_found_understood_and_let_go(
    client: FlaskClient, sqlite_database: Database, nudged: list[tuple[TaskName, tuple[object, ...]]]
) -> None:
    cell = _stuck(sqlite_database, "service_404")
    (row,) = cell.rows()
    page = client.get("/admin/grades").text
    for words in ("The gradebook column is gone", "Ask an instructor to open the activity", "Our LMS", "Retry 1 grade"):
        assert words in page
    listed = client.get(f"/admin/grades/stuck?platform={cell.registration_id}&cause=service_404").text
    assert f'name="score" value="{row.id}"' in listed
    assert "a-long-user-id…" in listed
    assert "3 of 5" in listed
    assert _post(client, "/admin/grades/retry", score=row.id) == "/admin/grades#tried"
    assert (DELIVER_SCORES, ([row.id],)) in nudged
    page = client.get("/admin/grades").text
    assert 'data-pending="yes"' in page
    assert "1 is on its way." in page
    nudged.clear()
    assert _post(client, "/admin/grades/retry", score=row.id) == "/admin/grades?none=#tried"
    assert nudged == []
    assert "Nothing of that is stuck any more" in client.get("/admin/grades?none=").text
    stick(sqlite_database, must_claim(sqlite_database, row.id), "locked")
    page = client.get("/admin/grades").text
    assert "1 still refused: The gradebook is locked there." in page
    assert 'data-pending="no"' in page


def test_all_of_a_cause_or_of_a_platform_are_let_go(client: FlaskClient, sqlite_database: Database) -> None:
    first, other = _stuck(sqlite_database, "locked"), _stuck(sqlite_database, "locked", "https://b.example")
    _post(client, "/admin/grades/retry", platform=first.registration_id, cause="locked")
    assert (first.states(), other.states()) == (["pending"], ["stuck"])
    _post(client, "/admin/grades/retry", platform=other.registration_id)
    assert other.states() == ["pending"]
    _post(client, "/admin/grades/retry", platform="x")
    assert client.post("/admin/grades/retry", data={"csrf_token": "no"}).status_code == 403


def test_a_platform_that_is_switched_off_says_that_its_grades_wait(
    client: FlaskClient, sqlite_database: Database
) -> None:
    cell = make_cell(sqlite_database)
    with sqlite_database.transaction() as session:
        session.get_one(Registration, cell.registration_id).state = DISABLED
    assert "Switched off here: its grades wait until it is on again." in client.get("/admin/grades").text


def test_a_retry_that_names_nothing_is_not_one_of_everything(client: FlaskClient, sqlite_database: Database) -> None:
    cell = _stuck(sqlite_database, "locked")
    for form in ({}, {"score": "x"}, {"platform": "x", "cause": "locked"}, {"score": "9" * 30}):
        _post(client, "/admin/grades/retry", **form)
    assert cell.states() == ["stuck"]


def test_a_teachers_grade_asks_for_nothing(client: FlaskClient, sqlite_database: Database) -> None:
    cell = _stuck(sqlite_database, TEACHERS_GRADE)
    page = client.get("/admin/grades").text
    assert "No grade is stuck." in page
    assert "A teacher’s grade stands in the gradebook" in page
    assert f"platform={cell.registration_id}" in page


def test_what_else_waits_stands_below(client: FlaskClient, sqlite_database: Database) -> None:
    cell = _stuck(sqlite_database, NO_LINE_ITEM)
    failing = make_cell(sqlite_database, issuer="https://b.example")
    retry(sqlite_database, must_claim(sqlite_database, failing.must_owe(2)), "service_no_answer_ConnectTimeout")
    with sqlite_database.transaction() as session:
        session.add(ColumnSearch(line_item_id=cell.line_item_id, wanted={}, next_try_at=None, cause="service_403"))
        session.get_one(OutboxScore, cell.rows()[0].id).line_item.url = None
        session.add(Roster(context_id=1, url="https://x", cause="service_403", tried_at=clock.now()))
        attempt = session.scalars(select(Attempt).limit(1)).one()
        attempt.submitted_at, attempt.ends_at = None, clock.now() - timedelta(hours=1)
    page = client.get("/admin/grades").text
    for words in (
        "1 column: The platform does not let us make columns.", "Look again",
        "1 course: The platform does not give us the list of people.",
        "1 attempt is over and not handed in yet", "tried in vain so far",
    ):  # fmt: skip
        assert words in page
    assert _post(client, "/admin/grades/columns", platform=cell.registration_id) == "/admin/grades#columns"
    assert "Look again" not in client.get("/admin/grades").text
