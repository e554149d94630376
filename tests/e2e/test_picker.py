"""Choosing activities in a real browser that blocks third-party cookies: in the frames that platforms choose in, by
keyboard, in both themes, and without scripts."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, ViewportSize, expect

from config.database import Database
from lti_tool.practice_lms.personalities import moodle
from tests.e2e.people import GRACE, sign_in
from tests.e2e.picker_walk import open_picker
from tests.support.browser import COLOURS, DESKTOP, PHONE, axe_violations, overlaps, private_window, sideways_scroll
from tests.support.school import School, running_school

pytestmark = pytest.mark.browser

MODAL: ViewportSize = {"width": 770, "height": 578}
SMALL_MODAL: ViewportSize = {"width": 344, "height": 259}


@pytest.fixture(scope="module")
def school(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("school")
    shutil.copy(sqlite_template, folder / "tool.sqlite")
    database = Database(f"sqlite:///{folder / 'tool.sqlite'}")
    with running_school(folder, database, moodle) as running:
        yield running
    database.dispose()


def faults_of(page: Page, frame: Frame) -> list[str]:
    """What is wrong with the page in its frame, in either theme."""
    found = [*axe_violations(frame), *sideways_scroll(frame), *overlaps(frame)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # a colour on its way to another has no contrast
    found += axe_violations(frame, COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def size_of(frame: Frame) -> ViewportSize:
    width, height = frame.evaluate("[innerWidth, innerHeight]")
    return {"width": width, "height": height}


def test_on_a_phone_some_are_chosen_by_keyboard_and_the_instructor_thinks_better_of_it(
    browser: Browser, school: School
) -> None:
    with private_window(browser, PHONE) as context:
        page = context.new_page()
        frame = open_picker(page, school)
        assert abs(size_of(frame)["width"] - SMALL_MODAL["width"]) <= 2
        whole = frame.get_by_role("button", name="Add the whole module").bounding_box()
        shown = page.locator("iframe").bounding_box()
        assert whole
        assert shown
        assert whole["y"] + whole["height"] <= shown["y"] + shown["height"], "it can be pressed without scrolling"
        assert faults_of(page, frame) == []
        first, second = frame.get_by_role("checkbox").nth(1), frame.get_by_role("checkbox").nth(2)
        first.focus()
        page.keyboard.press("Space")
        second.focus()
        page.keyboard.press("Space")
        expect(frame.get_by_role("status")).to_have_text("2 activities chosen. 1 gradebook column.")
        frame.get_by_role("button", name="Cancel").press("Enter")
        expect(frame.get_by_role("heading", name="Nothing was added")).to_be_visible()


def test_in_a_modal_the_whole_module_is_the_first_button_that_tab_reaches(browser: Browser, school: School) -> None:
    with private_window(browser, DESKTOP) as context:
        page = context.new_page()
        frame = open_picker(page, school)
        assert abs(size_of(frame)["height"] - MODAL["height"]) <= 2
        frame.locator("summary").nth(2).press("Enter")
        expect(frame.get_by_text("what does “deep” describe?")).to_be_visible()
        assert faults_of(page, frame) == []
        frame.get_by_role("link", name="Skip to the activities").focus()
        page.keyboard.press("Tab")
        expect(frame.get_by_role("button", name="Add the whole module")).to_be_focused()
        page.keyboard.press("Enter")
        expect(frame.get_by_role("heading", name="To be added: 14")).to_be_visible()
        expect(frame.get_by_text("Gradebook columns: 9")).to_be_visible()
        frame.get_by_role("button", name="Save and return to course").press("Enter")
        page.wait_for_url("**/course?course=2")
        expect(page.get_by_role("list", name="Activities").get_by_role("link")).to_have_count(14)


def test_without_scripts_every_step_has_its_button(browser: Browser, school: School) -> None:
    with private_window(browser, MODAL, scripts=False) as context:
        page = context.new_page()
        sign_in(page, school.lms, GRACE)
        page.goto(f"{school.lms}/selection?course=2")
        page.get_by_role("button", name="Open the activity").press("Enter")
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Continue").press("Enter")
        frame.get_by_role("checkbox").first.press("Space")
        frame.get_by_role("button", name="Add the chosen activities").press("Enter")
        frame.get_by_role("button", name="Continue").press("Enter")
        expect(frame.get_by_role("heading", name="To be added: 1")).to_be_visible()
