"""Grades on their way into Moodle's gradebook, and what teachers do there."""

import pytest

from course.items import ItemKind, Quiz
from tests.e2e.people import COURSE
from tests.moodle.activities import Activity
from tests.moodle.conftest import School
from tests.moodle.gradebook import Gradebook
from tests.moodle.work import do_quiz, open_activity

QUIZZES = [item for item in COURSE.items if isinstance(item, Quiz) and item.kind is not ItemKind.TEST]
TEST = next(item for item in COURSE.items if isinstance(item, Quiz) and item.kind is ItemKind.TEST)


@pytest.fixture(scope="module")
def grades(school: School, module: list[Activity]) -> Gradebook:
    """The gradebook in the teacher's tab."""
    return Gradebook(school["teacher"], school.course)


def placed(module: list[Activity], quiz: Quiz) -> Activity:
    return next(one for one in module if one.name.endswith(quiz.title))


def test_quizzes_open_the_module_test_and_all_reach_the_gradebook(
    school: School, module: list[Activity], grades: Gradebook
) -> None:
    for quiz in QUIZZES:
        do_quiz(open_activity(school["ada"], placed(module, quiz)), quiz, wrong=1)
    do_quiz(open_activity(school["ada"], placed(module, TEST)), TEST, wrong=2)
    school.picture("ada", "test-result")
    for quiz in QUIZZES:
        grades.expect_grade(school.ids["ada"], placed(module, quiz), "4.00")
    grades.expect_grade(school.ids["ada"], placed(module, TEST), "13.00")


def test_a_grade_that_a_teacher_has_set_stays_and_the_student_is_told(
    school: School, module: list[Activity], grades: Gradebook
) -> None:
    quiz = QUIZZES[1]
    activity = placed(module, quiz)
    grades.override(school.ids["ada"], activity, "2")
    frame = open_activity(school["ada"], activity)
    do_quiz(frame, quiz)
    told = "Your gradebook shows the grade that your instructor has set there."
    expect_told(school, "ada", activity, told)
    assert grades.grade(school.ids["ada"], activity) == "2.00"


def test_a_grade_for_a_locked_column_comes_when_it_is_unlocked(
    school: School, module: list[Activity], grades: Gradebook
) -> None:
    quiz, bob = QUIZZES[0], school.ids["bob"]
    activity = placed(module, quiz)
    grades.set_item(bob, activity, locked=True)
    do_quiz(open_activity(school["bob"], activity), quiz)
    assert grades.grade(bob, activity) == "-"
    grades.set_item(bob, activity, locked=False)
    open_activity(school["bob"], activity)
    grades.expect_grade(bob, activity, "5.00")


def test_a_hidden_column_takes_grades(school: School, module: list[Activity], grades: Gradebook) -> None:
    quiz, bob = QUIZZES[1], school.ids["bob"]
    activity = placed(module, quiz)
    grades.set_item(bob, activity, hidden=True)
    do_quiz(open_activity(school["bob"], activity), quiz, wrong=1)
    expect_told(school, "bob", activity, "In your gradebook since")
    grades.set_item(bob, activity, hidden=False)
    assert grades.grade(bob, activity) == "4.00"


def expect_told(school: School, who: str, activity: Activity, told: str) -> None:
    """Wait until somebody's page of an activity says something."""
    for _ in range(20):
        frame = open_activity(school[who], activity)
        if frame.get_by_text(told).count():
            return
        school[who].page.wait_for_timeout(500)
    raise AssertionError(f"the page does not say: {told}")
