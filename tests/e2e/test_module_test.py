"""A long, timed test in a real browser: its time, its end, by keyboard alone, without scripts, on every width."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from config.database import Database
from config.settings import Settings
from course.models import Attempt
from tests.e2e.quiz_walk import MODULE_TEST, answer, walk_past_a_test
from tests.support.browser import axe_violations, private_window, sideways_scroll
from tests.support.desk import Desk, running_desk
from tests.support.rules import MovableClock, movable_clock

pytestmark = pytest.mark.browser

NARROW: ViewportSize = {"width": 320, "height": 640}
OFFLINE = r"ERR_INTERNET_DISCONNECTED"
REFUSED = r"status of 4\d\d"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    return movable_clock(monkeypatch)


@pytest.fixture
def desk(settings: Settings, sqlite_database: Database, tmp_path: Path, now: MovableClock) -> Iterator[Desk]:
    with running_desk(settings, sqlite_database, tmp_path / "small", MODULE_TEST) as running:
        running.rules(feedback="after-submit", time_limit_minutes=10, attempts=2, pass_percent=80)
        yield running


def status(page: Page, text: str) -> Locator:
    return page.get_by_role("status").filter(has_text=text)


def test_everybody_can_use_a_test_in_each_of_its_states(browser: Browser, desk: Desk, now: MovableClock) -> None:
    found: dict[str, list[str]] = {}
    with private_window(browser, NARROW, allowed=[REFUSED]) as context:
        for view in walk_past_a_test(context, desk, now):
            faults = sideways_scroll(view.place)
            for scheme in ("light", "dark"):
                view.tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                faults += axe_violations(view.place)
            if faults:
                found[view.name] = faults
    assert not found, "\n".join(f"{name}: {fault}" for name, faults in found.items() for fault in faults)


def test_near_the_end_it_warns_once_and_at_the_end_it_hands_in_by_itself(
    browser: Browser, desk: Desk, now: MovableClock
) -> None:
    first, second = desk.quiz.questions[:2]
    with private_window(browser) as context:
        page = desk.open(context)
        now.forward(minutes=8, seconds=59)
        answer(page, first.id, 0)  # the answer to it says that 61 seconds are left
        expect(status(page, "Time: about 1 minute left. At the end, what you have chosen is handed in")).to_have_count(
            1
        )
        now.forward(seconds=60)
        answer(page, second.id, 0)
        desk.expect_kept({one.id: [one.choices[0].id] for one in (first, second)})  # type: ignore[attr-defined]
        now.forward(seconds=5)  # the page's own second is over before it asks
        expect(page.get_by_role("region", name="Your result")).to_be_visible()
        expect(page.get_by_text("The time ended, so the answers saved by then were handed in")).to_be_visible()


def test_a_test_that_ends_without_a_connection_is_handed_in_when_it_is_back(
    browser: Browser, desk: Desk, now: MovableClock
) -> None:
    first = desk.quiz.questions[0]
    with private_window(browser, allowed=[OFFLINE]) as context:
        page = desk.open(context)
        now.forward(minutes=9, seconds=58)
        page.reload()
        context.set_offline(True)
        answer(page, first.id, 0)
        expect(status(page, "The time is over and there is no connection.")).to_be_visible()
        now.forward(minutes=1)
        context.set_offline(False)
        expect(page.get_by_role("region", name="Your result")).to_be_visible()
        desk.expect_kept({first.id: [first.choices[0].id]})  # type: ignore[attr-defined]


def test_answers_that_come_back_too_late_are_told_of_beside_the_result(
    browser: Browser, desk: Desk, now: MovableClock
) -> None:
    with private_window(browser, allowed=[OFFLINE, REFUSED]) as context:
        page = desk.open(context)
        context.set_offline(True)
        answer(page, desk.quiz.questions[2].id, 1)
        expect(status(page, "Not saved: you are offline.")).to_be_visible()
        now.forward(minutes=13)
        context.set_offline(False)
        page.get_by_role("link", name="See the result").click()
        expect(page.get_by_text("The time ended")).to_be_visible()
        too_late = page.get_by_text("Answers on this device that came too late").locator("..")
        expect(too_late.get_by_text("Questions: 3")).to_be_visible()
        too_late.get_by_role("button", name="Remove them from this device").click()
        page.reload()
        expect(page.get_by_text("The time ended")).to_be_visible()
        expect(too_late).to_be_hidden()
    desk.expect_kept({})


def test_when_the_visit_ends_answers_wait_on_the_device_for_the_next_one(browser: Browser, desk: Desk) -> None:
    first = desk.quiz.questions[0]
    with private_window(browser, allowed=[REFUSED]) as context:
        page = desk.open(context)
        context.clear_cookies()
        answer(page, first.id, 0)
        expect(status(page, "your visit here has ended")).to_be_visible()
        page.close()
        desk.expect_kept({})
        page = desk.open(context)
        desk.expect_kept({first.id: [first.choices[0].id]})  # type: ignore[attr-defined]
        expect(status(page, "Saved")).to_be_visible()


def press_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(80):
        if wanted.count() == 1 and wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"80 times Tab did not reach {wanted}")


def test_the_keyboard_alone_goes_through_the_whole_test(browser: Browser, desk: Desk) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        page.goto(desk.sit(context))
        press_to(page, page.get_by_role("button", name="Start attempt 1 of 2"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Question 1 of 15")).to_be_visible()
        press_to(page, page.get_by_role("group", name="Question 2 of 15").get_by_role("radio").first)
        page.keyboard.press("ArrowDown")
        expect(page.get_by_text("1 of 15 answered")).to_be_visible()
        press_to(page, page.locator("summary", has_text="1 of 15 answered"))
        page.keyboard.press("Enter")
        press_to(page, page.get_by_role("link", name="Question 15, open"))
        page.keyboard.press("Enter")
        last = page.get_by_role("group", name="Question 15 of 15")
        expect(last).to_be_focused()
        press_to(page, last.get_by_role("radio").first)
        page.keyboard.press("Space")
        expect(page.get_by_role("link", name="Question 15, answered")).to_have_count(1)
        press_to(page, page.get_by_role("button", name="Review before handing in"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Before you hand in")).to_be_focused()
        press_to(page, page.get_by_role("button", name="Hand in anyway"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Your result")).to_be_visible()
        expect(page.get_by_text("Not passed. 80% is needed.")).to_be_visible()


def test_without_scripts_the_form_goes_through_the_whole_test(
    browser: Browser, desk: Desk, now: MovableClock, sqlite_database: Database
) -> None:
    with private_window(browser, scripts=False) as context:
        page = desk.open(context)
        expect(
            page.get_by_text(re.compile("The time ends .* UTC. .* Reload the page to see how much is left."))
        ).to_be_visible()
        answer(page, desk.quiz.questions[0].id, 0)
        page.get_by_role("button", name="Save and finish later").click()
        expect(page.get_by_text("1 answer is saved; go on where you left off.")).to_be_visible()
        now.forward(minutes=6)
        page.reload()
        expect(page.get_by_text("about 4 minutes left")).to_be_visible()
        page.get_by_text("1 of 15 answered").click()
        page.get_by_role("link", name="Question 12, open").click()
        answer(page, desk.quiz.questions[11].id, 0)
        page.get_by_role("button", name="Review before handing in").click()
        expect(
            page.get_by_text("Questions 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, and 15 are still open.")
        ).to_be_visible()
        page.get_by_role("button", name="Hand in anyway").click()
        expect(page.get_by_role("heading", name="Your answers, explained")).to_be_visible()
    with sqlite_database.reading() as session:
        assert session.scalars(select(Attempt)).one().submitted_at is not None
