"""Opening activities: as everybody, in every container, at phone width. Third-party cookies are blocked throughout."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Frame, expect

from tests.moodle.activities import Activity, open_embedded, open_here, opened_in_window
from tests.moodle.conftest import School, World
from tests.moodle.tools import Container
from tests.support.browser import DESKTOP, PHONE, sideways_scroll


def expect_the_quiz(frame: Frame, *, instructor: bool = False) -> None:
    """The page that a quiz begins with, and that its session holds when it is asked for again."""
    button = frame.get_by_role("button", name="Start a preview" if instructor else "Start")
    expect(button).to_be_visible()
    expect(frame.get_by_text("You are looking at this as an instructor")).to_have_count(int(instructor))
    assert sideways_scroll(frame) == []
    frame.goto(frame.url)
    expect(button).to_be_visible()


@pytest.mark.parametrize("who", ["admin", "teacher", "ada"])
def test_in_a_frame_everybody_sees_the_page_that_is_theirs(school: School, quiz: Activity, who: str) -> None:
    frame = open_embedded(school[who], quiz)
    expect_the_quiz(frame, instructor=who != "ada")
    school.picture(who, f"launch-frame-{who}")


def test_in_a_narrow_frame(school: School, quiz: Activity) -> None:
    page = school["ada"].page
    page.set_viewport_size(PHONE)
    try:
        expect_the_quiz(open_embedded(school["ada"], quiz))
        school.picture("ada", "launch-frame-narrow")
    finally:
        page.set_viewport_size(DESKTOP)


def test_on_a_phone_it_takes_the_place_of_moodle(school: School, quiz: Activity) -> None:
    expect_the_quiz(open_here(school["cleo"], quiz))
    school.picture("cleo", "launch-phone")


def test_in_the_existing_window(world: World, school: School, registered: int, quiz: Activity) -> None:
    with set_to(world, registered, "existing window"):
        expect_the_quiz(open_here(school["ada"], quiz))
        school.picture("ada", "launch-existing-window")


def test_in_a_new_window(world: World, school: School, registered: int, quiz: Activity) -> None:
    with set_to(world, registered, "new window"), opened_in_window(school["ada"], school.course, quiz) as frame:
        expect_the_quiz(frame)


def test_from_the_frame_into_a_window_of_its_own(school: School, quiz: Activity) -> None:
    frame = open_embedded(school["ada"], quiz)
    frame.get_by_role("link", name="Open in a new window").press("Enter")
    button = frame.locator("form[data-new-window] button")
    expect(button).to_be_visible()
    frame.wait_for_load_state()
    with school["ada"].page.expect_popup() as opened:
        button.press("Enter")
    expect_the_quiz(opened.value.main_frame)
    opened.value.close()


@pytest.mark.parametrize("who", ["ada", "cleo"], ids=["from a frame", "from a phone"])
def test_back_to_the_course(school: School, quiz: Activity, who: str) -> None:
    page = school[who].page
    tool = open_embedded(school[who], quiz) if who == "ada" else open_here(school[who], quiz)
    tool.get_by_role("link", name="Back to your course").press("Enter")
    page.wait_for_url(f"**/course/view.php?id={school.course.id}")


@contextmanager
def set_to(world: World, type_id: int, container: Container) -> Iterator[None]:
    """Another container for a while."""
    world.tools.open_in(type_id, container)
    yield
    world.tools.open_in(type_id, "embed without blocks")
