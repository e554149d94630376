"""Who is in the course and who leaves it, the gradebook's ways into the tool, and a tool that is told no names."""

import pytest
from playwright.sync_api import expect

from course.items import Quiz
from tests.e2e.people import COURSE
from tests.moodle.activities import Activity
from tests.moodle.conftest import School, World
from tests.moodle.gradebook import Gradebook
from tests.moodle.work import answer, begin, do_quiz, enter, expect_person, hand_in, open_activity

QUIZ = [item for item in COURSE.items if isinstance(item, Quiz)][2]


@pytest.fixture
def activity(module: list[Activity]) -> Activity:
    """A quiz that the other files leave alone, but for Ada's grade."""
    return next(one for one in module if one.name.endswith(QUIZ.title))


def test_the_people_page_has_everybody_of_the_course(school: School, activity: Activity) -> None:
    frame = open_activity(school["teacher"], activity)
    for who, person in school.people.items():
        expect_person(frame, person.name, "Instructor" if who == "teacher" else "Student")
    school.picture("teacher", "people")


def test_grade_analysis_opens_the_work_of_whom_it_stands_beside(school: School, activity: Activity) -> None:
    grades, bob = Gradebook(school["teacher"], school.course), school.ids["bob"]
    do_quiz(open_activity(school["bob"], activity), QUIZ, wrong=2)
    grades.expect_grade(bob, activity, "3.00")
    path = grades.grade_analysis(bob, activity)
    frame = enter(school["teacher"], path)
    expect(frame.get_by_text(school.people["bob"].name)).to_be_visible()
    expect(frame.get_by_text("3 of 5").first).to_be_visible()
    school.picture("teacher", "grade-analysis")
    expect(enter(school["bob"], path).get_by_role("region", name="Your result")).to_be_visible()
    page = school["ada"].go(path)
    expect(page.locator("iframe")).to_have_count(0)
    column = enter(school["teacher"], f"/mod/lti/grade.php?id={activity.id}&itemnumber=0")
    expect(column.get_by_role("heading", level=1, name=QUIZ.title)).to_be_visible()


def test_who_is_suspended_in_mid_attempt_still_gets_the_grade(school: School, activity: Activity) -> None:
    grades, bob = Gradebook(school["teacher"], school.course), school.ids["bob"]
    frame = open_activity(school["bob"], activity)
    begin(frame)
    answer(frame, QUIZ, wrong=1)
    grades.suspend(bob, suspended=True)
    hand_in(frame, QUIZ)
    grades.suspend(bob, suspended=False)
    grades.expect_grade(bob, activity, "4.00")


def test_who_leaves_and_comes_back_has_their_grades_again(world: World, school: School, activity: Activity) -> None:
    grades, bob = Gradebook(school["teacher"], school.course), school.ids["bob"]
    grades.unenrol(bob)
    people = open_activity(school["teacher"], activity)
    expect_person(people, school.people["bob"].name, "not on the platform’s list")
    world.admin.enrol(school.course, school.people["bob"], "Student")
    assert grades.grade(bob, activity) == "-"
    open_activity(school["bob"], activity)
    grades.expect_grade(bob, activity, "4.00")
