"""A quiz on a phone, from its first question to Moodle's gradebook."""

from tests.e2e.people import ONE_WRONG, choose, expect_delivered, expect_result, expect_saved, hand_in, start
from tests.moodle.activities import Activity, open_here
from tests.moodle.conftest import School
from tests.moodle.gradebook import Gradebook


def test_four_of_five_arrive_in_the_gradebook(school: School, quiz: Activity) -> None:
    tool = open_here(school["cleo"], quiz)
    start(tool)
    choose(tool, ONE_WRONG)
    expect_saved(tool)
    school.picture("cleo", "quiz-open-phone")
    hand_in(tool)
    expect_result(tool, "4 of 5")
    expect_delivered(tool, "4 of 5")
    school.picture("cleo", "quiz-result-phone")
    Gradebook(school["teacher"], school.course).expect_grade(school.ids["cleo"], quiz, "4.00")
    school.picture("teacher", "gradebook")
