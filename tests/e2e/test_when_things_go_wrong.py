"""A network that goes away, several tabs, two people at one browser, Back and Reload, and no cookies at all."""

import re

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.e2e.people import (
    ADA,
    ALAN,
    EDSGER,
    GRACE,
    HAND_IN,
    KAREN,
    KATHERINE,
    KEYS,
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
    open_activity_in_window,
    sign_in,
    start,
)
from tests.support.browser import private_window, window_without_cookies_in_frames
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OFFLINE = r"ERR_INTERNET_DISCONNECTED"
REFUSED = r"status of 4\d\d"


def test_a_change_made_without_a_network_is_told_kept_and_sent_later(browser: Browser, stack: Stack) -> None:
    with private_window(browser, allowed=[OFFLINE]) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ADA)
        tool = open_activity(page, stack.lms, "quiz-1")
        start(tool)
        choose(tool, one_of_each(KEYS, [1]))
        expect_saved(tool)

        context.set_offline(True)
        choose(tool, one_of_each(KEYS, [2]))
        expect(tool.get_by_role("status").filter(has_text="Not saved: you are offline.")).to_be_visible()
        second = card(tool, QUESTIONS[1].id)
        second.get_by_role("button", name="Check this answer").click()
        expect(second.get_by_role("alert").filter(has_text="Not checked: there is no connection.")).to_be_visible()
        tool.get_by_role("button", name=HAND_IN).click()
        expect(tool.get_by_role("alert").filter(has_text="Not handed in: there is no connection.")).to_be_visible()
        expect_chosen(tool, one_of_each(KEYS, [1, 2]))

        context.set_offline(False)
        expect_saved(tool)
        tool.goto(tool.url)
        expect_chosen(tool, one_of_each(KEYS, [1, 2]))
        check(tool, QUESTIONS[1].id)


def test_answers_given_without_a_network_survive_closing_the_page(browser: Browser, stack: Stack) -> None:
    with private_window(browser, allowed=[OFFLINE]) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ALAN)
        tool = open_activity(page, stack.lms, "quiz-1")
        start(tool)
        context.set_offline(True)
        choose(tool, one_of_each(KEYS, [3]))
        expect(tool.get_by_role("status").filter(has_text="Not saved: you are offline.")).to_be_visible()
        page.close()

        context.set_offline(False)
        page = context.new_page()
        tool = open_activity(page, stack.lms, "quiz-1")
        expect_saved(tool)
        expect_chosen(tool, one_of_each(KEYS, [3]))
        tool.goto(tool.url)
        expect_chosen(tool, one_of_each(KEYS, [3]))


def test_an_answer_given_before_the_script_has_come_is_saved_once_it_has(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ALAN)
        tool = open_activity(page, stack.lms, "quiz-2")
        start(tool)
        on_their_way: list[Route] = []

        def hold(route: Route) -> None:
            on_their_way.append(route)

        context.route("**/quiz.js", hold)
        with page.expect_request("**/quiz.js"):
            tool.goto(tool.url, wait_until="commit")
        first = tool.get_by_role("radio").first
        first.press("Space")
        for one in on_their_way:
            one.continue_()
        expect_saved(tool)
        context.unroute("**/quiz.js")
        tool.goto(tool.url)
        expect(first).to_be_checked()


def test_a_tab_left_behind_shows_the_result_and_changes_nothing(browser: Browser, stack: Stack) -> None:
    with private_window(browser, allowed=[REFUSED]) as context:
        first, untouched, changed = context.new_page(), context.new_page(), context.new_page()
        sign_in(first, stack.lms, KATHERINE)
        tool = open_activity(first, stack.lms, "quiz-1")
        start(tool)
        choose(tool, ONE_WRONG)
        expect_saved(tool)
        left_alone = open_activity(untouched, stack.lms, "quiz-1")
        left_behind = open_activity(changed, stack.lms, "quiz-1")
        expect_chosen(left_behind, ONE_WRONG)
        hand_in(tool)
        expect_result(tool, "4 of 5")

        hand_in(left_alone)
        expect_result(left_alone, "4 of 5")

        choose(left_behind, one_of_each(KEYS, [1]))
        left_behind.get_by_role("alert").get_by_role("link", name="See the result").click()
        expect_result(left_behind, "4 of 5")
        expect_delivered(left_behind, "4 of 5")
        expect(gradebook_cell(context, stack.lms, KATHERINE)).to_contain_text(re.compile(r"4\s*/\s*5"))


def test_a_teacher_and_a_student_in_one_browser_both_keep_working(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        of_student, of_teacher = context.new_page(), context.new_page()
        sign_in(of_student, stack.lms, KAREN)
        student = open_activity(of_student, stack.lms, "quiz-1")
        start(student)
        sign_in(of_teacher, stack.lms, GRACE)
        teacher = open_activity(of_teacher, stack.lms, "quiz-1")
        expect(teacher.get_by_role("note").filter(has_text="as an instructor")).to_be_visible()
        start(teacher)

        choose(student, ONE_WRONG)
        expect_saved(student)
        choose(teacher, KEYS)
        expect_saved(teacher)
        check(student, QUESTIONS[0].id)
        check(teacher, QUESTIONS[0].id)
        student.goto(student.url)
        expect_chosen(student, one_of_each(ONE_WRONG, [2, 3, 4, 5]))
        hand_in(teacher)
        expect(teacher.get_by_text("This was a preview.")).to_be_visible()
        hand_in(student)
        expect_result(student, "4 of 5")
        expect_delivered(student, "4 of 5")
        expect(gradebook_cell(context, stack.lms, KAREN)).to_contain_text(re.compile(r"4\s*/\s*5"))


def test_back_reload_and_the_same_address_again_keep_working_after_a_launch(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        lesson = open_activity(page, stack.lms, "lesson-1")
        address, heading = lesson.url, lesson.get_by_role("heading", level=1).inner_text()
        shown = lesson.get_by_role("heading", level=1, name=heading)

        with page.expect_event("framenavigated"):
            lesson.evaluate("location.reload()")
        expect(shown).to_be_visible()
        lesson.goto(address)
        expect(shown).to_be_visible()

        lesson.get_by_role("link", name="Introduction").or_(lesson.get_by_role("link", name="Previous")).last.click()
        lesson.wait_for_url("**/items/introduction")
        page.evaluate("history.back()")
        lesson.wait_for_url(address)
        expect(shown).to_be_visible()
        lesson.get_by_role("region").first.get_by_role("button", name="Mark as read").click()
        expect(lesson.get_by_role("region").first.get_by_text("Read", exact=True)).to_be_visible()

        page.reload()
        again = page.locator("iframe").element_handle().content_frame()
        assert again is not None
        again.wait_for_url(re.compile(f"^{re.escape(address)}(#.*)?$"))
        expect(again.get_by_role("heading", level=1, name=heading)).to_be_visible()


def test_back_from_an_activity_in_a_window_of_its_own_never_ends_in_an_error(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        page.goto(f"{stack.lms}/course")
        tool = open_activity_in_window(page, stack.lms, "lesson-1")
        address = tool.url
        page.reload()
        expect(page.get_by_role("button", name="Mark as read").last).to_be_visible()
        page.go_back()
        page.wait_for_url(re.compile(f"^({re.escape(address)}|{re.escape(stack.lms)}/course)$"))


def test_where_the_frame_is_refused_all_cookies_a_new_window_does_the_quiz(
    playwright: Playwright, stack: Stack
) -> None:
    cookieless = window_without_cookies_in_frames(playwright, framed="localhost", below="127.0.0.1", allowed=[REFUSED])
    with cookieless as context:
        page = context.new_page()
        sign_in(page, stack.lms, EDSGER)
        page.goto(f"{stack.lms}/activity/quiz-1")
        way_out = page.frame_locator("iframe").get_by_role("button", name=f"Continue as {EDSGER}")
        with context.expect_page() as opened:
            way_out.click()
        expect(page.frame_locator("iframe").get_by_text("It is open in a new window now.")).to_be_visible()
        tool = opened.value.main_frame
        start(tool)
        choose(tool, ONE_WRONG)
        expect_saved(tool)
        hand_in(tool)
        expect_result(tool, "4 of 5")
        expect_delivered(tool, "4 of 5")
        expect(gradebook_cell(context, stack.lms, EDSGER)).to_contain_text(re.compile(r"4\s*/\s*5"))
