"""What reaches the browser: never the key before its time, and little enough for a slow connection."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Response, expect

from tests.e2e.people import (
    ADA,
    ALAN,
    KATHERINE,
    KEYS,
    LESSON,
    ONE_WRONG,
    QUESTIONS,
    QUIZ,
    check,
    choose,
    one_of_each,
    open_activity,
    open_activity_in_window,
    option,
    plain,
    sign_in,
    start,
)
from tests.support.browser import PHONE, private_window
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.processes]

MOST_BYTES = 100_000
POST = """([path, action]) => {
  const fields = new URLSearchParams(new FormData(document.getElementById("answers")));
  fields.set("action", action);
  const asked = fetch(path, {method: "POST", body: fields, headers: {Accept: "application/json"}});
  return asked.then((answer) => answer.text());
}"""


def fetched(tool: Frame, address: str) -> str:
    return str(tool.evaluate("(address) => fetch(address).then((answer) => answer.text())", address))


def told_too_early(text: str, *, besides: str | None = None) -> list[str]:
    """The feedback and explanations found in a text, but for those of one question."""
    words = plain(text)
    return [
        told
        for question in QUESTIONS
        if question.id != besides
        for told in (*(choice.feedback_html for choice in question.choices), question.explanation_html or "")
        if told and (told in text or plain(told)[:40] in words)
    ]


def markup_of_choice(tool: Frame, question_id: str, choice_id: str, words: str) -> str:
    """The markup of an answer without what tells one answer from another by right: its id and its words."""
    row = option(tool, question_id, choice_id)
    html = str(row.evaluate("(radio) => radio.closest('label').parentElement.outerHTML"))
    return re.sub(r"\s+", " ", html.replace(f'"{choice_id}"', '"ID"').replace(words, "WORDS"))


def test_before_it_is_checked_nothing_of_the_key_or_the_feedback_reaches_the_browser(
    browser: Browser, stack: Stack
) -> None:
    with private_window(browser, allowed=[r"status of 4\d\d"]) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ADA)
        tool = open_activity(page, stack.lms, QUIZ.id)
        assert told_too_early(fetched(tool, tool.url)) == []
        start(tool)

        html = fetched(tool, tool.url)
        assert told_too_early(html) == []
        assert "is_key" not in html
        for question in QUESTIONS:
            markups = {markup_of_choice(tool, question.id, choice.id, choice.text_html) for choice in question.choices}
            assert len(markups) == 1, f"{question.id}: an answer differs in more than its words"

        def is_save(response: Response) -> bool:
            return response.request.method == "POST" and "/attempts/" in response.url

        with page.expect_response(is_save) as saved:
            choose(tool, one_of_each(ONE_WRONG, [1, 2]))
        path = saved.value.url
        answers = [
            saved.value.text(),
            *(tool.evaluate(POST, [path, action]) for action in ("save", "submit", "check:no-such", "nonsense")),
            tool.evaluate(POST, [path, f"check:{QUESTIONS[4].id}"]),  # not answered, so not explained
        ]
        assert [told_too_early(answer) for answer in answers] == [[]] * len(answers)
        assert all(f'"{key}"' not in answer for answer in answers for key in KEYS.values())

        check(tool, QUESTIONS[0].id)
        after = fetched(tool, tool.url)
        assert told_too_early(after, besides=QUESTIONS[0].id) == []
        assert len(told_too_early(after)) >= 2  # the check itself can find something


def test_the_first_view_of_the_lesson_weighs_no_more_than_100_kb(browser: Browser, stack: Stack) -> None:
    with private_window(browser, PHONE) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ALAN)
        open_activity_in_window(page, stack.lms, LESSON.id)
        network = context.new_cdp_session(page)
        names: dict[str, str] = {}
        sizes: dict[str, float] = {}

        def sent(event: dict[str, Any]) -> None:
            names[event["requestId"]] = event["request"]["url"]

        def finished(event: dict[str, Any]) -> None:
            sizes[names[event["requestId"]].rpartition("/")[2]] = event["encodedDataLength"]

        network.on("Network.requestWillBeSent", sent)
        network.on("Network.loadingFinished", finished)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        page.goto(page.url, wait_until="networkidle")
        assert len(sizes) > 3, sizes
        assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_the_lesson_can_be_read_before_any_script_has_run(browser: Browser, stack: Stack) -> None:
    with private_window(browser, scripts=False) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        page.goto(f"{stack.lms}/activity/{LESSON.id}?window=new")
        page.get_by_role("button", name="Open the activity").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/in/**")
        for section in LESSON.sections:
            region = page.get_by_role("region", name=section.title)
            expect(region.get_by_text(plain(section.html)[:40])).to_be_visible()
