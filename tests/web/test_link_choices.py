"""A link made by hand in the platform, which names no item: an instructor chooses it, students are never stopped."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from course.items import Quiz
from lti_tool.models import LineItem, OutboxScore
from tests.lti_tool.fake_platform import INSTRUCTOR
from tests.support.factory import BUILT_IN, QUIZ
from tests.web.test_launch import AGS, TOOL, World
from tests.web.test_picker import form_of, world

__all__ = ["world"]

QUIZ_2 = [item for item in BUILT_IN.items if isinstance(item, Quiz)][1]
_numbers = iter(range(1000, 2000))


@pytest.fixture
def link() -> dict[str, Any]:
    """A link of its own in a course of its own, with a column."""
    number = next(_numbers)
    column = {**AGS, "lineitem": f"https://lms.example/lineitems/{number}/lineitem?type_id=1"}
    return {"CONTEXT": {"id": f"by-hand-{number}"}, "RESOURCE_LINK": {"id": f"link-{number}"}, "AGS_ENDPOINT": column}


def open_link(world: World, browser: FlaskClient, link: dict[str, Any], *, teacher: bool = False) -> TestResponse:
    person = {"sub": "99", "name": "Grace", "ROLES": [INSTRUCTOR]} if teacher else {}
    return browser.get(world.launch(browser, **link, **person).location, base_url=TOOL, follow_redirects=True)


def choose(browser: FlaskClient, page: TestResponse, item: str) -> TestResponse:
    address = page.request.path.partition("/items/")[0].removesuffix("/link") + "/link"
    form = browser.get(address, base_url=TOOL)
    csrf = form_of(form).fields["csrf_token"]
    return browser.post(address, base_url=TOOL, data={"csrf_token": csrf, "item": item}, follow_redirects=True)


def test_the_first_launch_of_an_instructor_offers_the_choice_and_students_follow_it(
    world: World, link: dict[str, Any]
) -> None:
    teacher, student = world.browser(), world.browser()
    assert open_link(world, student, link).request.path.endswith("/items/introduction"), "the whole course until then"
    page = open_link(world, teacher, link, teacher=True)
    assert "What should this link open?" in page.text
    assert len(form_of(page).boxes) == 1 + len(BUILT_IN.items)
    before = world.count(LineItem)
    assert choose(teacher, page, f"{BUILT_IN.id}/{QUIZ.id}").request.path.endswith(f"/items/{QUIZ.id}")
    assert open_link(world, student, link).request.path.endswith(f"/items/{QUIZ.id}")
    assert world.count(LineItem) == before + 1, "the column is known from the next launch on"
    again = open_link(world, teacher, link, teacher=True)
    assert again.request.path.endswith(f"/items/{QUIZ.id}"), "it asks once"
    assert "What this link opens" in again.text
    assert choose(teacher, again, f"{BUILT_IN.id}/{QUIZ_2.id}").request.path.endswith(f"/items/{QUIZ_2.id}")
    assert choose(teacher, again, f"{BUILT_IN.id}/").status_code == 200
    assert open_link(world, student, link).request.path.endswith("/items/introduction")


def test_an_instructor_who_is_to_choose_finds_no_columns_made_meanwhile(world: World, link: dict[str, Any]) -> None:
    scopes = ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"]
    services = {"AGS_ENDPOINT": {"scope": scopes, "lineitems": "https://lms.example/lineitems?type_id=1"}}
    teacher, before = world.browser(), world.count(LineItem)
    page = open_link(world, teacher, {**link, **services}, teacher=True)
    assert world.count(LineItem) == before
    choose(teacher, page, f"{BUILT_IN.id}/{QUIZ.id}")
    open_link(world, teacher, {**link, **services}, teacher=True)
    assert world.count(LineItem) == before + 1, "that of the item, and no other"
    other = {**link, **services, "CONTEXT": {"id": "a student opens the link before any instructor"}}
    open_link(world, world.browser(), other)
    assert world.count(LineItem) == before + 1 + 9, "the whole course is in use"


def test_what_students_have_begun_fixes_the_choice_and_its_grade_goes_to_the_column(
    world: World, link: dict[str, Any]
) -> None:
    teacher, student = world.browser(), world.browser()
    choose(teacher, open_link(world, teacher, link, teacher=True), f"{BUILT_IN.id}/{QUIZ.id}")
    page = open_link(world, student, link)
    base, csrf = page.request.path.partition("/items/")[0], form_of(page).fields["csrf_token"]
    owed = world.count(OutboxScore)
    student.post(f"{base}/items/{QUIZ.id}/attempts", base_url=TOOL, data={"csrf_token": csrf})
    begun = student.get(f"{base}/items/{QUIZ.id}", base_url=TOOL).text
    attempt = f"{base}/attempts/" + begun.partition("/attempts/")[2].partition('"')[0]
    student.post(attempt, base_url=TOOL, data={"csrf_token": csrf, "action": "submit-anyway"})
    assert world.count(OutboxScore) == owed + 1
    back = open_link(world, teacher, link, teacher=True)
    refused = teacher.post(
        f"{back.request.path.partition('/items/')[0]}/link",
        base_url=TOOL,
        data={"csrf_token": form_of(back).fields["csrf_token"], "item": f"{BUILT_IN.id}/{QUIZ_2.id}"},
    )
    assert refused.status_code == 409
    assert "Students have worked through this link" in refused.text
    assert open_link(world, student, link).request.path.endswith(f"/items/{QUIZ.id}")


def test_a_choice_of_nothing_is_told_and_students_may_make_none(world: World, link: dict[str, Any]) -> None:
    teacher, student = world.browser(), world.browser()
    page = open_link(world, teacher, link, teacher=True)
    for nonsense in ("", "x", f"{BUILT_IN.id}/quiz-99", f"nowhere/{QUIZ.id}"):
        answer = choose(teacher, page, nonsense)
        assert answer.status_code == 422
        assert "Choose what the link opens." in answer.text
    theirs = open_link(world, student, link).request.path.partition("/items/")[0]
    assert student.get(f"{theirs}/link", base_url=TOOL).status_code == 403


@pytest.mark.parametrize("custom", [{"item": QUIZ.id}, {"course": BUILT_IN.id}])
def test_a_link_that_says_what_it_opens_is_not_asked_about(
    world: World, link: dict[str, Any], custom: dict[str, str]
) -> None:
    teacher = world.browser()
    page = open_link(world, teacher, {**link, "CUSTOM": custom}, teacher=True)
    assert "What should this link open?" not in page.text
    address = page.request.path.partition("/items/")[0] + "/link"
    csrf = {
        "csrf_token": teacher.get(address, base_url=TOOL).text.partition('csrf_token" value="')[2].partition('"')[0]
    }
    assert teacher.post(address, base_url=TOOL, data={**csrf, "item": f"{BUILT_IN.id}/lesson-1"}).status_code != 303


def test_a_menu_entry_of_the_course_opens_all_of_it(world: World, link: dict[str, Any]) -> None:
    navigation = {**link, "RESOURCE_LINK": {"id": link["CONTEXT"]["id"]}}
    assert "/items/introduction" in open_link(world, world.browser(), navigation, teacher=True).request.path
