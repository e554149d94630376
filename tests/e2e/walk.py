"""A walk past every page in each of its states, for tests and pictures that are to miss none."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Frame, Page, expect

from course.items import ItemKind, Lab, Quiz
from tests.e2e.people import (
    COURSE,
    GRACE,
    HAND_IN,
    LESSON,
    ONE_WRONG,
    QUESTIONS,
    QUIZ,
    check,
    choose,
    expect_delivered,
    expect_saved,
    hand_in,
    one_of_each,
    open_activity,
    open_activity_in_window,
    sign_in,
    start,
)

LABS = [item for item in COURSE.items if isinstance(item, Lab)]
LAB = LABS[0]
TEST = next(item for item in COURSE.items if item.kind is ItemKind.TEST)
NOT_PLACED = next(item for item in COURSE.items if isinstance(item, Quiz) and item != QUIZ)
SAID = "The loss rewards it for the five places that people order from anyway."


@dataclass(frozen=True)
class View:
    """A page in one of its states: the tab, and in it the frame that shows the page when it is not the tab itself."""

    name: str
    tab: Page
    place: Frame


def walk(context: BrowserContext, lms: str, tool_url: str, student: str, *, framed: bool) -> Iterator[View]:
    """Past the pages of the LMS and of the tool, in the LMS's frame or in the tab itself."""
    tab = context.new_page()
    visit = open_activity if framed else open_activity_in_window

    tab.goto(lms)
    yield View("lms-home", tab, tab.main_frame)
    sign_in(tab, lms, student)
    yield View("lms-course", tab, tab.main_frame)

    yield View("introduction", tab, visit(tab, lms, "introduction"))
    yield from _lesson(tab, lambda: visit(tab, lms, LESSON.id), framed=framed)
    quiz = visit(tab, lms, QUIZ.id)
    yield from _quiz(tab, quiz)
    yield from _not_placed(tab, quiz)
    yield View("test-before", tab, visit(tab, lms, TEST.id))
    yield from _lab(tab, visit(tab, lms, LAB.id))
    place = visit(tab, lms, QUIZ.id)
    yield _summary("module", tab, place)
    yield _results_file(tab, place)

    if framed:
        tab.goto(f"{lms}/activity/{QUIZ.id}")
        tool = open_activity(tab, lms, QUIZ.id)
        tool.get_by_role("link", name="Open in a new window").click()
        expect(tool.get_by_role("button", name="Open the new window")).to_be_visible()
        yield View("new-window", tab, tool)

    tab.goto(f"{lms}/grades")
    yield View("lms-grades", tab, tab.main_frame)
    tab.goto(f"{lms}/gradebook")
    yield View("lms-staff-only", tab, tab.main_frame)
    sign_in(tab, lms, GRACE)
    tab.goto(f"{lms}/gradebook")
    yield View("lms-gradebook", tab, tab.main_frame)
    quiz = visit(tab, lms, QUIZ.id)
    yield View("quiz-instructor", tab, quiz)
    yield _summary("module-instructor", tab, quiz)

    tab.goto(tool_url)
    yield View("message-front-door", tab, tab.main_frame)
    tab.goto(f"{tool_url}/in/nowhere/nobody/items/{QUIZ.id}")
    yield View("message-no-visit", tab, tab.main_frame)
    tab.goto(f"{tool_url}/lti/login")
    yield View("message-launch-refused", tab, tab.main_frame)


def walk_from_right_to_left(context: BrowserContext, lms: str, student: str) -> Iterator[View]:
    """Past one page of each kind in the made-up language that is written so, for somebody who has done the walk."""
    tab = context.new_page()
    sign_in(tab, lms, student)
    place = open_activity_in_window(tab, lms, LESSON.id)
    place.get_by_label("Language of these pages").select_option(label="ar-XB (made up)")
    place.get_by_role("button", name="Change the language").click()
    expect(place.locator("html")).to_have_attribute("dir", "rtl")
    base = place.url.partition("/items/")[0]
    for path in (f"items/{LESSON.id}", "glossary", f"items/{QUIZ.id}", f"items/{LAB.id}", f"items/{TEST.id}", "module"):
        tab.goto(f"{base}/{path}")
        yield View(f"right-to-left-{path.rpartition('/')[2]}", tab, tab.main_frame)


def _summary(name: str, tab: Page, place: Frame) -> View:
    place.get_by_role("contentinfo").get_by_role("link", name="Your progress").click()
    expect(place.get_by_role("table")).to_be_visible()
    place.wait_for_load_state()
    return View(name, tab, place)


def _not_placed(tab: Page, place: Frame) -> Iterator[View]:
    """A quiz and a lab that the course has and nobody has placed."""
    for name, item in (("quiz-not-placed", NOT_PLACED), ("lab-not-placed", LABS[-1])):
        place.goto(re.sub("/(items|attempts)/.*", f"/items/{item.id}", place.url))
        expect(place.get_by_role("heading", level=1, name=item.title)).to_be_visible()
        yield View(name, tab, place)


def _lab(tab: Page, lab: Frame) -> Iterator[View]:
    yield View("lab-before", tab, lab)
    lab.get_by_role("button", name="Agree and start").click()
    expect(lab.get_by_role("textbox", name="Your message")).to_be_visible()
    lab.wait_for_load_state()
    lab.get_by_role("textbox", name="Your message").fill(SAID)
    lab.get_by_role("button", name="Send").click()
    expect(lab.get_by_text("7 turns left")).to_be_visible()
    yield View("lab-at-work", tab, lab)
    lab.get_by_role("button", name="Hand in").click()
    expect(lab.get_by_text("Hand in now?")).to_be_visible()
    lab.wait_for_load_state()
    yield View("lab-hand-in", tab, lab)
    lab.get_by_role("button", name="Hand in", exact=True).click()
    expect(lab.locator(".fate")).to_be_visible()
    lab.wait_for_load_state()
    yield View("lab-submitted", tab, lab)


def _results_file(tab: Page, place: Frame) -> View:
    """The file of all results, as a browser shows it to somebody who has kept it."""
    with tab.expect_download() as saving:
        place.get_by_role("link", name="Save your results").click()
    kept = tab.context.new_page()
    kept.set_content(saving.value.path().read_text(encoding="utf-8"))
    return View("results-file", kept, kept.main_frame)


def _lesson(tab: Page, launch: Callable[[], Frame], *, framed: bool) -> Iterator[View]:
    lesson = launch()
    if framed:
        yield View("lms-activity", tab, tab.main_frame)
    yield View("lesson", tab, lesson)
    term = lesson.get_by_role("region", name=LESSON.sections[0].title).locator("a.term").first
    if term.count():
        term.click()
        expect(lesson.get_by_role("note", name="Key term")).to_be_visible()
        yield View("lesson-term", tab, lesson)
    lesson.get_by_role("button", name="Mark as read").first.click()
    expect(lesson.get_by_role("region", name=LESSON.sections[0].title).get_by_text("Read", exact=True)).to_be_visible()
    yield View("lesson-section-read", tab, lesson)
    lesson = launch()
    expect(lesson.get_by_role("link", name="Go on at section 2")).to_be_visible()
    yield View("lesson-part-read", tab, lesson)
    lesson.get_by_role("link", name="Glossary", exact=True).click()
    expect(lesson.get_by_role("searchbox")).to_be_visible()
    yield View("glossary", tab, lesson)


def _quiz(tab: Page, quiz: Frame) -> Iterator[View]:
    yield View("quiz-before", tab, quiz)
    start(quiz)
    yield View("quiz-open", tab, quiz)
    quiz.get_by_role("button", name="Check this answer").first.click()
    expect(quiz.get_by_role("alert").filter(has_text="Choose an answer first.")).to_be_visible()
    yield View("quiz-nothing-to-check", tab, quiz)
    choose(quiz, one_of_each(ONE_WRONG, [1, 2, 3]))
    expect_saved(quiz)
    check(quiz, QUESTIONS[0].id)
    check(quiz, QUESTIONS[1].id)
    yield View("quiz-checked", tab, quiz)
    quiz.get_by_role("button", name=HAND_IN).click()
    expect(quiz.get_by_text("Questions 4 and 5 are still open.")).to_be_visible()
    quiz.wait_for_load_state()
    yield View("quiz-still-open", tab, quiz)
    choose(quiz, one_of_each(ONE_WRONG, [4, 5]))
    hand_in(quiz)
    expect_delivered(quiz, "4 of 5")
    yield View("quiz-submitted", tab, quiz)
