"""What students do in the tool's pages, and instructors about it."""

import re
import time
from collections.abc import Sequence

from playwright.sync_api import Frame, expect

from course.items import ChoiceQuestion, ItemKind, Quiz
from tests.e2e.people import HAND_IN
from tests.moodle.activities import Activity, expect_tool
from tests.moodle.browser import SLOW_MS
from tests.moodle.site import Visitor

ROSTER_SECONDS = 90.0


def enter(visitor: Visitor, path: str) -> Frame:
    """Go to a page of Moodle's that launches; the tool's page, wherever it opens: on phones it is no frame."""
    page = visitor.go(path)
    deadline = time.monotonic() + SLOW_MS / 1000
    while not (found := [frame for frame in page.frames if "/in/" in frame.url]):
        assert time.monotonic() < deadline, f"{path} did not lead into the tool: {page.url}"
        page.wait_for_timeout(100)
    expect_tool(found[0])
    return found[0]


def open_activity(visitor: Visitor, activity: Activity) -> Frame:
    """Open an activity."""
    return enter(visitor, f"/mod/lti/view.php?id={activity.id}")


def begin(frame: Frame) -> None:
    """Begin an attempt at a quiz."""
    frame.get_by_role("button", name=re.compile("^Start")).press("Enter")
    # The page of an earlier result has questions too; only an open attempt can be handed in.
    expect(frame.get_by_role("button", name=re.compile("^(Hand in and see|Review before)"))).to_be_visible()
    frame.wait_for_load_state()


def answer(frame: Frame, quiz: Quiz, *, wrong: int = 0) -> None:
    """Answer every question, the first few of them wrongly."""
    for number, question in enumerate(quiz.questions):
        assert isinstance(question, ChoiceQuestion)
        keys = [one.id for one in question.keys]
        if number < wrong:
            keys = [next(one.id for one in question.choices if one.id not in keys)]
        for key in keys:
            box = frame.locator(f"#question-{question.id} input[value='{key}']")
            box.press("Space")
            expect(box).to_be_checked()


def hand_in(frame: Frame, quiz: Quiz) -> None:
    """Hand in, a test after its review, and see the result."""
    if quiz.kind is ItemKind.TEST:
        frame.get_by_role("button", name="Review before handing in").press("Enter")
        expect(frame.get_by_text("Before you hand in")).to_be_visible()
        frame.wait_for_load_state()
        frame.get_by_role("button", name="Hand in now").press("Enter")
    else:
        frame.get_by_role("button", name=HAND_IN).press("Enter")
    expect(frame.get_by_role("region", name="Your result")).to_be_visible()


def do_quiz(frame: Frame, quiz: Quiz, *, wrong: int = 0) -> None:
    """From the first button to the result."""
    begin(frame)
    answer(frame, quiz, wrong=wrong)
    hand_in(frame, quiz)


def argue(frame: Frame, turns: Sequence[str]) -> None:
    """A lab's conversation from its rules to the hand-in."""
    frame.get_by_role("button", name="Agree and start").press("Enter")
    for text in turns:
        field = frame.get_by_label("Your message")
        expect(field).to_have_value("")
        frame.wait_for_load_state()
        send = frame.get_by_role("button", name="Send")
        expect(send).to_be_visible()
        expect(send).not_to_have_attribute("aria-disabled", "true")
        field.fill(text)
        field.press("Control+Enter")
        expect(frame.locator("[data-turns]").get_by_text(text)).to_be_visible()
        expect(send).not_to_have_attribute("aria-disabled", "true")
    frame.get_by_role("button", name="Hand in…").press("Enter")
    frame.get_by_role("button", name="Hand in", exact=True).press("Enter")
    expect(frame.get_by_role("button", name="Agree and start")).to_have_count(0)


def judge(frame: Frame, level: int, why: str) -> None:
    """Decide a lab that is open in review: the same level for every criterion."""
    expect(frame.get_by_role("heading", name="Judge each criterion")).to_be_visible()
    frame.wait_for_load_state()
    for criterion in frame.locator("[data-criterion]").all():
        criterion.get_by_role("radio", name=re.compile(f"^{level} ")).check()
        criterion.get_by_label("Why, in words").fill(why)
    frame.get_by_role("button", name="Save and release").press("Enter")
    expect(frame.get_by_role("status").filter(has_text="Saved")).to_be_visible()


def expect_person(frame: Frame, name: str, told: str) -> None:
    """Wait until the People page, which is read anew at most twice a minute, says something of somebody."""
    deadline = time.monotonic() + ROSTER_SECONDS
    found = "nobody"
    while told not in found:
        assert time.monotonic() < deadline, f"{name}: {found} and not {told}"
        frame.get_by_role("link", name="People", exact=True).press("Enter")
        expect(frame.get_by_role("heading", level=1, name="People")).to_be_visible()
        frame.wait_for_load_state()
        rows = frame.get_by_role("listitem").filter(has_text=name)
        found = rows.first.inner_text() if rows.count() else "nobody"
        refresh = frame.get_by_role("button", name="Refresh")
        if told not in found and refresh.count():
            refresh.press("Enter")
            frame.page.wait_for_timeout(2000)
