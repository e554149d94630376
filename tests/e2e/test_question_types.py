"""Questions with several right answers in a real browser: saved by themselves, taken back, checked, read out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from config.database import Database
from config.settings import Settings
from tests.course.course_files import MIXED_QUIZ
from tests.support.browser import PHONE, Scheme, axe_violations, private_window, sideways_scroll
from tests.support.desk import Desk, running_desk

pytestmark = pytest.mark.browser

OFFLINE = r"ERR_INTERNET_DISCONNECTED"
SAVED = re.compile("^Saved$")


@pytest.fixture
def desk(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(settings, sqlite_database, tmp_path / "small", MIXED_QUIZ) as running:
        yield running


def several(page: Page) -> Locator:
    return page.get_by_role("group", name=re.compile("^Question 2 of 3"))


def box(page: Page, word: str) -> Locator:
    return several(page).get_by_role("checkbox", name=f"The {word}", exact=True)


def expect_saved(page: Page) -> None:
    """The page says that everything chosen is on the server."""
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()


def test_boxes_save_themselves_and_are_taken_back_when_the_last_tick_goes(browser: Browser, desk: Desk) -> None:
    with private_window(browser) as context:
        page = desk.open(context)
        several(page).locator("label", has_text="The data").click()
        box(page, "weights").check()
        desk.expect_kept({"learned": ["weights", "data"]})
        expect(page.get_by_text("1 of 3 answered")).to_be_visible()
        box(page, "weights").uncheck()
        box(page, "data").uncheck()
        desk.expect_kept({})
        expect(page.get_by_text("0 of 3 answered")).to_be_visible()
        page.reload()
        expect(box(page, "weights")).not_to_be_checked()


def test_boxes_ticked_or_cleared_while_offline_come_back_and_are_saved(browser: Browser, desk: Desk) -> None:
    with private_window(browser, allowed=[OFFLINE]) as context:
        page = desk.open(context)
        box(page, "layers").check()
        desk.expect_kept({"learned": ["layers"]})
        expect_saved(page)
        context.set_offline(True)
        box(page, "layers").uncheck()
        expect(page.get_by_text("Not saved: you are offline.")).to_be_visible()
        page.close()
        context.set_offline(False)
        desk.expect_kept({"learned": ["layers"]})
        again = desk.open(context)
        expect_saved(again)
        expect(box(again, "layers")).not_to_be_checked()
        desk.expect_kept({})


def test_a_tab_that_another_has_replaced_takes_no_tick_back_and_offers_its_own(browser: Browser, desk: Desk) -> None:
    with private_window(browser, allowed=[r"status of 409"]) as context:
        old, new = desk.open(context), desk.open(context)
        box(new, "weights").check()
        desk.expect_kept({"learned": ["weights"]})
        old.bring_to_front()
        old.get_by_role("radio", name="Many layers").check()
        expect(old.get_by_text("This quiz is now open on another device or in another window")).to_be_visible()
        desk.expect_kept({"learned": ["weights"]})
        old.get_by_role("link", name="Go on here").click()
        kept = old.get_by_role("alert").filter(has_text="never saved")
        expect(kept.get_by_text("Question 1 of 3: Many layers")).to_be_visible()
        expect(box(old, "weights")).to_be_checked()
        kept.get_by_role("button", name="Use these answers").click()
        desk.expect_kept({"deep": ["layers"], "learned": ["weights"]})


def test_a_checked_card_says_in_words_what_it_earned_and_has_the_focus(browser: Browser, desk: Desk) -> None:
    with private_window(browser) as context:
        page = desk.open(context)
        several(page).get_by_role("button", name="Check this answer").click()
        expect(several(page).get_by_text("Choose an answer first.")).to_be_visible()
        expect(box(page, "weights")).to_be_focused()
        page.keyboard.press("Space")
        several(page).get_by_role("button", name="Check this answer").click()
        verdict = several(page).get_by_text("Partly right: 0.5 of 1 point")
        expect(verdict).to_be_focused()
        expect(several(page).get_by_text("Right, but not chosen")).to_be_visible()
        expect(box(page, "weights")).to_be_disabled()
        desk.expect_kept({"learned": ["weights"]})


def test_without_scripts_the_form_does_the_same(browser: Browser, desk: Desk) -> None:
    with private_window(browser, scripts=False) as context:
        page = desk.open(context)
        box(page, "weights").check()
        box(page, "biases").check()
        page.get_by_role("radio", name="False", exact=True).check()
        page.get_by_role("button", name="Save and finish later").click()
        expect(page.get_by_text("2 of 3 answered")).to_be_visible()
        box(page, "weights").uncheck()
        box(page, "biases").uncheck()
        page.get_by_role("button", name="Save and finish later").click()
        expect(page.get_by_text("1 of 3 answered")).to_be_visible()
        desk.expect_kept({"deeper": ["false"]})
        box(page, "weights").check()
        several(page).get_by_role("button", name="Check this answer").click()
        expect(page.get_by_text("Partly right: 0.5 of 1 point")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_cards(browser: Browser, desk: Desk, scheme: Scheme) -> None:
    with private_window(browser, PHONE, scheme) as context:
        page = desk.open(context)
        box(page, "weights").check()
        box(page, "data").check()
        box(page, "biases").check()
        assert axe_violations(page) + sideways_scroll(page) == []
        several(page).get_by_role("button", name="Check this answer").click()
        expect(several(page).get_by_text("Chosen, but not right")).to_be_visible()
        assert axe_violations(page) + sideways_scroll(page) == []
