"""What people do: sign in at the practice LMS, open an activity, answer, check, hand in, look into the gradebook."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from pathlib import Path

from playwright.sync_api import BrowserContext, Frame, Locator, Page, expect

from config.settings import BUILT_IN_COURSE
from course.catalog import load_course
from course.items import Page as Reading
from course.items import Quiz, SingleChoice

ADA, ALAN, KATHERINE = "Ada Lovelace", "Alan Turing", "Katherine Johnson"
KAREN, EDSGER, GRACE = "Karen Spärck Jones", "Edsger Dijkstra", "Grace Hopper"

COURSE = load_course(Path(BUILT_IN_COURSE))
QUIZ = next(item for item in COURSE.items if isinstance(item, Quiz))
LESSON = next(item for item in COURSE.items if isinstance(item, Reading) and item.sections)
QUESTIONS = tuple(question for question in QUIZ.questions if isinstance(question, SingleChoice))
KEYS = {question.id: question.key.id for question in QUESTIONS}
WRONG = {question.id: next(one.id for one in question.choices if not one.is_key) for question in QUESTIONS}
ONE_WRONG = {**KEYS, QUESTIONS[0].id: WRONG[QUESTIONS[0].id]}  # 4 of 5

HAND_IN = "Hand in and see your result"
VERDICT = re.compile(r"^\s*(Right|Not quite)\s*$")
DELIVERY_MS = 30_000


def sign_in(page: Page, lms: str, name: str) -> None:
    """Become somebody at the practice LMS."""
    page.goto(lms)
    page.get_by_role("button", name=f"Continue as {name}").click()
    page.wait_for_url("**/course")


def open_activity(page: Page, lms: str, activity: str) -> Frame:
    """Launch an activity into the LMS's frame; the frame, with the tool's page in it."""
    page.bring_to_front()
    page.goto(f"{lms}/activity/{activity}")
    return tool_in(page)


def tool_in(page: Page) -> Frame:
    """The frame of the activity page that `page` is or is about to be, when the tool's page has come into it."""
    page.wait_for_url("**/activity/**")
    tool = page.locator("iframe").element_handle().content_frame()
    assert tool is not None
    tool.wait_for_url("**/in/**")
    expect(tool.get_by_role("heading", level=1)).to_be_visible()
    tool.wait_for_load_state()
    return tool


def open_activity_in_window(page: Page, lms: str, activity: str) -> Frame:
    """Launch an activity into the tab itself."""
    page.goto(f"{lms}/activity/{activity}?window=new")
    page.wait_for_url("**/in/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page.main_frame


def start(tool: Frame) -> None:
    """Begin an attempt."""
    tool.page.bring_to_front()  # a frame in a hidden tab hears no click
    tool.get_by_role("button", name=re.compile("^Start")).click()
    expect(tool.get_by_role("button", name=HAND_IN)).to_be_visible()
    tool.wait_for_load_state()  # its scripts as well


def card(tool: Frame, question_id: str) -> Locator:
    """The card of a question, found by its number as people find it."""
    number = [question.id for question in QUESTIONS].index(question_id) + 1
    return tool.get_by_role("group", name=re.compile(f"^Question {number} of {len(QUESTIONS)}"))


def option(tool: Frame, question_id: str, choice_id: str) -> Locator:
    """One answer of a question, found by its words."""
    return card(tool, question_id).get_by_role("radio", name=_words(choice_id, question_id), exact=True)


def _words(choice_id: str, question_id: str) -> str:
    question = next(one for one in QUESTIONS if one.id == question_id)
    return plain(next(choice.text_html for choice in question.choices if choice.id == choice_id))


def choose(tool: Frame, answers: Mapping[str, str]) -> None:
    """Click an answer to each question named, on its words."""
    tool.page.bring_to_front()
    for question_id, choice_id in answers.items():
        card(tool, question_id).locator("label", has_text=_words(choice_id, question_id)).click()
        expect(option(tool, question_id, choice_id)).to_be_checked()


def check(tool: Frame, question_id: str) -> Locator:
    """Check an answer; the card with its verdict."""
    tool.page.bring_to_front()
    card(tool, question_id).get_by_role("button", name="Check this answer").click()
    checked = card(tool, question_id)
    expect(checked.get_by_text(VERDICT).first).to_be_visible()
    return checked


def hand_in(tool: Frame) -> None:
    """Hand in, and see the result."""
    tool.page.bring_to_front()
    tool.get_by_role("button", name=HAND_IN).click()
    expect_result(tool)


def expect_result(tool: Frame, points: str | None = None) -> None:
    """The page shows the result of a finished attempt."""
    expect(tool.get_by_role("heading", name="Your answers, explained")).to_be_visible()
    if points is not None:
        expect(tool.get_by_role("region", name="Your result").get_by_text(points, exact=True)).to_be_visible()


def expect_saved(tool: Frame) -> None:
    """Wait until the page says that what was chosen is on the server."""
    expect(tool.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_be_visible()


def expect_delivered(tool: Frame, points: str) -> None:
    """Wait until the page says that the grade is in the gradebook."""
    expect(tool.get_by_text("In your gradebook")).to_be_visible(timeout=DELIVERY_MS)


def expect_chosen(tool: Frame, answers: Mapping[str, str]) -> None:
    """The page shows these answers as chosen."""
    for question_id, choice_id in answers.items():
        expect(option(tool, question_id, choice_id)).to_be_checked()


def gradebook_cell(context: BrowserContext, lms: str, name: str, kind: str = "quiz") -> Locator:
    """Become the instructor and find a student's grade in the gradebook page, for the first activity whose column is
    named after its `kind`."""
    page = context.new_page()
    sign_in(page, lms, GRACE)
    page.get_by_role("link", name="Gradebook").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Gradebook")).to_be_visible()
    page.wait_for_load_state()  # all of the table
    columns = page.get_by_role("columnheader").all_inner_texts()
    position = next(place for place, label in enumerate(columns) if kind in label.casefold())
    return page.get_by_role("row", name=name).get_by_role("cell").nth(position - 1)


def plain(html: str) -> str:
    """The words of a piece of markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html))).strip()


def one_of_each(answers: Mapping[str, str], questions: Iterable[int]) -> dict[str, str]:
    """The answers to the questions of these numbers, counted from 1."""
    wanted = {QUESTIONS[number - 1].id for number in questions}
    return {question_id: choice for question_id, choice in answers.items() if question_id in wanted}
