"""A frame that keeps no cookie at a platform that keeps a secret for us: what is asked, and what it opens for whom."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.models import LoginState, Seat
from tests.lti_tool.fake_platform import INSTRUCTOR, KeySetServer
from tests.support.factory import QUIZ
from tests.web.test_launch import TOOL, World

FRAMED = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
OURS = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin", "Origin": TOOL}
TARGET = "post_message_forwarding"


@pytest.fixture
def keys() -> Iterator[KeySetServer]:
    server = KeySetServer()
    yield server
    server.stop()


@pytest.fixture
def world(settings: Settings, sqlite_database: Database, keys: KeySetServer) -> World:
    return World(create_app(settings, sqlite_database), sqlite_database, keys)


@pytest.fixture
def frame(world: World) -> FlaskClient:
    """A browser that keeps no cookie."""
    return world.app.test_client(use_cookies=False)


class _Page(HTMLParser):
    """What the page's script reads."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.onward = ""
        self.fields: dict[str, str] = {}
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "data-storage" in given:
            self.data = {name: value for name, value in given.items() if name.startswith("data-")}
        if "data-onward" in given:
            self.onward = given.get("href") or given.get("action") or ""
        if "data-value" in given:
            self.data["data-value"] = given["value"]
        elif tag == "input":
            self.fields[given["name"]] = given.get("value", "")


def login(world: World, client: FlaskClient, headers: dict[str, str], **more: str) -> TestResponse:
    values = {
        "iss": world.platform.issuer, "login_hint": "17", "client_id": "client-1",
        "target_link_uri": f"{TOOL}/lti/launch", **more,
    }  # fmt: skip
    return client.post("/lti/login", base_url=TOOL, data=values, headers=headers)


def kept(world: World, frame: FlaskClient) -> tuple[_Page, dict[str, str]]:
    """A login whose secret the platform keeps: its page, and what the way onward says."""
    page = _Page(login(world, frame, FRAMED, lti_storage_target=TARGET))
    return page, {name: values[0] for name, values in parse_qs(urlsplit(page.onward).query).items()}


def asked(world: World, frame: FlaskClient, **changes: Any) -> tuple[_Page, _Page]:
    """A launch that found no cookie: the login's page, and the one that asks the platform."""
    before, sent = kept(world, frame)
    changes.setdefault("TARGET_LINK_URI", f"{TOOL}/lti/launch")
    form = {"state": sent["state"], "id_token": world.platform.token(sent["nonce"], **changes)}
    answer = frame.post("/lti/launch", base_url=TOOL, data={**form, "lti_storage_target": TARGET}, headers=FRAMED)
    assert answer.status_code == 200
    return before, _Page(answer)


def handed_in(frame: FlaskClient, page: _Page, binding: str, **headers: str) -> TestResponse:
    fields = {**page.fields, "binding": binding}
    return frame.post(page.onward, base_url=TOOL, data=fields, headers={**OURS, **headers})


def test_the_login_asks_the_platforms_own_sign_in_to_keep_a_secret_and_sets_the_cookie_too(
    world: World, frame: FlaskClient
) -> None:
    answer = login(world, frame, FRAMED, lti_storage_target=TARGET)
    page = _Page(answer)
    state = parse_qs(urlsplit(page.onward).query)["state"][0]
    assert page.onward.startswith("https://lms.example/auth?tenant=1&")
    assert page.data["data-target"] == TARGET
    assert page.data["data-origin"] == "https://lms.example"
    assert page.data["data-key"] == f"state_{state}"
    assert len(page.data["data-value"]) == 32
    assert page.data["data-value"] not in page.onward
    assert "coursewright_login_" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("headers", "more"),
    [
        ({}, {"lti_storage_target": TARGET}),
        ({"Sec-Fetch-Dest": "document"}, {"lti_storage_target": TARGET}),
        (FRAMED, {}),
        (FRAMED, {"lti_storage_target": ""}),
        (FRAMED, {"lti_storage_target": "<script>"}),
        (FRAMED, {"lti_storage_target": "x" * 65}),
        ({**FRAMED, "Cookie": "coursewright_session=abc"}, {"lti_storage_target": TARGET}),
    ],
)
def test_where_nobody_offers_it_or_cookies_work_the_way_is_the_short_one(
    world: World, frame: FlaskClient, headers: dict[str, str], more: dict[str, str]
) -> None:
    assert login(world, frame, headers, **more).status_code == 302


def test_a_browser_with_the_cookie_is_asked_for_nothing(world: World) -> None:
    browser = world.browser()
    _, sent = kept(world, browser)
    token = world.platform.token(sent["nonce"], TARGET_LINK_URI=f"{TOOL}/lti/launch")
    form = {"state": sent["state"], "id_token": token, "lti_storage_target": TARGET}
    answer = browser.post("/lti/launch", base_url=TOOL, data=form, headers=FRAMED)
    assert answer.status_code == 303
    assert "~" not in answer.location


def test_what_the_platform_kept_opens_the_activity_in_a_frame_without_cookies(world: World, frame: FlaskClient) -> None:
    before, page = asked(world, frame)
    assert "data-value" not in page.data
    assert page.data["data-key"] == before.data["data-key"]
    entered = handed_in(frame, page, before.data["data-value"])
    assert entered.status_code == 303
    place = entered.location
    quiz = frame.get(f"{place}/items/{QUIZ.id}", base_url=TOOL, headers=OURS)
    assert quiz.status_code == 200
    assert f'action="{place}/items/{QUIZ.id}/attempts"' in quiz.text, "every address of the visit carries it along"
    csrf = quiz.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    begun = frame.post(f"{place}/items/{QUIZ.id}/attempts", base_url=TOOL, data={"csrf_token": csrf}, headers=OURS)
    assert begun.status_code == 303
    language = {"csrf_token": csrf, "language": "en", "back": f"{place}/items/{QUIZ.id}"}
    back = frame.post(f"{place}/language", base_url=TOOL, data=language, headers=OURS)
    assert back.status_code in {303, 422}


def test_such_an_address_opens_nothing_when_somebody_elses_page_leads_to_it(world: World, frame: FlaskClient) -> None:
    before, page = asked(world, frame)
    place = handed_in(frame, page, before.data["data-value"]).location
    for site in ("cross-site", "same-site", ""):
        assert frame.get(f"{place}/module", base_url=TOOL, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert frame.get(f"{place}x/module", base_url=TOOL, headers=OURS).status_code == 403
    cut = place.partition("~")[0]
    assert frame.get(f"{cut}/module", base_url=TOOL, headers=OURS).status_code == 403
    other = place.rpartition("/")[0].rpartition("/")[0] + "/abcdefghjkmn/" + place.rpartition("/")[2]
    assert frame.get(f"{other}/module", base_url=TOOL, headers=OURS).status_code == 403


def test_another_secret_or_none_lets_nobody_in(world: World, frame: FlaskClient) -> None:
    _, page = asked(world, frame)
    assert 400 <= handed_in(frame, page, "x" * 32).status_code < 500
    _, page = asked(world, frame)
    without = handed_in(frame, page, "")
    assert 400 <= without.status_code < 500
    assert "In a window of its own it can" in without.text
    with world.database.reading() as session:
        assert not session.scalars(select(Seat)).all()


def test_only_our_own_page_may_hand_it_in_and_only_once(world: World, frame: FlaskClient) -> None:
    before, page = asked(world, frame)
    secret = before.data["data-value"]
    for origin in ("https://lms.example", "https://evil.example", "null"):
        assert handed_in(frame, page, secret, Origin=origin).status_code == 403
    assert handed_in(frame, page, secret).status_code == 303
    assert handed_in(frame, page, secret).status_code == 409


def test_asking_spends_nothing_and_a_state_that_is_spent_or_unknown_is_not_asked_about(
    world: World, frame: FlaskClient
) -> None:
    before, page = asked(world, frame)
    with world.database.reading() as session:
        assert session.scalars(select(LoginState)).one().spent_at is None
    handed_in(frame, page, before.data["data-value"])
    for state, status in ((page.fields["state"], 409), ("state-unknown", 400)):
        form = {**page.fields, "state": state, "lti_storage_target": TARGET}
        assert frame.post("/lti/launch", base_url=TOOL, data=form, headers=FRAMED).status_code == status


def test_a_choice_of_activities_goes_the_same_way(world: World, frame: FlaskClient) -> None:
    settings = {"deep_link_return_url": "https://lms.example/return", "accept_types": ["ltiResourceLink"]}
    before, page = asked(
        world, frame, MESSAGE_TYPE="LtiDeepLinkingRequest", DEEP_LINKING_SETTINGS=settings, ROLES=[INSTRUCTOR]
    )
    entered = handed_in(frame, page, before.data["data-value"])
    assert entered.status_code == 303
    assert frame.get(entered.location, base_url=TOOL, headers=OURS).status_code == 200
