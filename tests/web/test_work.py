"""A piece of work opened from the gradebook, as Canvas's SpeedGrader launches the address it was given with a score."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from course.attempts import start_attempt, submit_attempt
from course.models import Learner, Placement
from grading.service import record_quiz_outcome
from lti_tool.ags import SCOPE_SCORE
from lti_tool.models import LtiUser, ResourceLink
from tests.lti_tool.fake_platform import INSTRUCTOR
from tests.support.factory import QUIZ, answer_quiz
from tests.web.test_launch import TOOL, World, keys, world  # noqa: F401 - fixtures

GRADES = {
    "scope": [SCOPE_SCORE],
    "lineitem": "https://lms.example/7/lineitem",
    "lineitems": "https://lms.example/lineitems",
}
GRACE: dict[str, Any] = {"sub": "99", "name": "Grace Hopper", "ROLES": [INSTRUCTOR]}


@pytest.fixture
def work(world: World) -> str:  # noqa: F811
    """The key of an attempt that Ada has handed in."""
    world.launch(world.browser(), QUIZ.id)
    with world.database.transaction() as session:
        placement, ada = session.scalars(select(Placement)).one(), session.scalars(select(Learner)).one()
        attempt = start_attempt(session, placement, ada.id, QUIZ, is_preview=False)
        answer_quiz(session, attempt, right=3)
        submit_attempt(session, attempt)
        record_quiz_outcome(session, attempt)
        return attempt.key


def open_work(world: World, key: str, **changes: Any) -> TestResponse:  # noqa: F811
    """SpeedGrader's launch: of the context's own id as resource link, and with custom values of the tool's."""
    browser = world.browser()
    values = {"TARGET_LINK_URI": f"{TOOL}/lti/submissions/{key}", "RESOURCE_LINK": {"id": "5"}, **changes}
    answer = world.launch(browser, None, **values)
    return browser.get(urlsplit(answer.location).path, base_url=TOOL) if answer.status_code == 303 else answer


def test_an_instructor_sees_the_answers_and_nothing_new_is_placed(world: World, work: str) -> None:  # noqa: F811
    page = open_work(world, work, CUSTOM={"item": "lesson-1"}, **GRACE)

    assert page.status_code == 200
    assert "Ada Lovelace" in page.text
    assert "3 of 5" in page.text
    assert page.text.count("the student’s answer, right") == 3
    assert page.text.count("the student’s answer, not right") == 2
    assert world.count(ResourceLink) == 1


def test_the_learner_is_led_to_their_own_result(world: World, work: str) -> None:  # noqa: F811
    answer = open_work(world, work)

    assert answer.status_code == 302
    assert answer.location.endswith(f"/items/{QUIZ.id}")


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "18", "name": "Alan Turing"},
        {**GRACE, "CONTEXT": {"id": "6"}},
        {**GRACE, "CONTEXT": ...},
    ],
    ids=["another learner", "an instructor elsewhere", "no context"],
)
def test_nobody_else_sees_it(world: World, work: str, changes: dict[str, Any]) -> None:  # noqa: F811
    assert open_work(world, work, **changes).status_code == 404


def test_an_address_of_no_work_is_told(world: World, work: str) -> None:  # noqa: F811
    other = work[:-1] + ("a" if work[-1] != "a" else "b")

    assert open_work(world, other, **GRACE).status_code == 404
    assert (
        world.browser().get(f"/lti/submissions/{work}", base_url=TOOL).status_code == 200
    )  # a probe, which sees nothing


def test_seated_elsewhere_is_not_seated_here(world: World, work: str) -> None:  # noqa: F811
    browser = world.browser()
    answer = world.launch(browser, QUIZ.id, **{**GRACE, "CONTEXT": {"id": "6"}})
    path = urlsplit(answer.location).path

    assert browser.get(f"{path}/submissions/{work}", base_url=TOOL).status_code == 404


def review(world: World, whose: str, **changes: Any) -> TestResponse:  # noqa: F811
    """Moodle's "grade analysis": the activity's own link, and whose work is meant."""
    browser = world.browser()
    asked = {"MESSAGE_TYPE": "LtiSubmissionReviewRequest", "FOR_USER": {"user_id": whose}, "AGS_ENDPOINT": GRADES}
    answer = world.launch(browser, QUIZ.id, **{**asked, **changes})
    return browser.get(urlsplit(answer.location).path, base_url=TOOL) if answer.status_code == 303 else answer


def test_grade_analysis_shows_an_instructor_what_was_handed_in(world: World, work: str) -> None:  # noqa: F811
    page = review(world, ada_sub(world), **GRACE)
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text
    assert "3 of 5" in page.text


def test_grade_analysis_of_one_who_handed_in_nothing_opens_the_activity(world: World, work: str) -> None:  # noqa: F811
    answer = review(world, "no-such-person", **GRACE)
    assert answer.status_code == 302
    assert answer.location.endswith(f"/items/{QUIZ.id}")


def test_grade_analysis_shows_a_learner_their_own_work_only(world: World, work: str) -> None:  # noqa: F811
    assert review(world, ada_sub(world)).location.endswith(f"/items/{QUIZ.id}")
    assert review(world, ada_sub(world), sub="18", name="Alan Turing").status_code == 404


@pytest.mark.parametrize("named", [..., None, {}, {"user_id": ""}, {"user_id": 5}, [], "17"])
def test_grade_analysis_says_whose_work_is_meant(world: World, named: object) -> None:  # noqa: F811
    assert review(world, "17", FOR_USER=named, **GRACE).status_code == 400


def ada_sub(world: World) -> str:  # noqa: F811
    """Ada's id at her platform, as the first launch gave it."""
    with world.database.reading() as session:
        return session.scalars(select(LtiUser.sub).order_by(LtiUser.id)).first() or ""
