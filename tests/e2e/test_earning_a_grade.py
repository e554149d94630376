"""From the LMS's course page to a grade in its gradebook: with a mouse, by keyboard alone, and without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, ViewportSize, expect

from tests.e2e.people import (
    ADA,
    ALAN,
    EDSGER,
    HAND_IN,
    KAREN,
    KATHERINE,
    LESSON,
    ONE_WRONG,
    QUESTIONS,
    card,
    check,
    choose,
    expect_chosen,
    expect_delivered,
    expect_result,
    expect_saved,
    gradebook_cell,
    hand_in,
    one_of_each,
    open_activity,
    option,
    plain,
    sign_in,
    start,
    tool_in,
)
from tests.support.browser import DESKTOP, PHONE, private_window
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("stack")]


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, ADA), (PHONE, ALAN)], ids=["desktop", "phone"])
def test_a_learner_reads_answers_and_finds_the_grade_in_the_gradebook(
    browser: Browser, stack: Stack, size: ViewportSize, name: str
) -> None:
    with private_window(browser, size) as context:
        page = context.new_page()
        sign_in(page, stack.lms, name)
        page.get_by_role("listitem").get_by_role("link", name="Lesson").click()
        lesson = tool_in(page)
        for section in LESSON.sections:
            part = lesson.get_by_role("region", name=section.title)
            part.get_by_role("button", name="Mark as read").click()
            expect(part.get_by_text("Read", exact=True)).to_be_visible()
        expect(lesson.get_by_role("button", name="Mark as read")).to_have_count(0)
        expect(lesson.get_by_role("main").get_by_text("Read", exact=True).first).to_be_visible()

        page.get_by_role("link", name="Course", exact=True).click()
        page.get_by_role("listitem").get_by_role("link", name="Quiz").click()
        quiz = tool_in(page)
        start(quiz)
        choose(quiz, ONE_WRONG)
        expect_saved(quiz)
        expect(quiz.get_by_text("5 of 5 answered")).to_be_visible()

        first = QUESTIONS[0]
        checked = check(quiz, first.id)
        expect(checked.get_by_text("Not quite", exact=True)).to_be_visible()
        wrong = next(choice for choice in first.choices if choice.id == ONE_WRONG[first.id])
        for choice in (wrong, first.key):
            expect(checked.get_by_text(plain(choice.feedback_html)[:60])).to_be_visible()

        hand_in(quiz)
        expect_result(quiz, "4 of 5")
        expect_delivered(quiz, "4 of 5")
        expect(gradebook_cell(context, stack.lms, name)).to_contain_text(re.compile(r"4\s*/\s*5"))


def has_focus(locator: Locator) -> bool:
    return locator.count() == 1 and bool(
        locator.evaluate("one => document.hasFocus() && one === document.activeElement")
    )


def tab_to(page: Page, locator: Locator) -> None:
    """Press Tab until the one element is reached, as somebody without a mouse would."""
    for _ in range(60):
        if has_focus(locator):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"60 times Tab did not reach {locator}")


def choose_by_keyboard(page: Page, tool: Frame, question_id: str, choice_id: str) -> None:
    """Tab into the question, and the arrows to the answer; Space only where the first one is meant."""
    radios = card(tool, question_id).get_by_role("radio")
    tab_to(page, radios.first)
    wanted = option(tool, question_id, choice_id)
    if has_focus(wanted):
        page.keyboard.press("Space")
    while not has_focus(wanted):
        page.keyboard.press("ArrowDown")
    expect(wanted).to_be_checked()


def test_the_keyboard_alone_is_enough_for_the_whole_quiz(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        tool = open_activity(page, stack.lms, "quiz-1")
        tab_to(page, tool.get_by_role("button", name="Start"))
        page.keyboard.press("Enter")
        expect(tool.get_by_role("button", name=HAND_IN)).to_be_visible()

        for question in QUESTIONS:
            choose_by_keyboard(page, tool, question.id, ONE_WRONG[question.id])
            tab_to(page, card(tool, question.id).get_by_role("button", name="Check this answer"))
            page.keyboard.press("Space" if question is QUESTIONS[0] else "Enter")
            verdict = "Not quite" if question is QUESTIONS[0] else "Right"
            expect(card(tool, question.id).get_by_text(verdict, exact=True)).to_be_focused()

        tab_to(page, tool.get_by_role("button", name=HAND_IN))
        page.keyboard.press("Enter")
        expect_result(tool, "4 of 5")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_enter_on_an_answer_saves_it_and_never_hands_in(browser: Browser, stack: Stack, scripts: bool) -> None:
    with private_window(browser, scripts=scripts) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KAREN)
        tool = open_activity(page, stack.lms, "quiz-1") if scripts else open_without_scripts(page, stack.lms)
        if tool.get_by_role("button", name="Start").count():
            start(tool)
        number = 1 if scripts else 2
        answer = one_of_each(ONE_WRONG, [number])
        for question_id, choice_id in answer.items():
            option(tool, question_id, choice_id).check()
            if scripts:
                page.keyboard.press("Enter")
                expect_saved(tool)
            else:
                with page.expect_response(lambda response: response.request.method == "POST"):
                    page.keyboard.press("Enter")
        expect(tool.get_by_role("button", name=HAND_IN)).to_be_visible()
        tool.goto(tool.url)
        expect_chosen(tool, one_of_each(ONE_WRONG, range(1, number + 1)))
        expect(tool.get_by_text(f"{number} of 5 answered")).to_be_visible()
        expect(tool.get_by_role("button", name=HAND_IN)).to_be_visible()


def open_without_scripts(page: Page, lms: str) -> Frame:
    """Launch the quiz by the two buttons that scripts would have pressed."""
    page.goto(f"{lms}/activity/quiz-1")
    page.get_by_role("button", name="Open the activity").click()
    page.frame_locator("iframe").get_by_role("button", name="Continue").click()
    return tool_in(page)


def test_without_scripts_plain_forms_do_the_whole_quiz(browser: Browser, stack: Stack) -> None:
    with private_window(browser, scripts=False) as context:
        page = context.new_page()
        sign_in(page, stack.lms, EDSGER)
        tool = open_without_scripts(page, stack.lms)
        start(tool)

        choose(tool, one_of_each(ONE_WRONG, [1, 2]))
        check(tool, QUESTIONS[0].id)
        expect_chosen(tool, one_of_each(ONE_WRONG, [1, 2]))  # checking one keeps the others

        choose(tool, one_of_each(ONE_WRONG, [3]))
        tool.get_by_role("button", name=HAND_IN).click()
        expect(tool.get_by_text("Questions 4 and 5 are still open. They will count as 0.")).to_be_visible()
        choose(tool, one_of_each(ONE_WRONG, [4]))
        tool.get_by_role("button", name=HAND_IN).click()
        expect(tool.get_by_text("Question 5 is still open. It will count as 0.")).to_be_visible()
        expect_chosen(tool, one_of_each(ONE_WRONG, [2, 3, 4]))
        tool.get_by_role("button", name="Hand in anyway").click()
        expect_result(tool, "3 of 5")

        def arrived() -> bool:
            tool.goto(tool.url)
            return tool.get_by_text("In your gradebook").count() == 1

        wait_until("the page says that the grade is in the gradebook", arrived, 30)
        expect(gradebook_cell(context, stack.lms, EDSGER)).to_contain_text(re.compile(r"3\s*/\s*5"))
