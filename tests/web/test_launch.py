"""The way in, over HTTP: what a browser and a platform really see, page by page."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.database import Database
from config.logs import JsonLines
from config.settings import Settings
from course.items import Page
from course.models import Attempt
from lti_tool import claims
from lti_tool.app import create_app
from lti_tool.launch_reports import launches
from lti_tool.models import BrowserSession, LaunchEvent, OutboxScore, ResourceLink
from lti_tool.registrations import add_platform
from lti_tool.web import entries
from tests.lti_tool.fake_platform import INSTRUCTOR, KeySetServer, Platform, encode, sign
from tests.support.factory import BUILT_IN, QUIZ

TOOL = "http://localhost:5000"
AGS = {
    "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
    "lineitem": "https://lms.example/lineitems/1?type_id=1",
}


class World:
    """The tool, a platform it knows, and browsers."""

    def __init__(self, app: Flask, database: Database, keys: KeySetServer) -> None:
        self.app, self.database, self.keys = app, database, keys
        self.platform = Platform()
        with database.transaction() as session:
            for client_id in ("client-1", "client-2"):
                add_platform(
                    session, issuer=self.platform.issuer, client_id=client_id, deployment_id="7",
                    auth_login_url="https://lms.example/auth?tenant=1", auth_token_url="https://lms.example/token",
                    jwks_url=keys.url,
                )  # fmt: skip

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def login(self, browser: FlaskClient, method: str = "POST", client_id: str = "client-1") -> dict[str, str]:
        """Begin a login; the parameters we send the browser to the platform with."""
        values = {
            "iss": self.platform.issuer, "login_hint": "17", "client_id": client_id, "lti_message_hint": '{"a":1}',
            "target_link_uri": f"{TOOL}/lti/launch",
        }  # fmt: skip
        options: dict[str, Any] = {"data": values} if method == "POST" else {"query_string": values}
        answer = browser.open("/lti/login", method=method, base_url=TOOL, **options)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}

    def post(self, browser: FlaskClient, sent: dict[str, str], token: str, **headers: str) -> TestResponse:
        form = {"state": sent["state"], "id_token": token}
        return browser.post("/lti/launch", base_url=TOOL, data=form, headers=headers)

    def launch(self, browser: FlaskClient, item: str | None = None, **changes: Any) -> TestResponse:
        sent = self.login(browser)
        changes.setdefault(
            "TARGET_LINK_URI", f"{TOOL}/lti/items/deep-learning/{item}" if item else f"{TOOL}/lti/launch"
        )
        return self.post(browser, sent, self.platform.token(sent["nonce"], **changes))

    def count(self, table: Any) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def keys() -> Iterator[KeySetServer]:
    server = KeySetServer()
    yield server
    server.stop()


@pytest.fixture
def world(settings: Settings, sqlite_database: Database, keys: KeySetServer) -> World:
    return World(create_app(settings, sqlite_database), sqlite_database, keys)


@pytest.fixture
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """What stands in the log, line by line, as it is really written."""
    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    handler = Keep()
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("lti_tool")
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield lines
    ours.removeHandler(handler)
    ours.setLevel(before)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_goes_to_the_platform_with_everything_it_needs(world: World, method: str) -> None:
    sent = world.login(world.browser(), method)
    assert sent.pop("state") != sent.pop("nonce")
    assert sent == {
        "tenant": "1", "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
        "client_id": "client-1", "redirect_uri": f"{TOOL}/lti/launch", "login_hint": "17",
        "lti_message_hint": '{"a":1}',
    }  # fmt: skip


def test_every_cookie_is_secure_httponly_samesite_none_and_partitioned(world: World) -> None:
    browser = world.browser()
    values = {"iss": world.platform.issuer, "login_hint": "17", "client_id": "client-1"}
    set_at_login = browser.post("/lti/login", base_url=TOOL, data=values).headers.getlist("Set-Cookie")
    set_at_launch = world.launch(browser).headers.getlist("Set-Cookie")
    assert len(set_at_login) == 1
    assert len(set_at_launch) == 2
    for cookie in set_at_login + set_at_launch:
        for part in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert part in cookie, cookie
        assert "Domain" not in cookie


def test_a_valid_launch_ends_on_a_page_of_our_own_that_survives_refresh_and_bookmark(world: World) -> None:
    browser = world.browser()
    answer = world.launch(browser, "lesson-1")
    assert answer.status_code == 303
    page = browser.get(answer.location, base_url=TOOL, follow_redirects=True)
    assert page.status_code == 200
    assert "Pattern Compression" in page.text
    assert "state" not in page.request.url
    assert "token" not in page.request.url
    cookie = browser.get_cookie("coursewright_session")
    assert cookie
    assert cookie.value not in page.request.url
    assert browser.get(page.request.path, base_url=TOOL).status_code == 200


def test_a_link_without_an_item_opens_the_course_where_the_learner_left_off(world: World) -> None:
    browser = world.browser()
    page = browser.get(world.launch(browser).location, base_url=TOOL, follow_redirects=True)
    assert page.request.path.endswith("/items/introduction")


def test_a_link_to_something_we_do_not_have_says_so_differently_to_learner_and_instructor(world: World) -> None:
    learner = world.launch(world.browser(), "lesson-99")
    instructor = world.launch(world.browser(), "lesson-99", ROLES=[INSTRUCTOR])
    assert learner.status_code == instructor.status_code == 404
    assert "Tell your instructor" in learner.text
    assert "custom parameter" in instructor.text
    assert "lesson-99" in instructor.text
    assert "items of deep-learning" in instructor.text
    assert "Reference" in learner.text


def test_teacher_and_student_in_one_browser_and_two_courses_all_keep_working(world: World) -> None:
    browser = world.browser()
    places = [
        world.launch(browser, QUIZ.id).location,
        world.launch(browser, QUIZ.id, sub="99", name="Grace", ROLES=[INSTRUCTOR]).location,
        world.launch(browser, QUIZ.id, CONTEXT={"id": "6"}, RESOURCE_LINK={"id": "77"}).location,
    ]
    assert len(set(places)) == 3
    pages = [browser.get(place, base_url=TOOL, follow_redirects=True) for place in places]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert ["As an instructor" in page.text for page in pages] == [False, True, False]


def test_a_role_that_changed_is_honoured_at_the_next_launch(world: World) -> None:
    browser = world.browser()
    place = world.launch(browser, QUIZ.id, ROLES=[INSTRUCTOR]).location
    assert "As an instructor" in browser.get(place, base_url=TOOL, follow_redirects=True).text
    assert world.launch(browser, QUIZ.id).location == place
    assert "As an instructor" not in browser.get(place, base_url=TOOL, follow_redirects=True).text


def test_a_role_may_change_and_change_back_and_the_work_of_each_waits_for_its_own(world: World) -> None:
    browser = world.browser()

    def attempts() -> list[tuple[bool, bool]]:
        with world.database.reading() as session:
            rows = session.scalars(select(Attempt).order_by(Attempt.id))
            return [(one.is_preview, one.submitted_at is not None) for one in rows]

    def enter(**changes: Any) -> tuple[str, str, str]:
        place = world.launch(browser, QUIZ.id, AGS_ENDPOINT=AGS, **changes).location
        page = browser.get(f"{place}/items/{QUIZ.id}", base_url=TOOL).text
        return place, page, page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def start(place: str, csrf: str) -> None:
        answer = browser.post(f"{place}/items/{QUIZ.id}/attempts", base_url=TOOL, data={"csrf_token": csrf})
        assert answer.status_code == 303

    place, page, csrf = enter()
    start(place, csrf)
    place, page, csrf = enter(ROLES=[INSTRUCTOR])
    start(place, csrf)
    assert attempts() == [(False, False), (True, False)]
    place, page, csrf = enter()
    attempt = place + "/attempts/" + page.partition("/attempts/")[2].partition('"')[0]
    done = browser.post(attempt, base_url=TOOL, data={"csrf_token": csrf, "action": "submit-anyway"})
    assert done.status_code == 303
    assert attempts() == [(False, True), (True, False)]
    assert world.count(OutboxScore) == 1
    place, page, csrf = enter(ROLES=[INSTRUCTOR])
    start(place, csrf)
    assert attempts() == [(False, True), (True, False)], "the preview that was left open goes on"


def test_a_lesson_read_before_it_had_a_link_counts_at_the_first_launch_of_it_but_not_for_instructors(
    world: World,
) -> None:
    lesson = next(item for item in BUILT_IN.items if isinstance(item, Page) and item.sections)
    place = world.launch(browser := world.browser(), QUIZ.id).location
    page = browser.get(f"{place}/items/{lesson.id}", base_url=TOOL).text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    for section in lesson.sections:
        data = {"csrf_token": csrf, "section": section.id}
        assert browser.post(f"{place}/items/{lesson.id}/read", base_url=TOOL, data=data).status_code == 303
    link = {"RESOURCE_LINK": {"id": "the-lesson"}, "AGS_ENDPOINT": AGS}
    world.launch(browser, lesson.id, ROLES=[INSTRUCTOR], **link)
    assert world.count(OutboxScore) == 0
    for _ in range(2):
        world.launch(browser, lesson.id, **link)
        assert world.count(OutboxScore) == 1


def test_the_platforms_own_probes_get_a_small_page_fast(world: World) -> None:
    for path in ("/lti/launch", "/lti/items/deep-learning/quiz-1", "/lti/items/no/such", "/"):
        answer = world.browser().get(path)
        assert answer.status_code == 200
        assert len(answer.data) < 10_000
        assert "Set-Cookie" not in answer.headers


def test_our_key_set_is_public_and_holds_no_private_part(world: World) -> None:
    for _ in range(2):
        keys = world.browser().get("/lti/jwks").json
        assert keys is not None
        assert [set(key) for key in keys["keys"]] == [{"kty", "n", "e", "kid", "alg", "use"}] * 2


REFUSED: dict[str, dict[str, Any]] = {
    "missing exp": {"exp": ...},
    "foreign aud": {"aud": "somebody-else"},
    "wrong azp": {"azp": "somebody-else"},
    "missing message type": {"MESSAGE_TYPE": ...},
    "missing version": {"VERSION": ...},
    "wrong version": {"VERSION": "11.3"},
    "missing resource link": {"RESOURCE_LINK": ...},
    "empty sub": {"sub": ""},
    "missing roles": {"ROLES": ...},
    "missing deployment": {"DEPLOYMENT_ID": ...},
    "expired": {"iat": 11111, "exp": 22222},
    "foreign target": {"TARGET_LINK_URI": "https://evil.example/"},
    "unknown kid": {"header": {"kid": "imstester_66067"}},
    "no kid": {"header": {"kid": ...}},
    "embedded jwk": {"header": {"jwk": {"kty": "RSA"}}},
    "embedded jku": {"header": {"jku": "https://evil.example/keys"}},
    "HS256": {"header": {"alg": "HS256"}},
    "alg none": {"header": {"alg": "none"}},
    "replayed nonce": {"nonce": "an old one"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_launch_is_refused_with_its_own_words_and_a_reference_that_is_in_the_log(
    world: World, case: str, log_lines: list[dict[str, Any]]
) -> None:
    browser = world.browser()
    answer = world.launch(browser, **REFUSED[case])
    assert 400 <= answer.status_code < 500
    assert browser.get_cookie("coursewright_session") is None
    assert world.count(BrowserSession) == world.count(ResourceLink) == 0
    reference = re.search(r"[0-9a-f]{10}", answer.text.partition("Reference")[2])
    assert reference
    logged = [line for line in log_lines if line.get("reference") == reference.group()]
    assert [line["event"] for line in logged] == ["launch refused", "request"]
    assert logged[0]["cause"]
    assert "Traceback" not in answer.text


def test_every_refusal_has_a_message_of_its_own(world: World) -> None:
    titles = {case: _message(world.launch(world.browser(), **changes).text) for case, changes in REFUSED.items()}
    same_by_nature = {"missing version": "wrong version", "HS256": "alg none", "embedded jwk": "embedded jku"}
    for case, message in titles.items():
        for other, other_message in titles.items():
            if case < other and same_by_nature.get(case) != other and same_by_nature.get(other) != case:
                assert message != other_message, (case, other)


def _message(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("Reference")[0]))


def test_a_replayed_launch_is_refused(world: World) -> None:
    browser = world.browser()
    sent = world.login(browser)
    token = world.platform.token(sent["nonce"], TARGET_LINK_URI=f"{TOOL}/lti/launch")
    assert world.post(browser, sent, token).status_code == 303
    again = world.post(browser, sent, token)
    assert 400 <= again.status_code < 500
    assert world.count(BrowserSession) == 1


def test_a_launch_that_began_in_another_browser_is_refused_and_offers_nothing_where_our_cookies_work(
    world: World,
) -> None:
    sent = world.login(world.browser())
    other = world.browser()
    world.login(other)
    token = world.platform.token(sent["nonce"], TARGET_LINK_URI=f"{TOOL}/lti/launch")
    answer = world.post(other, sent, token)
    assert answer.status_code == 403
    assert 'name="token"' not in answer.text
    assert world.count(BrowserSession) == 0


def test_a_token_of_a_sibling_client_does_not_answer_our_login(world: World) -> None:
    browser = world.browser()
    sent = world.login(browser, client_id="client-2")
    answer = world.post(browser, sent, world.platform.token(sent["nonce"], TARGET_LINK_URI=f"{TOOL}/lti/launch"))
    assert 400 <= answer.status_code < 500


def test_where_the_frame_keeps_no_cookie_a_one_time_hand_over_opens_a_window(world: World) -> None:
    sent = world.login(world.browser())
    frame, window = world.browser(), world.browser()
    token = world.platform.token(sent["nonce"], TARGET_LINK_URI=f"{TOOL}/lti/items/deep-learning/{QUIZ.id}")
    refused = world.post(frame, sent, token, **{"Sec-Fetch-Dest": "iframe"})
    assert refused.status_code == 403
    assert "Ada Lovelace" in refused.text
    one_time = refused.text.partition('name="token" value="')[2].partition('"')[0]
    assert one_time
    assert window.post("/lti/continue", base_url=TOOL, data={"token": one_time}).status_code == 403  # no Origin
    stranger = window.post(
        "/lti/continue", base_url=TOOL, data={"token": one_time}, headers={"Origin": "https://evil.example"}
    )
    assert stranger.status_code == 403
    entered = window.post("/lti/continue", base_url=TOOL, data={"token": one_time}, headers={"Origin": TOOL})
    assert entered.status_code == 303
    page = window.get(entered.location, base_url=TOOL, follow_redirects=True)
    assert "What Deep Learning Actually Is" in page.text
    again = world.browser().post("/lti/continue", base_url=TOOL, data={"token": one_time}, headers={"Origin": TOOL})
    assert again.status_code == 410


def test_a_window_of_its_own_can_be_opened_from_any_page(world: World) -> None:
    browser = world.browser()
    place = world.launch(browser, QUIZ.id).location
    offer = browser.get(f"{place}/new-window", base_url=TOOL).text
    one_time = offer.partition('name="token" value="')[2].partition('"')[0]
    window = world.browser()
    entered = window.post("/lti/continue", base_url=TOOL, data={"token": one_time}, headers={"Origin": TOOL})
    assert entered.status_code == 303
    assert window.get(entered.location, base_url=TOOL, follow_redirects=True).status_code == 200


def test_an_error_that_the_platform_posts_is_explained(world: World) -> None:
    browser = world.browser()
    sent = world.login(browser)
    form = {"state": sent["state"], "error": "launch_no_longer_valid", "error_description": "<script>alert(1)</script>"}
    answer = browser.post("/lti/launch", base_url=TOOL, data=form)
    assert 400 <= answer.status_code < 500
    assert "launch_no_longer_valid" in answer.text
    assert "<script>alert" not in answer.text


def test_an_unknown_platform_is_told_to_the_admin_with_the_command_that_adds_it(world: World) -> None:
    answer = world.browser().get(
        "/lti/login", query_string={"iss": "https://new.example", "login_hint": "1", "client_id": "z"}
    )
    assert 400 <= answer.status_code < 500
    assert "https://new.example" in answer.text
    assert "coursewright platforms add" in answer.text


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"state=%FF&id_token=%00", b"id_token=a.b.c&state=x", b"state=a&state=b&id_token=x",
     b"id_token=" + b"A" * 200_000, b"a" * 1_200_000, b"=&=&==", b"id_token[]=x&state[]=y"],
)  # fmt: skip
def test_no_body_makes_the_launch_fail_on_our_side(world: World, body: bytes) -> None:
    for path in ("/lti/launch", "/lti/login", "/lti/continue"):
        for content_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""):
            answer = world.browser().post(path, data=body, content_type=content_type, headers={"Origin": TOOL})
            assert 400 <= answer.status_code < 500, (path, content_type)


def test_hostile_names_stay_text(world: World) -> None:
    browser = world.browser()
    name = "<img src=x onerror=alert(1)>\u202e\ud800"
    sent = world.login(browser)
    payload = world.platform.claims(sent["nonce"], name=name, TARGET_LINK_URI=f"{TOOL}/lti/launch")
    payload[claims.RESOURCE_LINK] = {"id": "31", "title": name}
    answer = world.post(browser, sent, sign({"alg": "RS256", "kid": "key-1"}, payload))
    assert answer.status_code in {303, 400}
    if answer.status_code == 303:
        page = browser.get(answer.location, base_url=TOOL, follow_redirects=True)
        assert "<img src=x" not in page.text


def test_a_payload_that_is_no_object_is_refused(world: World) -> None:
    browser = world.browser()
    for part in (b"[]", b"null", b'"x"', b"{", b'{"a":1,"a":2}', b"\xff"):
        sent = world.login(browser)
        answer = world.post(browser, sent, f"{encode({'alg': 'RS256', 'kid': 'key-1'})}.{encode(part)}.AAAA")
        assert 400 <= answer.status_code < 500


def test_a_column_that_appears_later_is_owed_what_was_earned_before(world: World) -> None:
    browser = world.browser()
    place = world.launch(browser, QUIZ.id).location
    page = browser.get(f"{place}/items/{QUIZ.id}", base_url=TOOL).text
    csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    browser.post(f"{place}/items/{QUIZ.id}/attempts", base_url=TOOL, data={"csrf_token": csrf})
    page = browser.get(f"{place}/items/{QUIZ.id}", base_url=TOOL).text
    attempt = place + "/attempts/" + page.partition("/attempts/")[2].partition('"')[0]
    browser.post(attempt, base_url=TOOL, data={"csrf_token": csrf, "action": "submit-anyway"})
    assert world.count(OutboxScore) == 0
    world.launch(world.browser(), QUIZ.id, sub="99", ROLES=[INSTRUCTOR], AGS_ENDPOINT=AGS)
    assert world.count(OutboxScore) == 1
    world.launch(browser, QUIZ.id, AGS_ENDPOINT=AGS)
    assert world.count(OutboxScore) == 1


def test_a_warm_launch_makes_no_outgoing_request(world: World) -> None:
    world.launch(world.browser())
    fetched = world.keys.fetches
    for _ in range(5):
        assert world.launch(world.browser()).status_code == 303
    assert fetched == world.keys.fetches == 1


def test_every_way_in_is_written_down_once_without_anybodys_name(world: World) -> None:
    browser = world.browser()
    assert world.launch(browser, "quiz-1").status_code == 303
    turned_away = world.launch(browser, MESSAGE_TYPE="Nonsense")
    nowhere = world.launch(browser, "no-such-item")
    stranger = browser.get("/lti/login", query_string={"iss": "https://nobody.example", "login_hint": "ada"})
    with world.database.reading() as session:
        rows = launches(session).rows[::-1]
        told = [(row.step, row.outcome, row.cause, row.platform != "") for row in rows]
        kept = repr(session.execute(select(LaunchEvent.__table__)).all())
    assert told == [
        ("launch", "let_in", "", True),
        ("launch", "refused", "message_type_unknown", True),
        ("launch", "refused", "link_leads_nowhere", True),
        ("login", "refused", "unknown_registration", False),
    ]
    for answer, row in zip((turned_away, nowhere, stranger), rows[1:], strict=True):
        assert row.reference is not None
        assert row.reference in answer.text
    assert rows[3].issuer == "https://nobody.example"
    claimed = world.platform.claims("n")
    for secret in (claimed["sub"], claimed.get("name"), claimed.get("email")):
        assert secret is None or f"'{secret}'" not in kept


def test_a_launch_comes_in_whatever_becomes_of_writing_it_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(entries, "note", broken)
    assert world.launch(world.browser(), "quiz-1").status_code == 303
    assert world.launch(world.browser(), MESSAGE_TYPE="Nonsense").status_code == 400
    assert world.count(LaunchEvent) == 0
