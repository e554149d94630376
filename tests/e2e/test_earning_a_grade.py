"""From the LMS's course page to a grade in its gradebook: with a mouse, by keyboard alone, and without scripts."""

import re

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.e2e.people import (
    ADA,
    ALAN,
    LESSON,
    ONE_WRONG,
    QUESTIONS,
    check,
    choose,
    expect_delivered,
    expect_saved,
    gradebook_cell,
    hand_in,
    plain,
    sign_in,
    start,
    tool_in,
)
from tests.support.browser import DESKTOP, PHONE, private_window
from tests.support.stack import Stack

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
        expect(quiz.get_by_role("region", name="Your result").get_by_text("4 of 5", exact=True)).to_be_visible()
        expect_delivered(quiz, "4 of 5")
        expect(gradebook_cell(context, stack.lms, name)).to_contain_text(re.compile(r"4\s*/\s*5"))
