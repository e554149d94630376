"""From the LMS's course page to a grade in its gradebook on a phone; and what Enter does in a quiz."""

import re

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.e2e.people import (
    ADA,
    HAND_IN,
    KAREN,
    LESSON,
    ONE_WRONG,
    QUESTIONS,
    QUIZ,
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
from tests.support.browser import PHONE, private_window
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_a_learner_reads_answers_and_finds_the_grade_in_the_gradebook(browser: Browser, stack: Stack) -> None:
    with private_window(browser, PHONE) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ADA)
        page.get_by_role("listitem").get_by_role("link", name=LESSON.title).click()
        lesson = tool_in(page)
        for section in LESSON.sections:
            part = lesson.get_by_role("region", name=section.title)
            part.get_by_role("button", name="Mark as read").click()
            expect(part.get_by_text("Read", exact=True)).to_be_visible()
        expect(lesson.get_by_role("button", name="Mark as read")).to_have_count(0)
        expect(lesson.get_by_role("main").get_by_text("Read", exact=True).first).to_be_visible()

        page.get_by_role("link", name="Course", exact=True).click()
        page.get_by_role("listitem").get_by_role("link", name=QUIZ.title).click()
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
        expect(gradebook_cell(context, stack.lms, ADA)).to_contain_text(re.compile(r"4\s*/\s*5"))


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
