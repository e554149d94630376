"""Choosing activities, over HTTP: what an instructor sees, what the platform gets, and who is turned away."""

import itertools
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import clock
from config.database import Database
from config.settings import from_environment
from course.items import Graded
from course.policies import set_override
from lti_tool import claims
from lti_tool.app import create_app
from lti_tool.models import BrowserSession, Selection
from lti_tool.platforms import Platform
from tests.lti_tool.fake_platform import INSTRUCTOR, LEARNER, KeySetServer
from tests.support.factory import BUILT_IN, QUIZ
from tests.web.test_launch import TOOL, World

RETURN = "https://lms.example/return?course=5&data=a.b"
SETTINGS = {
    "deep_link_return_url": RETURN,
    "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
    "accept_presentation_document_targets": ["iframe", "window", "embed"],
    "accept_multiple": True,
    "data": "909708",
}
MODULE = BUILT_IN.modules[0]


_numbers = itertools.count(100)


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One tool for all tests: each of them is about a course of its own."""
    folder = tmp_path_factory.mktemp("picker")
    shutil.copy(sqlite_template, folder / "tool.sqlite")
    url = f"sqlite:///{folder / 'tool.sqlite'}"
    environment = {"COURSEWRIGHT_DATA_DIR": str(folder), "COURSEWRIGHT_DATABASE_URL": url}
    database, server = Database(url), KeySetServer()
    yield World(
        create_app(from_environment({**environment, "COURSEWRIGHT_BASE_URL": TOOL}), database), database, server
    )
    server.stop()
    database.dispose()


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.boxes: list[dict[str, str | None]] = []
        self.buttons: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"] or ""] = given.get("value") or ""
        elif tag == "input":
            self.boxes.append(given)
        elif tag == "button":
            self.buttons.append(given.get("value") or "")


def form_of(answer: TestResponse) -> _Form:
    form = _Form()
    form.feed(answer.text)
    return form


class Picking:
    """An instructor with the page of a choice before them."""

    def __init__(self, world: World, *, settings: dict[str, Any] | None = None, family: str = "", **changes: Any):
        self.world, self.browser = world, world.browser()
        platform = {"TOOL_PLATFORM": {"product_family_code": family}} if family else {}
        self.context = changes.pop("CONTEXT", {"id": f"course-{next(_numbers)}", "title": "Machine learning"})
        self.launched = ask(world, self.browser, settings=settings, CONTEXT=self.context, **platform, **changes)
        self.path = self.launched.location or ""

    def page(self) -> TestResponse:
        return self.browser.get(self.path, base_url=TOOL)

    def choose(self, action: str, *items: str) -> TestResponse:
        form = form_of(self.page())
        return self.browser.post(
            form.action, base_url=TOOL, data={**form.fields, "action": action, "item": list(items)}
        )

    def sent(self, action: str, *items: str) -> dict[str, Any]:
        """The message that the platform gets, its signature and times checked as Moodle does."""
        answer = self.choose(action, *items)
        assert answer.status_code == 200, answer.text
        form = form_of(answer)
        assert form.action == RETURN
        return read(self.world, form.fields["JWT"])


def ask(world: World, browser: FlaskClient, settings: dict[str, Any] | None = None, **changes: Any) -> TestResponse:
    sent = world.login(browser)
    message = {
        "MESSAGE_TYPE": "LtiDeepLinkingRequest", "TARGET_LINK_URI": ..., "RESOURCE_LINK": ..., "ROLES": [INSTRUCTOR],
        "DEEP_LINKING_SETTINGS": SETTINGS if settings is None else settings, **changes,
    }  # fmt: skip
    return world.post(browser, sent, world.platform.token(sent["nonce"], **message))


def read(world: World, token: str) -> dict[str, Any]:
    keys = {key["kid"]: key for key in (world.browser().get("/lti/jwks").json or {})["keys"]}
    key = keys[jwt.get_unverified_header(token)["kid"]]
    message: dict[str, Any] = jwt.decode(
        token, jwt.PyJWK(key), algorithms=["RS256"], audience=world.platform.issuer, leeway=0
    )
    assert message["iss"] == world.platform.client_id
    now = clock.now().timestamp()
    assert 5 <= now - message["iat"] <= 30
    assert 300 <= message["exp"] - now <= 600
    assert message["nonce"]
    assert message[claims.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert message[claims.VERSION] == "1.3.0"
    assert message[claims.DEPLOYMENT_ID] == "7"
    return message


def test_the_whole_module_is_one_click_with_nine_columns(world: World) -> None:
    picking = Picking(world)
    assert picking.launched.status_code == 303
    page = picking.page()
    assert "Add the whole module" in page.text
    assert "14 activities, 9 gradebook columns" in page.text
    assert form_of(page).buttons[1] == f"module:{BUILT_IN.id}/{MODULE.id}", "the first that can be seen"
    message = picking.sent(f"module:{BUILT_IN.id}/{MODULE.id}")
    assert message[claims.DEEP_LINKING_DATA] == "909708"
    items = message[claims.CONTENT_ITEMS]
    assert [item["custom"] for item in items] == [
        {"course": BUILT_IN.id, "item": one.id, **Platform().history} for one in MODULE.items
    ]
    assert all(item["type"] == "ltiResourceLink" and item["title"] for item in items)
    columns = {item["lineItem"]["resourceId"]: item["lineItem"] for item in items if "lineItem" in item}
    assert list(columns) == [one.id for one in MODULE.items if isinstance(one, Graded)]
    assert len(columns) == 9
    assert columns[QUIZ.id]["scoreMaximum"] == 5
    assert columns[QUIZ.id]["tag"] == "grade"
    assert len({column["label"] for column in columns.values()}) == 9


def test_every_address_that_is_sent_answers_a_stranger_and_its_picture_is_there(world: World) -> None:
    items = Picking(world).sent(f"module:{BUILT_IN.id}/{MODULE.id}")[claims.CONTENT_ITEMS]
    for address in {address for item in items for address in (item["url"], item["icon"]["url"])}:
        with world.browser().get(address, base_url=TOOL) as answer:
            assert answer.status_code == 200, address
            assert "Set-Cookie" not in answer.headers


def test_single_items_come_in_the_order_of_the_course_whatever_was_ticked_first(world: World) -> None:
    items = [f"{BUILT_IN.id}/quiz-2", f"{BUILT_IN.id}/lesson-1", f"{BUILT_IN.id}/quiz-2"]
    message = Picking(world).sent("items", *items)
    assert [item["custom"]["item"] for item in message[claims.CONTENT_ITEMS]] == ["lesson-1", "quiz-2"]
    assert "lineItem" not in message[claims.CONTENT_ITEMS][0]


def test_one_link_to_the_whole_course_names_no_item(world: World) -> None:
    message = Picking(world).sent(f"course:{BUILT_IN.id}/")
    assert [(one["url"], one["custom"]) for one in message[claims.CONTENT_ITEMS]] == [
        (f"{TOOL}/lti/launch", {"course": BUILT_IN.id, **Platform().history})
    ]


def test_cancelling_sends_an_empty_list_and_no_data_where_there_was_none(world: World) -> None:
    message = Picking(world, settings={"deep_link_return_url": RETURN}).sent("cancel")
    assert message[claims.CONTENT_ITEMS] == []
    assert claims.DEEP_LINKING_DATA not in message


def test_nothing_chosen_and_unknown_items_lose_nothing_and_say_what_to_do(world: World) -> None:
    picking = Picking(world)
    empty = picking.choose("items")
    assert empty.status_code == 422
    assert "Choose at least one activity" in empty.text
    gone = picking.choose("items", f"{BUILT_IN.id}/quiz-1", "nowhere/quiz-9")
    assert gone.status_code == 422
    assert [box["value"] for box in form_of(gone).boxes if "checked" in box] == [f"{BUILT_IN.id}/quiz-1"]
    assert picking.choose("module:nowhere/module").status_code == 422
    assert picking.choose("course:nowhere/").status_code == 422


def test_the_answer_may_go_to_the_platform_and_nowhere_else(world: World) -> None:
    picking = Picking(world)
    for answer in (picking.page(), picking.choose("cancel")):
        policy = answer.headers["Content-Security-Policy"]
        assert "form-action 'self' https://lms.example;" in policy
        assert "frame-ancestors 'self' https://lms.example" in policy
        assert answer.headers["Cache-Control"] == "no-store"
    assert RETURN.replace("&", "&amp;") in picking.choose("cancel").text, "in HTML, an address is escaped"


# Places that take less


def test_a_place_for_one_activity_gets_one(world: World) -> None:
    picking = Picking(world, settings={**SETTINGS, "accept_multiple": False})
    page = picking.page()
    assert "This place takes one activity." in page.text
    assert "Add the whole module" not in page.text
    assert {box["type"] for box in form_of(page).boxes} == {"radio"}
    two = picking.choose("items", f"{BUILT_IN.id}/quiz-1", f"{BUILT_IN.id}/quiz-2")
    assert two.status_code == 422
    assert picking.choose(f"module:{BUILT_IN.id}/{MODULE.id}").status_code == 422
    assert len(picking.sent("items", f"{BUILT_IN.id}/lesson-2")[claims.CONTENT_ITEMS]) == 1


def test_a_place_without_columns_gets_none_and_says_so(world: World) -> None:
    picking = Picking(world, settings={**SETTINGS, "accept_lineitem": False})
    assert "brings no gradebook column along" in picking.page().text
    assert "lineItem" not in picking.sent("items", f"{BUILT_IN.id}/{QUIZ.id}")[claims.CONTENT_ITEMS][0]


@pytest.mark.parametrize(
    ("placement", "multiple", "activities", "columns"),
    [
        ("assignment_selection", False, 9, 1),
        ("link_selection", True, 14, 1),
        ("module_index_menu_modal", True, 14, 1),
        ("editor_button", True, 14, 0),
    ],
)
def test_canvas_gets_what_each_of_its_menus_takes(
    world: World, placement: str, multiple: bool, activities: int, columns: int
) -> None:
    settings = {**SETTINGS, "accept_types": ["ltiResourceLink"], "accept_multiple": multiple}
    picking = Picking(world, settings=settings, family="canvas", CANVAS_PLACEMENT=placement)
    form = form_of(picking.page())
    assert len(form.boxes) == activities
    assert {box["type"] for box in form.boxes} == {"checkbox" if multiple else "radio"}
    assert any(button.startswith("module:") for button in form.buttons) is multiple
    [item] = picking.sent("items", f"{BUILT_IN.id}/{QUIZ.id}")[claims.CONTENT_ITEMS]
    assert ("lineItem" in item) is bool(columns)


def test_a_place_that_takes_no_activities_says_so_and_leads_back(world: World) -> None:
    picking = Picking(world, settings={**SETTINGS, "accept_types": ["file", "html"]})
    assert "This place takes no activities" in picking.page().text
    assert picking.choose("items", f"{BUILT_IN.id}/{QUIZ.id}").status_code == 422
    assert picking.sent("cancel")[claims.CONTENT_ITEMS] == []


def test_dates_go_where_they_are_taken_and_maxima_are_whole_numbers_for_moodle(world: World) -> None:
    dates = {"opens_at": "2027-01-10T08:00:00+00:00", "due_at": "2027-01-20T08:00:00+00:00", "points": 12.5}
    for family, has_dates, maximum in (("canvas", True, 12.5), ("moodle", False, 100)):
        picking = Picking(world, family=family)
        with world.database.transaction() as session:
            newest = session.scalars(select(Selection).order_by(Selection.id.desc())).first()
            assert newest
            set_override(session, f"context-{newest.context_id}", BUILT_IN, QUIZ, dates)
        assert "Due " in picking.page().text
        assert ("takes no dates from here" in picking.page().text) is not has_dates
        [item] = picking.sent("items", f"{BUILT_IN.id}/{QUIZ.id}")[claims.CONTENT_ITEMS]
        assert item["lineItem"]["scoreMaximum"] == maximum
        assert ("submission" in item) is has_dates
        if has_dates:
            assert item["submission"]["endDateTime"] == "2027-01-20T08:00:00.000Z"
            assert item["available"] == {"startDateTime": "2027-01-10T08:00:00.000Z"}


# What is in the course already


def test_what_was_placed_is_shown_and_is_not_added_again_with_the_rest(world: World) -> None:
    first = Picking(world)
    world.launch(world.browser(), QUIZ.id, CONTEXT=first.context)
    assert "In your course already." in first.page().text
    assert "13 activities, 8 gradebook columns" in first.page().text
    assert len(first.sent(f"module:{BUILT_IN.id}/{MODULE.id}")[claims.CONTENT_ITEMS]) == 13
    assert "13 activities" in first.page().text, "who comes back does so because the platform did not take it"
    second = Picking(world, CONTEXT=first.context)
    assert "and not opened since" in second.page().text
    assert "Add the rest of the module" not in second.page().text
    assert second.choose(f"module:{BUILT_IN.id}/{MODULE.id}").status_code == 422
    again = second.sent("items", f"{BUILT_IN.id}/{QUIZ.id}")
    assert len(again[claims.CONTENT_ITEMS]) == 1, "on purpose, it can be placed twice"
    assert "14 activities" in Picking(world).page().text, "another course"


def test_a_module_that_the_platform_did_not_keep_is_added_again_in_one_click(world: World) -> None:
    first = Picking(world)
    whole = f"module:{BUILT_IN.id}/{MODULE.id}"
    first.sent(whole)
    again = Picking(world, CONTEXT=first.context)
    assert "Add the whole module again" in again.page().text
    assert "would make each activity and column a second time" in again.page().text
    assert len(again.sent(whole)[claims.CONTENT_ITEMS]) == 14
    world.launch(world.browser(), QUIZ.id, CONTEXT=first.context)
    assert "Add the whole module again" not in Picking(world, CONTEXT=first.context).page().text


# Who may not


def test_only_instructors_add_activities(world: World) -> None:
    before = world.count(Selection)
    answer = ask(world, world.browser(), ROLES=[LEARNER])
    assert answer.status_code == 403
    assert "Only instructors add activities" in answer.text
    assert world.count(Selection) == before


@pytest.mark.parametrize(
    "address",
    [
        None, "", "javascript:alert(1)", "data:text/html,x", "/return", "//lms.example/x", 7, ["https://a.b"],
        "https://*/x", "https://a,b.example/", "https://a\u2028b.example/",
    ],
)  # fmt: skip
def test_an_answer_goes_to_a_web_address_or_nowhere(world: World, address: object) -> None:
    before = world.count(Selection), world.count(BrowserSession)
    answer = ask(world, world.browser(), settings={**SETTINGS, "deep_link_return_url": address})
    assert answer.status_code == 400
    assert "takes the choice" in answer.text
    assert (world.count(Selection), world.count(BrowserSession)) == before


def test_a_platform_named_in_any_letters_is_answered(world: World) -> None:
    elsewhere = "https://\u4f8b\u3048.example/back"
    page = Picking(world, settings={**SETTINGS, "deep_link_return_url": elsewhere}).page()
    assert page.status_code == 200
    assert "form-action 'self' https://xn--r8jz45g.example;" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("given", [..., {}, [], "x", 7])
def test_settings_that_are_none_are_refused(world: World, given: Any) -> None:
    assert ask(world, world.browser(), settings=given).status_code == 400


@pytest.mark.parametrize(
    "odd",
    [
        {"accept_types": "ltiResourceLink,link"}, {"accept_types": None}, {"accept_types": [7, "ltiResourceLink"]},
        {"accept_multiple": "true"}, {"accept_multiple": None}, {"accept_lineitem": "yes"}, {"data": ""},
        {"accept_presentation_document_targets": {}}, {"data": {"a": ["\x00", "\ud800"]}},
    ],
)  # fmt: skip
def test_odd_settings_are_read_tolerantly(world: World, odd: dict[str, Any]) -> None:
    message = Picking(world, settings={**SETTINGS, **odd}).sent("items", f"{BUILT_IN.id}/{QUIZ.id}")
    assert "lineItem" in message[claims.CONTENT_ITEMS][0]
    assert message[claims.DEEP_LINKING_DATA] == odd.get("data", SETTINGS["data"])


def test_the_address_opens_nothing_in_another_browser_nor_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    picking = Picking(world)
    assert world.browser().get(picking.path, base_url=TOOL).status_code == 403
    form = form_of(picking.page())
    foreign = picking.browser.post(form.action, base_url=TOOL, data={"action": "cancel", "csrf_token": "x"})
    assert foreign.status_code == 403
    later = clock.now().replace(year=clock.now().year + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert picking.page().status_code == 403


def test_two_choices_in_one_browser_do_not_disturb_each_other(world: World) -> None:
    first = Picking(world)
    other = ask(world, first.browser, CONTEXT={"id": "6", "title": "Another"})
    assert first.page().status_code == 200
    assert first.browser.get(other.location, base_url=TOOL).status_code == 200


def test_a_title_from_the_platform_is_text(world: World) -> None:
    page = Picking(world, CONTEXT={"id": "5", "title": "<script>alert(1)</script>"}).page()
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
