"""A person decides about labs by keyboard alone: from what waits to the transcript, to and fro between quotes and their
places, each criterion, and on to the next; and every page of it can be used by everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from config.database import Database
from config.settings import from_environment
from lti_tool.migrating import upgrade
from tests.e2e.hands import Keyboard
from tests.support.browser import COLOURS, DESKTOP, axe_violations, private_window, sideways_scroll
from tests.support.review_desk import APPEAL, ReviewDesk, running_review_desk

pytestmark = pytest.mark.browser

NARROW: ViewportSize = {"width": 320, "height": 640}
WHY = "The first turn follows it to the list."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewDesk]:
    folder = tmp_path_factory.mktemp("reviews")
    url = f"sqlite:///{folder / 'coursewright.sqlite'}"
    database = Database(url)
    upgrade(database.engine)
    settings = from_environment({"COURSEWRIGHT_DATA_DIR": str(folder), "COURSEWRIGHT_DATABASE_URL": url})
    with running_review_desk(settings, database) as running:
        yield running
    database.dispose()


def _faults(page: Page) -> list[str]:
    page.set_viewport_size(NARROW)
    found = sideways_scroll(page)
    page.set_viewport_size(DESKTOP)
    found += axe_violations(page) + sideways_scroll(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += axe_violations(page, COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def test_what_waits_is_decided_and_answered_without_touching_the_pointer(browser: Browser, desk: ReviewDesk) -> None:
    with private_window(browser, DESKTOP, allowed=[r"status of 422"]) as context:
        page = desk.open(context)
        keyboard = Keyboard(page)
        assert _faults(page) == []
        keyboard.press(page.get_by_role("link", name="Ada Lovelace"))
        expect(page.get_by_role("heading", name="Judge each criterion")).to_be_visible()
        page.wait_for_load_state()  # its keys as well
        assert _faults(page) == []
        _judge_each(page, keyboard)
        expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        expect(page.get_by_role("link", name="Open the next one")).to_be_focused()
        page.keyboard.press("Enter")
        _answer(page, keyboard)
        expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
        assert _faults(page) == []
    _is_recorded(desk)


def test_everybody_can_find_and_mend_a_link_that_points_elsewhere(browser: Browser, desk: ReviewDesk) -> None:
    desk.lead_a_link_astray()
    with private_window(browser, DESKTOP) as context:
        page = desk.open(context, "links")
        expect(page.get_by_text("1 link points elsewhere.")).to_be_visible()
        assert _faults(page) == []
        page.get_by_role("link", name="Choose what it opens").first.press("Enter")
        expect(page.get_by_role("radio").first).to_be_visible()
        assert _faults(page) == []


def _judge_each(page: Page, keyboard: Keyboard) -> None:
    criteria = page.locator("[data-criterion]").all()
    page.keyboard.press("j")
    expect(criteria[0]).to_be_focused()
    _to_a_quote_and_back(page, keyboard, criteria[0])
    page.keyboard.press("j")
    page.keyboard.press("k")
    for number, criterion in enumerate(criteria):
        page.keyboard.press("3")
        expect(criterion.get_by_role("radio", name="3 Good")).to_be_focused()
        expect(criterion.get_by_role("radio", name="3 Good")).to_be_checked()
        if number < len(criteria) - 1:
            keyboard.type(criterion.get_by_label("Why, in words"), WHY)
        page.keyboard.press("Tab")
    keyboard.press(page.get_by_role("button", name="Save and release"))
    expect(page.get_by_role("alert").filter(has_text="why you decide so")).to_be_focused()
    for criterion in criteria[:-1]:
        expect(criterion.get_by_label("Why, in words")).to_have_value(WHY)
    keyboard.type(criteria[-1].get_by_label("Why, in words"), WHY)
    keyboard.press(page.get_by_role("button", name="Save and release"))


def _to_a_quote_and_back(page: Page, keyboard: Keyboard, criterion: Locator) -> None:
    quote = criterion.get_by_role("link").first
    words = quote.inner_text()
    keyboard.press(quote)
    mark = page.locator("mark:target")
    expect(mark).to_have_text(words)
    expect(mark).to_be_in_viewport()
    name = criterion.get_attribute("id")
    keyboard.press(page.get_by_role("region", name="The conversation").locator(f"a[href='#{name}']").first)
    expect(criterion).to_be_in_viewport()
    expect(page.locator("fieldset:target")).to_have_id(name or "")


def _answer(page: Page, keyboard: Keyboard) -> None:
    appeal = page.get_by_role("region", name="The student asks about Mechanism")
    expect(appeal.get_by_text(APPEAL)).to_be_visible()
    assert _faults(page) == []
    keyboard.type(appeal.get_by_label("Your answer"), "Look at the levels again: it is there.")
    page.keyboard.press("Tab")
    page.keyboard.press("4")
    expect(appeal.get_by_label("Level")).to_have_value("4")
    keyboard.press(appeal.get_by_role("button", name="Send the answer"))


def _is_recorded(desk: ReviewDesk) -> None:
    ada, alan = (desk.room.outcomes(attempt_id) for attempt_id in desk.attempt_ids)
    assert {one["why"] for one in ada[-1].evidence["criteria"]} == {WHY}
    assert {one["level"] for one in ada[-1].evidence["criteria"]} == {3}
    assert [_level(one.evidence, "mechanism") for one in alan] == [2, 4]


def _level(evidence: dict[str, list[dict[str, int]]], criterion_id: object) -> int:
    return next(one["level"] for one in evidence["criteria"] if one["criterion_id"] == criterion_id)
