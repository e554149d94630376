"""Moodle stands still in mid-attempt: work goes on, and the grade comes afterwards."""

import os
import subprocess

import pytest
from playwright.sync_api import expect

from course.items import ItemKind, Quiz
from tests.e2e.people import COURSE
from tests.moodle.activities import Activity
from tests.moodle.conftest import School
from tests.moodle.gradebook import Gradebook
from tests.moodle.work import answer, begin, hand_in, open_activity

QUIZ = [item for item in COURSE.items if isinstance(item, Quiz) and item.kind is not ItemKind.TEST][3]
COMMANDS = ("MOODLE_STOP", "MOODLE_START")


@pytest.mark.skipif(
    any(name not in os.environ for name in COMMANDS),
    reason="MOODLE_STOP and MOODLE_START are not set: commands that stop this Moodle and start it again",
)
def test_work_goes_on_and_the_grade_comes_afterwards(school: School, module: list[Activity]) -> None:
    activity = next(one for one in module if one.name.endswith(QUIZ.title))
    frame = open_activity(school["bob"], activity)
    begin(frame)
    stop, start = (os.environ[name] for name in COMMANDS)
    subprocess.run(stop, shell=True, check=True)
    try:
        answer(frame, QUIZ, wrong=1)
        hand_in(frame, QUIZ)
        expect(frame.get_by_text("Saved, on its way to your gradebook.")).to_be_visible()
    finally:
        subprocess.run(start, shell=True, check=True)
    Gradebook(school["teacher"], school.course).expect_grade(school.ids["bob"], activity, "4.00")
