"""What every answer says to the browser: each route, asked by those who may and those who may not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.database import Database
from config.settings import Settings
from lti_tool.app import MAX_BODY_BYTES, create_app
from lti_tool.models import Registration
from tests.support.tenants import ENDLESS, Tenants, ask, opened_tenants, tails

FRAMED_FROM = {"'self'", "http://127.0.0.1:5080", "https://p1.example"}  # the launch's return address; the sign-in


@pytest.fixture(scope="module")
def tenants(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    with opened_tenants(sqlite_template, tmp_path_factory.mktemp("tenants")) as made:
        yield made


def policy(answer: TestResponse) -> dict[str, set[str]]:
    """The answer's Content-Security-Policy by directive."""
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: set(values) for name, *values in parts}


def assert_sound(answer: TestResponse, what: str) -> None:
    """What holds for every answer of ours, good or bad."""
    said = policy(answer)
    assert said["default-src"] == {"'none'"}, what
    assert said["script-src"] == said["style-src"] == {"'self'"}, what
    assert "unsafe" not in answer.headers["Content-Security-Policy"], what
    assert answer.headers["Referrer-Policy"] == "same-origin", what
    assert "microphone=()" in answer.headers["Permissions-Policy"], what
    assert answer.headers["Content-Type"], what
    assert "X-Frame-Options" not in answer.headers, what  # we live in frames
    assert not {"Server", "X-Powered-By"} & set(answer.headers.keys()), what
    for cookie in answer.headers.getlist("Set-Cookie"):
        for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert part in cookie, what


def test_every_page_of_a_visit_is_kept_by_nobody_and_framed_only_from_its_platform(tenants: Tenants) -> None:
    place = tenants.places[0]
    seen = 0
    for actor in (place.people["ada"], place.people["grace"]):
        for rule, method in tenants.rules("learner_page"):
            for tail in [] if rule.endpoint in ENDLESS else tails(rule, place.people["ada"]):
                answer = ask(actor, actor.browser.base, tail, method, "")
                what = f"{rule.rule} {answer.status_code}"
                assert_sound(answer, what)
                assert answer.headers["Cache-Control"] == "no-store", what
                assert policy(answer)["frame-ancestors"] == FRAMED_FROM, what
                assert policy(answer)["form-action"] == {"'self'"}, what
                seen += 1
    assert seen > 40


def test_every_form_of_a_visit_answers_as_soundly(tenants: Tenants) -> None:
    ada = tenants.places[0].people["ada"]
    for rule, method in tenants.rules("learner_action"):
        for tail in tails(rule, ada):
            for csrf in ("", ada.browser.csrf()):
                answer = ask(ada, ada.browser.base, tail, method, csrf)
                assert_sound(answer, rule.rule)
                assert answer.headers["Cache-Control"] == "no-store"


def test_every_other_route_answers_as_soundly_and_sets_no_cookie(tenants: Tenants) -> None:
    client = tenants.app.test_client()
    guards = {getattr(view, "guard", "") for view in tenants.app.view_functions.values()}
    for rule, method in tenants.rules(*(guards - {"learner_page", "learner_action"})):
        path = re.sub(r"<[^>]+>", "abc", rule.rule)
        answer = client.open(path, method=method)
        assert_sound(answer, path)
        assert "Set-Cookie" not in answer.headers, path
        if rule.endpoint != "static":
            assert answer.headers["Cache-Control"] == "no-store", path


def test_a_page_may_also_be_framed_where_the_registration_says(tenants: Tenants) -> None:
    def listed(*origins: str) -> set[str]:
        with tenants.database.transaction() as session:
            registration = session.scalars(
                select(Registration).where(Registration.issuer == "https://p1.example")
            ).one()
            registration.frame_origins = list(origins)
        return policy(tenants.places[0].people["ada"].browser.get("/items/lesson-1"))["frame-ancestors"]

    assert listed("https://portal.example") == FRAMED_FROM | {"https://portal.example"}
    assert listed() == FRAMED_FROM


def test_only_production_insists_on_https(settings: Settings, sqlite_database: Database) -> None:
    at_home = create_app(settings, sqlite_database).test_client().get("/")
    served = create_app(replace(settings, env="production"), sqlite_database).test_client().get("/")
    assert "Strict-Transport-Security" not in at_home.headers
    assert served.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_body_beyond_the_limit_is_told_in_words_on_every_route_that_takes_one(tenants: Tenants) -> None:
    ada = tenants.places[0].people["ada"]
    body = {"csrf_token": ada.browser.csrf(), "text": "x" * (MAX_BODY_BYTES + 1)}
    paths = {ada.browser.base + tails(rule, ada)[0] for rule, _ in tenants.rules("learner_action")}
    for path in sorted(paths | {"/lti/login", "/lti/launch", "/lti/continue"}):
        answer = ada.browser.client.post(path, data=body, headers={"Origin": "http://localhost:5000"})
        assert answer.status_code == 413, path
        assert "That is too long" in answer.text


class _BrokenOff(BytesIO):
    """A body as the server hands it on, whose end never comes."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def readinto(self, buffer: object) -> int:
        raise self._error

    def read(self, size: int | None = -1) -> bytes:
        raise self._error


@pytest.mark.parametrize("error", [InvalidChunkSize(b"zz"), NoMoreData(b"")])
def test_a_body_that_breaks_off_is_the_senders_fault(tenants: Tenants, error: Exception) -> None:
    client = tenants.places[0].people["ada"].browser.client
    for path in ("/lti/login", "/lti/launch"):
        answer = client.post(
            path,
            content_type="application/x-www-form-urlencoded",
            input_stream=_BrokenOff(error),
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == 400, path
        assert "cannot be read" in answer.text
