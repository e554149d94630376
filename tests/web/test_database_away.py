"""While the database is away every page and action says so, and when it is back all goes on as before."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.web.admin import cookies as admin_cookies
from lti_tool.web.cookies import SESSION
from tests.support.factory import QUIZ
from tests.web.conftest import Room

DATABASE = "postgresql"
KEYS = {"placement_key": "2" * 12, "learner_key": "2" * 12, "key": "k" * 32}  # they can be ours: the database is asked
TITLE = "Coursewright cannot reach its database"


@pytest.fixture
def app_without(settings: Settings) -> Iterator[Flask]:
    """An application whose database nobody serves."""
    database = Database(f"postgresql://nobody@127.0.0.1:{free_port(0)}/nothing")
    yield create_app(settings, database)
    database.dispose()


def test_every_route_behind_a_door_says_so(app_without: Flask) -> None:
    client = app_without.test_client()
    for cookie in (SESSION, admin_cookies.SESSION):
        client.set_cookie(cookie, "s" * 43)
    seen = 0
    for rule in app_without.url_map.iter_rules():
        if app_without.view_functions[rule.endpoint].guard == "public":  # type: ignore[attr-defined]  # set by guards
            continue
        path = re.sub(r"<(?:int:)?(\w+)>", lambda found: KEYS.get(found[1], "1"), rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            page = client.open(path, method=method)
            assert (page.status_code, page.headers.get("Retry-After")) == (503, "5"), rule.rule
            assert TITLE in page.text
            told = client.open(path, method=method, headers={"Accept": "application/json"})
            assert (told.status_code, told.headers.get("Retry-After")) == (503, "5"), rule.rule
            assert told.json is not None
            assert (told.json["error"]["code"], told.json["error"]["title"]) == ("database_away", TITLE)
            seen += 1
    assert seen > 15


def test_a_launch_says_so(app_without: Flask) -> None:
    asked = {"iss": "https://lms.example.org", "login_hint": "1", "target_link_uri": "http://localhost:5000/lti/launch"}
    answer = app_without.test_client().post("/lti/login", data=asked)
    assert answer.status_code == 503
    assert "Nothing that was saved is lost." in answer.text


def test_a_database_that_goes_away_and_comes_back_costs_no_more_than_the_requests_between(
    room: Room, postgres: str
) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    name = make_url(str(room.database.engine.url)).database
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        server.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )
        assert ada.get(f"/items/{QUIZ.id}").status_code == 503
        assert ada.post(attempt, csrf=csrf, json=True, action="save").status_code == 503
        server.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    engine.dispose()
    assert ada.get(f"/items/{QUIZ.id}").status_code == 200
    assert ada.hand_in(attempt, 5).status_code == 303
