"""A course that is copied in the LMS: one student works in both, and nothing of one course is seen in the other."""

from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from course.models import Attempt, Placement
from course.policies import override_of, set_override
from lti_tool.cli.demo_student import STEP_SECONDS
from lti_tool.models import Context, LineItem, ResourceLink
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.personality import Personality
from tests.flows.test_placing_a_module import ADA, COURSE, INSTRUCTOR, MODULE, Somebody
from tests.support.factory import BUILT_IN, QUIZ
from tests.support.school import School, running_school

RULES = {"due_at": "2020-01-31T23:59:00+00:00", "late": "accept"}


def quiz_in(somebody: Somebody, number: str) -> str:
    """The id of the LMS's activity for the quiz in a course."""
    listed = somebody.get("/practice.json", course=number).json()["activities"]
    return next(one["id"] for one in listed if one["id"].startswith(f"{QUIZ.id}-"))


def keys_of(database: Database) -> list[str]:
    """The contexts' keys, the original's first."""
    with database.reading() as session:
        return [f"context-{one}" for one in session.scalars(select(Context.id).order_by(Context.id))]


def grades(school: School, number: str) -> dict[str, float]:
    told = Somebody(school, INSTRUCTOR).get("/gradebook.json", course=number).json()
    return {one["user_id"]: one["result_score"] for one in told}


@pytest.mark.parametrize("personality", [moodle, canvas], ids=lambda one: one.name)
def test_one_student_works_in_a_course_and_in_its_copy(
    tmp_path: Path, sqlite_database: Database, personality: Personality
) -> None:
    with running_school(tmp_path, sqlite_database, personality) as school:
        grace, ada = Somebody(school, INSTRUCTOR), Somebody(school, ADA)
        grace.pick(f"module:{BUILT_IN.id}/{MODULE.id}")
        grace.browser.post(f"{school.lms}/publish", params=COURSE, timeout=STEP_SECONDS).raise_for_status()
        ada.take_quiz(quiz_in(ada, "2"), QUIZ)
        [original] = keys_of(sqlite_database)
        with sqlite_database.transaction() as session:
            set_override(session, original, BUILT_IN, QUIZ, RULES)
        school.deliver()
        assert grades(school, "2") == {ADA: QUIZ.policy.points}
        school.tend()  # from now on the LMS knows where to send notices, if it sends any

        copied = grace.browser.post(f"{school.lms}/copy", params=COURSE, timeout=STEP_SECONDS)
        assert copied.url.endswith("/course?course=3")
        assert len(grace.get("/practice.json", course="3").json()["activities"]) == len(MODULE.items)
        assert grades(school, "3") == {}
        school.tend()
        if personality.sends_notices:
            _, told = keys_of(sqlite_database)
            with sqlite_database.reading() as session:
                assert override_of(session, told, BUILT_IN.id, QUIZ.id) == RULES, "before anybody has opened the copy"
        page = ada.launch(quiz_in(ada, "3"))
        assert f"/items/{QUIZ.id}" in page.url
        assert "/attempts/" not in page.text, "the copy knows of no attempt"
        ada.take_quiz(quiz_in(ada, "3"), QUIZ)
        school.deliver()
        assert grades(school, "3").keys() == {ADA}
        assert grades(school, "2") == {ADA: QUIZ.policy.points}, "late in the copy alone"

        _, copy = keys_of(sqlite_database)
        with sqlite_database.reading() as session:
            assert override_of(session, copy, BUILT_IN.id, QUIZ.id) == RULES
            homes = session.scalars(
                select(Placement.context_key).join(Attempt, Attempt.placement_id == Placement.id).order_by(Attempt.id)
            ).all()
            assert homes == [original, copy]
            columns = session.execute(
                select(LineItem.url, ResourceLink.context_id)
                .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
                .where(LineItem.item_id == QUIZ.id)
            ).all()
        assert len({row.url for row in columns}) == len({row.context_id for row in columns}) == 2
        begun = grace.launch(quiz_in(grace, "3"))
        links = grace.browser.get(begun.url.partition("/items/")[0] + "/links", timeout=STEP_SECONDS).text
        assert "This course was copied from" in links
        assert "No link points elsewhere." in links
        assert f"{QUIZ.label}: {QUIZ.title} is due at" in links
