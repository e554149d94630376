"""A piece of work opened from the gradebook, as Canvas's SpeedGrader launches the address it was given with a score."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.clock import now
from course.attempts import start_attempt, submit_attempt
from course.items import Quiz
from course.models import Attempt, Learner, Placement
from grading.service import record_quiz_outcome
from lti_tool.ags import SCOPE_SCORE
from lti_tool.models import LineItem, LtiUser, ResourceLink
from tests.lti_tool.fake_platform import INSTRUCTOR
from tests.support.factory import BUILT_IN, QUIZ, answer_quiz
from tests.web.test_launch import TOOL, World, keys, world  # noqa: F401 - fixtures

OTHER_QUIZ = next(item for item in BUILT_IN.items if isinstance(item, Quiz) and item.id != QUIZ.id)
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
    if answer.status_code != 303:
        return answer
    parts = urlsplit(answer.location)
    return browser.get(parts.path, base_url=TOOL, query_string=parts.query)


def test_grade_analysis_shows_an_instructor_what_was_handed_in(world: World, work: str) -> None:  # noqa: F811
    page = review(world, ada_sub(world), **GRACE)
    assert page.status_code == 200
    assert "Ada Lovelace" in page.text
    assert "3 of 5" in page.text


def test_the_way_to_each_point_stands_there_and_other_attempts_can_be_reached(world: World, work: str) -> None:  # noqa: F811
    with world.database.transaction() as session:
        first = session.scalars(select(Attempt)).one()
        second = start_attempt(
            session, session.get_one(Placement, first.placement_id), first.learner_id, QUIZ, is_preview=False
        )
        answer_quiz(session, second, right=1)
        submit_attempt(session, second)
        record_quiz_outcome(session, second)
        newest = second.key
    page = review(world, ada_sub(world), **GRACE)
    assert "1 of 5" in page.text
    assert "The best attempt counts: 3 of 5." in page.text
    assert page.text.count("work-feedback") == 5
    assert f"/submissions/{work}" in page.text
    assert f"/submissions/{newest}" not in page.text


@pytest.mark.parametrize(
    ("state", "told", "advice"),
    [
        ("unknown", "has never been here", "Once they have opened this activity"),
        ("not begun", "Alan Turing has not begun this yet", "it opens here from the gradebook"),
        ("at work", "has not handed anything in yet", "Come back once it is handed in"),
    ],
)
def test_grade_analysis_of_work_that_is_not_there_says_what_to_do_and_lists_all_work(
    world: World,  # noqa: F811
    work: str,
    state: str,
    told: str,
    advice: str,
) -> None:
    if state != "unknown":
        world.launch(world.browser(), QUIZ.id, sub="18", name="Alan Turing")
    if state == "at work":
        with world.database.transaction() as session:
            alan = session.scalars(select(LtiUser).where(LtiUser.sub == "18")).one()
            start_attempt(session, session.scalars(select(Placement)).one(), alan.learner_id, QUIZ, is_preview=False)
    page = review(world, "18", **GRACE)
    assert page.status_code == 200
    assert told in page.text
    assert advice in page.text
    assert f"/submissions/{work}" in page.text  # Ada's, in the list


def test_a_learner_without_work_is_led_to_the_activity(world: World) -> None:  # noqa: F811
    page = review(world, "17", sub="17")
    assert page.status_code == 200
    assert page.request.path.endswith(f"/items/{QUIZ.id}")


def test_on_a_phone_moodle_drops_the_action_and_the_list_of_learners_is_the_way(world: World, work: str) -> None:  # noqa: F811
    browser = world.browser()
    place = urlsplit(world.launch(browser, QUIZ.id, **GRACE).location).path
    page = browser.get(place, base_url=TOOL, follow_redirects=True)
    assert f'href="{place}/submissions"' in page.text
    listed = browser.get(f"{place}/submissions", base_url=TOOL)
    assert "Ada Lovelace" in listed.text
    assert "3 of 5" in listed.text
    assert browser.get(f"{place}/submissions/{work}", base_url=TOOL).status_code == 200


def test_the_list_is_for_instructors(world: World, work: str) -> None:  # noqa: F811
    browser = world.browser()
    place = urlsplit(world.launch(browser, QUIZ.id).location).path
    assert browser.get(f"{place}/submissions", base_url=TOOL).status_code == 403


def test_of_a_whole_course_the_column_says_which_item_is_meant(world: World) -> None:  # noqa: F811
    """Where a link has several columns Moodle names none: then what was handed in last opens."""
    world.launch(world.browser(), None, AGS_ENDPOINT=GRADES)
    with world.database.transaction() as session:
        link, ada = session.scalars(select(ResourceLink)).one(), session.scalars(select(LtiUser)).one()
        session.add(LineItem(resource_link_id=link.id, item_id=QUIZ.id, url=GRADES["lineitem"], updated_at=now()))
        keys = {}
        for item in (QUIZ, OTHER_QUIZ):
            attempt = start_attempt(session, link.placement, ada.learner_id, item, is_preview=False)
            submit_attempt(session, attempt)
            record_quiz_outcome(session, attempt)
            keys[item.id] = attempt.key
    whole = {**GRACE, "TARGET_LINK_URI": f"{TOOL}/lti/launch"}
    asked = {"MESSAGE_TYPE": "LtiSubmissionReviewRequest", "FOR_USER": {"user_id": ada_sub(world)}}
    named = world.launch(world.browser(), None, **{**asked, **whole, "AGS_ENDPOINT": GRADES})
    assert named.location.endswith(f"/submissions/{keys[QUIZ.id]}")
    unnamed = world.launch(world.browser(), None, **{**asked, **whole, "AGS_ENDPOINT": {**GRADES, "lineitem": None}})
    assert unnamed.location.endswith(f"/submissions/{keys[OTHER_QUIZ.id]}")
    by_column = world.launch(world.browser(), None, **{**asked, **whole, "AGS_ENDPOINT": GRADES, "RESOURCE_LINK": ...})
    assert by_column.location.endswith(f"/submissions/{keys[QUIZ.id]}")
    elsewhere = {**GRADES, "lineitem": "https://lms.example/8/lineitem"}
    stray = {**asked, **whole, "AGS_ENDPOINT": elsewhere, "RESOURCE_LINK": ...}
    assert world.launch(world.browser(), None, **stray).status_code == 404


def test_grade_analysis_shows_a_learner_their_own_work_only(world: World, work: str) -> None:  # noqa: F811
    assert review(world, ada_sub(world)).location.endswith(f"/items/{QUIZ.id}")
    refused = review(world, ada_sub(world), sub="18", name="Alan Turing")
    assert refused.status_code == 403
    assert "somebody else’s work" in refused.text
    assert world.count(LtiUser) == 1  # nobody was let in for it


def test_the_head_of_a_moodle_column_means_nobody_and_opens_the_activity(world: World, work: str) -> None:  # noqa: F811
    answer = review(world, "17", FOR_USER=..., **GRACE)
    assert answer.status_code == 302
    assert answer.location.endswith(f"/items/{QUIZ.id}")


@pytest.mark.parametrize("named", [None, {}, {"user_id": ""}, {"user_id": 5}, [], "17"])
def test_grade_analysis_says_whose_work_is_meant(world: World, named: object) -> None:  # noqa: F811
    assert review(world, "17", FOR_USER=named, **GRACE).status_code == 400


def ada_sub(world: World) -> str:  # noqa: F811
    """Ada's id at her platform, as the first launch gave it."""
    with world.database.reading() as session:
        return session.scalars(select(LtiUser.sub).order_by(LtiUser.id)).first() or ""
