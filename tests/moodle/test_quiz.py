"""A quiz from its first question to Moodle's gradebook, in a frame and on a phone."""

import pytest

from tests.e2e.people import ONE_WRONG, choose, expect_delivered, expect_result, expect_saved, hand_in, start
from tests.moodle.activities import Activity, open_embedded, open_here
from tests.moodle.conftest import QUIZ_NAME, School
from tests.moodle.gradebook import await_grade, grade


@pytest.mark.parametrize("who", ["ada", "bob"], ids=["in a frame", "on a phone"])
def test_four_of_five_arrive_in_the_gradebook(school: School, quiz: Activity, who: str) -> None:
    assert grade(school["teacher"], school.course, QUIZ_NAME, school.ids[who]) == ("-", "0–5")
    tool = open_here(school[who], quiz) if who == "bob" else open_embedded(school[who], quiz)
    start(tool)
    choose(tool, ONE_WRONG)
    expect_saved(tool)
    school.picture(who, f"quiz-open-{who}")
    hand_in(tool)
    expect_result(tool, "4 of 5")
    expect_delivered(tool, "4 of 5")
    school.picture(who, f"quiz-result-{who}")
    await_grade(school["teacher"], school.course, QUIZ_NAME, school.ids[who], "4.00")
    school.picture("teacher", f"gradebook-{who}")
