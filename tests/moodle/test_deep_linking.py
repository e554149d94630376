"""Choosing activities in the tool's picker, from Moodle's own form."""

from tests.e2e.people import COURSE, LESSON
from tests.moodle.activities import Activity
from tests.moodle.conftest import School
from tests.moodle.picker import choose_one


def test_the_whole_module_becomes_activities_in_its_order(module: list[Activity]) -> None:
    assert len(module) == len(COURSE.items)
    assert all(one.name.endswith(item.title) for one, item in zip(module, COURSE.items, strict=True))


def test_one_item_fills_the_form_and_becomes_an_activity(
    school: School, registered: int, module: list[Activity]
) -> None:
    activities = school.activities
    activities.new(registered, section=2)
    picker = activities.open_picker()
    school.picture("teacher", "picker-again")
    choose_one(picker, LESSON.title)
    name = activities.page.locator("#id_name").input_value()
    school.picture("teacher", "picker-one-chosen")
    activities.save()
    assert LESSON.title in name
    assert [one.name for one in activities.all()[len(module) :]] == [name]
