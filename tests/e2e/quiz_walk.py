"""Past the states of a test (timed, dated, long, explained later) that the built-in quiz never is in."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from config.settings import BUILT_IN_COURSE
from course.items import ChoiceQuestion
from tests.e2e.walk import View
from tests.support.desk import Desk
from tests.support.rules import MovableClock

MODULE_TEST = Path(BUILT_IN_COURSE, "module-1", "module-test.yaml").read_text(encoding="utf-8")


def walk_past_a_test(context: BrowserContext, desk: Desk, now: MovableClock) -> Iterator[View]:
    """As Ada, from before it opens to a second attempt that is late; and once as her instructor."""
    opens = now.now + timedelta(hours=20)
    due = opens + timedelta(days=2)
    desk.rules(
        opens_at=opens, due_at=due, closes_at=due + timedelta(days=5), late="deduct", late_percent_per_day=10,
        late_percent_at_most=50, feedback="after-due", time_limit_minutes=30, attempts=2, pass_percent=80,
    )  # fmt: skip
    desk.give_more(time_percent=150)
    page = context.new_page()
    page.goto(desk.sit(context, "instructor"))
    yield View("test-instructor", page, page.main_frame)
    page.goto(desk.sit(context))
    yield View("test-not-open", page, page.main_frame)
    now.forward(hours=20)
    page.goto(desk.sit(context))
    yield View("test-before", page, page.main_frame)
    yield from _at_work(page, desk, now)
    yield from _replaced(page, desk)
    page.get_by_role("button", name="Review before handing in").click()
    page.get_by_role("button", name="Hand in anyway").click()
    expect_result(page)
    yield View("test-submitted", page, page.main_frame)
    now.forward(days=3)
    page.goto(desk.sit(context))
    yield from _late(page, desk)


def _at_work(page: Page, desk: Desk, now: MovableClock) -> Iterator[View]:
    page.get_by_role("button", name="Start attempt 1 of 2").click()
    expect(page.get_by_text("about 45 minutes left")).to_be_visible()
    page.wait_for_load_state()
    yield View("test-open", page, page.main_frame)
    for question in desk.quiz.questions[:9]:
        answer(page, question.id, 1)
    expect(page.get_by_text("9 of 15 answered")).to_be_visible()
    expect_saved(page)
    page.get_by_text("9 of 15 answered").click()
    yield View("test-map", page, page.main_frame)
    page.get_by_role("button", name="Review before handing in").click()
    expect(page.get_by_role("heading", name="Before you hand in")).to_be_visible()
    page.wait_for_load_state()
    yield View("test-review", page, page.main_frame)
    now.forward(minutes=41)
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_text("about 4 minutes left")).to_be_visible()
    yield View("test-near-end", page, page.main_frame)


def _replaced(page: Page, desk: Desk) -> Iterator[View]:
    other = page.context.new_page()
    other.goto(page.url)
    answer(other, desk.quiz.questions[9].id, 0)
    expect(other.get_by_text("10 of 15 answered")).to_be_visible()
    expect_saved(other)
    other.close()
    answer(page, desk.quiz.questions[0].id, 2)
    expect(page.get_by_text("This quiz is now open on another device")).to_be_visible()
    yield View("test-replaced", page, page.main_frame)
    page.get_by_role("link", name="Go on here").click()
    expect(page.get_by_text("Answers on this device that were never saved")).to_be_visible()
    yield View("test-answers-kept", page, page.main_frame)
    page.get_by_role("button", name="Keep what is saved").click()


def _late(page: Page, desk: Desk) -> Iterator[View]:
    page.get_by_role("button", name="Start attempt 2 of 2").click()
    for question in desk.quiz.questions:
        assert isinstance(question, ChoiceQuestion)
        answer(page, question.id, [choice.is_key for choice in question.choices].index(True))
    expect(page.get_by_text("15 of 15 answered")).to_be_visible()
    page.get_by_role("button", name="Review before handing in").click()
    page.get_by_role("button", name="Hand in now").click()
    expect_result(page)
    yield View("test-late", page, page.main_frame)


def expect_saved(page: Page) -> None:
    """Wait until the page says that what was chosen is on the server."""
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()


def expect_result(page: Page) -> None:
    """Wait for the result of a finished attempt."""
    expect(page.get_by_role("region", name="Your result")).to_be_visible()
    page.wait_for_load_state()


def answer(page: Page, question_id: str, place: int) -> None:
    """Choose the option at a place (from 0) of a question."""
    page.locator(f"#question-{question_id} .choice-row").nth(place).click()
