"""Limits by address, browser and platform: a clear 429 beyond them, and no limit where they are switched off."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.web import rate_limits
from tests.support.factory import Classroom
from tests.support.visit import Browser, seat

ASKED = {"iss": "https://lms.example.org", "login_hint": "ada", "client_id": "client-1"}


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can reach, each of its own height."""
    for name, limit in {"BY_ADDRESS": 12, "BY_BROWSER": 5, "BY_PLATFORM": 8, "WORK": 6}.items():
        monkeypatch.setattr(rate_limits, name, f"{limit} per hour")  # no minute ends within a test


@pytest.fixture
def app(low: None, settings: Settings, sqlite_database: Database) -> Iterator[Flask]:
    return create_app(settings, sqlite_database)


@pytest.fixture
def visitor(app: Flask, sqlite_database: Database) -> Browser:
    with sqlite_database.transaction() as session:
        classroom = Classroom(session)
        learner = classroom.person("ada").learner
    return seat(app.test_client(), sqlite_database, classroom.placement, learner)


def until_refused(ask: Any) -> int:
    """How many are answered before the limit says no, and that it says so well."""
    for count in range(50):
        answer = ask()
        if answer.status_code == 429:
            assert answer.headers["Retry-After"] == "60"
            assert "Too many tries at once" in answer.text
            assert "Wait a minute" in answer.text
            return count
    raise AssertionError("there is no limit")


def test_one_address_is_limited(app: Flask) -> None:
    numbers = iter(range(100))
    assert until_refused(lambda: app.test_client().post("/lti/login", data={**ASKED, "iss": f"{next(numbers)}"})) == 12
    assert until_refused(lambda: app.test_client().post("/lti/launch", data={})) == 12


def test_one_platform_is_limited_and_its_neighbour_is_not(app: Flask) -> None:
    addresses = iter(range(1, 100))

    def ask(**changes: str) -> Any:
        elsewhere = {"REMOTE_ADDR": f"10.0.0.{next(addresses)}"}
        return app.test_client().post("/lti/login", data={**ASKED, **changes}, environ_base=elsewhere)

    assert until_refused(ask) == 8
    assert ask(client_id="client-2").status_code == 404, "a sibling of the same issuer is another platform"


def test_one_browser_is_limited_and_its_neighbour_is_not(visitor: Browser, app: Flask) -> None:
    assert until_refused(lambda: visitor.client.post("/lti/launch", data={})) == 5
    assert app.test_client().post("/lti/launch", data={}).status_code == 400


def test_a_body_too_long_to_be_read_does_not_lift_the_limits(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = app.test_client().post("/lti/login", data={**ASKED, "login_hint": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "storage" not in caplog.text


def test_work_in_a_visit_is_limited_page_by_page(visitor: Browser) -> None:
    assert until_refused(lambda: visitor.get("/items/lesson-1")) == 6
    assert visitor.get("/module").status_code == 200


def test_without_limits_a_login_is_answered_however_long_the_tool_runs(
    settings: Settings, sqlite_database: Database
) -> None:
    app = create_app(replace(settings, rate_limits=False), sqlite_database)
    gc.collect()  # the library keeps no hold on a limiter that is switched off
    answer = app.test_client().post("/lti/login", data={"iss": "https://lms.example.org", "login_hint": "ada"})
    assert answer.status_code == 404, "there is no such platform, and no fault of ours"


def test_guesses_at_invitations_are_slowed_down_and_told_when_to_come_back(
    settings: Settings, sqlite_database: Database
) -> None:
    client = create_app(replace(settings, rate_limits=True), sqlite_database).test_client()
    answers = [client.get(f"/lti/register?invitation={number}").status_code for number in range(70)]
    assert set(answers) == {403, 429}
    assert client.get("/lti/login?iss=x").status_code != 429, "a class may go on launching"
