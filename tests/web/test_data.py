"""What is stored about a person, and who sees it: in a visit, and by a platform's data privacy launch."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from lti_tool.models import BrowserSession, Context, LtiUser
from tests.support.factory import QUIZ
from tests.web.conftest import Room
from tests.web.test_launch import World, keys, world  # noqa: F401 - fixtures

PERSON = "http://purl.imsglobal.org/vocab/lis/v2/{}/person#{}"
ADMIN = {"sub": "1", "ROLES": [PERSON.format("system", "Administrator")]}


def ask(world: World, about: object, spelling: str = "DataPrivacyLaunchRequest", **changes: Any) -> TestResponse:  # noqa: F811
    whole = {"MESSAGE_TYPE": spelling, "FOR_USER": about, "RESOURCE_LINK": ..., "CONTEXT": ..., **changes}
    return world.launch(world.browser(), None, **whole)


def test_in_a_visit_a_student_sees_how_much_of_each_kind_is_stored(room: Room) -> None:
    ada = room.browser()
    ada.hand_in(ada.start(), right=3)
    page = ada.get("/your-data")
    assert page.status_code == 200
    for kind, count in (("Attempts at quizzes", 1), ("Answers to questions", 5), ("Grades, each", 1)):
        line = page.text.partition(kind)[2].partition("</dd>")[0]
        assert line.endswith(f"<dd>{count}"), kind
    assert "No language model is in use here at present." in page.text
    assert "Ask your instructor" in page.text
    assert f'href="{ada.base}/your-data"' in ada.get("/module").text


@pytest.mark.parametrize("spelling", ["DataPrivacyLaunchRequest", "LtiDataPrivacyLaunchRequest"])
def test_a_person_sees_their_own_and_nobody_is_seated_for_it(world: World, spelling: str) -> None:  # noqa: F811
    world.launch(world.browser(), QUIZ.id)
    sessions = world.count(BrowserSession)
    page = ask(world, {"user_id": "17"}, spelling)
    assert page.status_code == 200
    assert "Name, and the id at" in page.text
    assert "Courses visited" in page.text
    assert "coursewright_session" not in str(page.headers)
    assert (world.count(BrowserSession), world.count(Context)) == (sessions, 1)


def test_an_administrator_sees_another_person_and_no_words_of_theirs(world: World) -> None:  # noqa: F811
    world.launch(world.browser(), QUIZ.id)
    page = ask(world, {"id": "17", "given_name": "Ada"}, **ADMIN)
    assert page.status_code == 200
    assert "knows as 17" in page.text
    assert "Lovelace" not in page.text
    assert "Ask whoever runs this tool" in page.text
    assert world.count(LtiUser) == 1  # the administrator is nobody here


def test_an_administrator_sees_nothing_of_another_deployment(world: World) -> None:  # noqa: F811
    world.launch(world.browser(), QUIZ.id)
    page = ask(world, {"user_id": "17"}, DEPLOYMENT_ID="8", **ADMIN)
    assert page.status_code == 200
    assert "Nothing is stored here about this person" in page.text
    assert "Courses visited" not in page.text


def test_somebody_who_never_came_is_told_that_nothing_is_stored(world: World) -> None:  # noqa: F811
    page = ask(world, {"user_id": "17"})
    assert "Nothing is stored about you here" in page.text
    assert world.count(LtiUser) == 0


@pytest.mark.parametrize("roles", [[], ["Administrator"], [PERSON.format("institution", "Instructor")]])
def test_nobody_else_sees_it(world: World, roles: list[str]) -> None:  # noqa: F811
    world.launch(world.browser(), QUIZ.id)
    answer = ask(world, {"user_id": "17"}, sub="18", ROLES=roles)
    assert answer.status_code == 403
    assert "about somebody else" in answer.text
