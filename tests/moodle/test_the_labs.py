"""Labs: decided by a person, changed by a person, graded by a model; each as it stands in Moodle's gradebook."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from course.items import Lab
from tests.e2e.people import COURSE
from tests.grading.lab_class import GOOD
from tests.moodle.activities import Activity
from tests.moodle.conftest import School
from tests.moodle.gradebook import Gradebook
from tests.moodle.tool import Tool
from tests.moodle.work import argue, enter, judge, open_activity
from tests.support.model_service import KEY, RunningModelService

LABS = [item for item in COURSE.items if isinstance(item, Lab)]


@pytest.fixture
def model(tool: Tool) -> Iterator[None]:
    """The tool with a model to talk with and to be graded by, for a while."""
    with RunningModelService() as service:
        tool.restart(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=service.url)
        yield
        tool.restart(ANTHROPIC_API_KEY="", ANTHROPIC_BASE_URL="")


def placed(module: list[Activity], lab: Lab) -> Activity:
    return next(one for one in module if one.name.endswith(lab.title))


def test_without_a_model_a_person_decides_and_may_decide_otherwise(school: School, module: list[Activity]) -> None:
    activity, ada = placed(module, LABS[0]), school.ids["ada"]
    grades = Gradebook(school["teacher"], school.course)
    frame = open_activity(school["ada"], activity)
    argue(frame, GOOD)
    expect(frame.get_by_role("heading", name="Handed in, waiting to be graded")).to_be_visible()
    for level, grade in ((3, "75.00"), (4, "100.00")):
        review = enter(school["teacher"], grades.grade_analysis(ada, activity))
        judge(review, level, "It is there in the first turn.")
        grades.expect_grade(ada, activity, grade)


def test_a_column_whose_maximum_was_changed_gets_its_share(school: School, module: list[Activity]) -> None:
    activity, ada = placed(module, LABS[1]), school.ids["ada"]
    grades = Gradebook(school["teacher"], school.course)
    grades.set_maximum(activity, 50)
    argue(open_activity(school["ada"], activity), GOOD)
    review = enter(school["teacher"], grades.grade_analysis(ada, activity))
    judge(review, 3, "It is there in the first turn.")
    grades.expect_grade(ada, activity, "37.50")


def test_with_a_model_the_grade_comes_by_itself(school: School, module: list[Activity], model: None) -> None:
    activity, bob = placed(module, LABS[0]), school.ids["bob"]
    argue(open_activity(school["bob"], activity), GOOD)
    Gradebook(school["teacher"], school.course).expect_grade(bob, activity, "72.00")
