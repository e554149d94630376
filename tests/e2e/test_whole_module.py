"""The whole module, from the LMS's course page to the last grade in its gradebook: by keyboard alone, and without
scripts. Of the labs, their conversations are tested elsewhere."""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from course.items import ChoiceQuestion, Item, ItemKind, Lab, Question, Quiz
from course.items import Page as Reading
from lti_tool.cli.demo_student import open_each_activity
from tests.e2e.hands import Forms, Hands, Keyboard
from tests.e2e.people import ADA, ALAN, COURSE, HAND_IN, plain, sign_in
from tests.support.browser import private_window
from tests.support.stack import Stack, running_stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

GRADED = {item.id: item.policy.points for item in COURSE.items if isinstance(item, Quiz)}
FIRST_QUIZ = next(iter(GRADED))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack in which the instructor has opened each activity once, so that each is in its place."""
    with running_stack(tmp_path_factory.mktemp("stack"), "lms", "tool", "worker", "beat") as running:
        open_each_activity(running.lms, COURSE)
        yield running


def test_the_whole_module_by_keyboard_alone(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ADA)
        page.goto(f"{stack.lms}/activity/{COURSE.items[0].id}?window=new")
        page.wait_for_url("**/in/**")
        do_the_module(page, Keyboard(page))
    expect_grades(stack, "201")


def test_the_whole_module_without_scripts(browser: Browser, stack: Stack) -> None:
    with private_window(browser, scripts=False) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ALAN)
        page.goto(f"{stack.lms}/activity/{COURSE.items[0].id}?window=new")
        page.get_by_role("button", name="Open the activity").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/in/**")
        do_the_module(page, Forms())
    expect_grades(stack, "202")


def do_the_module(page: Page, hands: Hands) -> None:
    """Stop by stop, each reached from the one before it; then the summary says what has been done."""
    for item in COURSE.items:
        expect(page.get_by_role("heading", level=1, name=item.title)).to_be_visible()
        page.wait_for_load_state()
        if isinstance(item, Reading):
            read(page, hands, item)
        elif isinstance(item, Lab):
            look_at(page, hands, item)
        else:
            assert isinstance(item, Quiz)
            answer_all(page, hands, item)
        hands.press(
            page.get_by_role("navigation", name="Previous and next").get_by_role("link", name=re.compile("^Next"))
        )
    expect(page.get_by_role("heading", level=1, name="Your progress")).to_be_visible()
    for item in COURSE.items:
        expect(row_of(page, item)).to_contain_text(told_of(item))


def told_of(item: Item) -> re.Pattern[str]:
    """What the summary says of a stop in the end."""
    if isinstance(item, Quiz):
        state, points = "passed" if item.kind is ItemKind.TEST else "done", f"{item.policy.points:g}"
        return re.compile(f"{state}.*{points} of {points} ", re.DOTALL)
    return re.compile("not started" if isinstance(item, Lab) else "done")


def row_of(page: Page, item: Item) -> Locator:
    """The row of a stop in the summary."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=item.title))


def read(page: Page, hands: Hands, item: Reading) -> None:
    """Mark every section, after looking at a key term in the lessons."""
    if item.terms:
        hands.press(page.locator("a.term").first)
        expect(page.get_by_text(plain(item.terms[0].definition_html)).last).to_be_visible()
    for section in item.sections or (None,):
        part = page.get_by_role("region", name=section.title) if section else page.get_by_role("main")
        hands.press(part.get_by_role("button", name="Mark as read"))
        expect(part.get_by_text("Read", exact=True).last).to_be_visible()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)


def look_at(page: Page, hands: Hands, lab: Lab) -> None:
    """Case, task and the levels of a criterion can be read before one agrees to anything."""
    for told in (lab.scenario_html, lab.task_html):
        expect(page.get_by_role("main")).to_contain_text(plain(told)[:60])
    criterion = lab.rubric.criteria[-1]
    hands.press(page.locator("summary").filter(has_text=criterion.name))
    expect(page.get_by_text(criterion.levels[0].descriptor)).to_be_visible()


def answer_all(page: Page, hands: Hands, quiz: Quiz) -> None:
    """Begin, answer everything rightly, hand in (a test after its review), see the result."""
    hands.press(page.get_by_role("button", name=re.compile("^Start")))
    expect(page.get_by_role("group", name="Question 1 of")).to_be_visible()
    page.wait_for_load_state()
    *most, last = quiz.questions
    for question in most:
        answer(page, hands, question)
    if quiz.id == FIRST_QUIZ:
        hands.press(page.get_by_role("button", name="Check this answer to question 1", exact=True))
        expect(page.get_by_role("group", name="Question 1 of").get_by_text("Right", exact=True)).to_be_visible()
        hands.press(page.get_by_role("button", name=HAND_IN))
        expect(page.get_by_text(f"Question {len(quiz.questions)} is still open. It will count as 0.")).to_be_visible()
        page.wait_for_load_state()
    answer(page, hands, last)
    if quiz.kind is ItemKind.TEST:
        hands.press(page.get_by_role("button", name="Review before handing in"))
        expect(page.get_by_text("Before you hand in")).to_be_visible()
        page.wait_for_load_state()
        hands.press(page.get_by_role("button", name="Hand in now"))
    else:
        hands.press(page.get_by_role("button", name=HAND_IN))
    result = page.get_by_role("region", name="Your result")
    expect(result.get_by_text(f"{quiz.policy.points:g} of {quiz.policy.points:g}", exact=True)).to_be_visible()


def answer(page: Page, hands: Hands, question: Question) -> None:
    """Choose what is right."""
    assert isinstance(question, ChoiceQuestion)
    for key in question.keys:
        hands.choose(page.locator(f"#question-{question.id} input[value='{key.id}']"))


def expect_grades(stack: Stack, user_id: str) -> None:
    """Wait until the gradebook holds full points for the four quizzes and the test, and nothing else."""

    def held() -> dict[str, float]:
        rows = requests.get(f"{stack.lms}/gradebook.json", timeout=15).json()
        return {
            row["resource_id"]: row["result_score"]
            for row in rows
            if row["user_id"] == user_id and row["result_score"] is not None
        }

    wait_until(f"the gradebook holds {GRADED}", lambda: held() == GRADED, 30)
