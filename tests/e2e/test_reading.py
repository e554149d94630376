"""A lesson in a real browser: by keyboard alone, without scripts, on paper, and never marked as read by looking."""

import re

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect
from sqlalchemy import select

from config import clock
from config.database import Database
from course.glossary import glossary
from course.items import Term
from course.models import Placement
from lti_tool.models import LineItem, ResourceLink
from tests.e2e.people import (
    ADA,
    ALAN,
    COURSE,
    EDSGER,
    KAREN,
    KATHERINE,
    LESSON,
    open_activity,
    open_activity_in_window,
    plain,
    sign_in,
)
from tests.support.browser import DESKTOP, PHONE, private_window
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FIRST, SECOND = LESSON.sections[0], LESSON.sections[1]
MARK = "Mark as read"


def region(tool: Frame | Page, title: str) -> Locator:
    return tool.get_by_role("region", name=title)


def marks_left(tool: Frame | Page) -> Locator:
    return tool.get_by_role("button", name=MARK)


def first_term() -> Term:
    """The key term that the text uses first."""
    return LESSON.terms[0]


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press a key until something has the focus, as people do."""
    for _ in range(80):
        page.keyboard.press(key)
        if wanted.evaluate("(element) => element.ownerDocument.activeElement === element"):
            return
    raise AssertionError(f"{wanted} is not reached by {key}")


def test_a_lesson_is_read_by_keyboard_alone(browser: Browser, stack: Stack) -> None:
    with private_window(browser, DESKTOP) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ADA)
        tool = open_activity_in_window(page, stack.lms, LESSON.id)
        outline = tool.get_by_role("navigation", name="On this page")
        entry = outline.get_by_role("link", name=SECOND.title)
        tab_to(page, entry)
        page.keyboard.press("Enter")
        expect(entry).to_have_attribute("aria-current", "location")
        expect(outline.locator("[aria-current]")).to_have_count(1)

        page.goto(page.url.partition("#")[0])
        term = tool.locator("a.term").first
        card = tool.get_by_role("note", name="Key term")
        tab_to(page, term)
        page.keyboard.press("Enter")
        expect(card).to_be_focused()
        expect(card).to_have_accessible_description(re.compile(re.escape(first_term().name)))
        expect(term).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Escape")
        expect(card).to_have_count(0)
        expect(term).to_be_focused()

        page.keyboard.press("Enter")
        tab_to(page, card.get_by_role("link", name="All key terms"))
        page.keyboard.press("Tab")  # out of the card, which must not lie over what has the focus now
        expect(card).to_have_count(0)
        expect(term).to_have_attribute("aria-expanded", "false")

        tab_to(page, region(tool, FIRST.title).get_by_role("button", name=MARK))
        page.keyboard.press("Enter")
        expect(region(tool, FIRST.title).get_by_text("Read", exact=True)).to_be_focused()
        tab_to(page, tool.get_by_role("link", name=re.compile("^Next")))


def test_a_lesson_left_open_or_scrolled_past_is_not_marked_and_one_that_is_read_is(
    browser: Browser, stack: Stack
) -> None:
    with private_window(browser, DESKTOP) as context:
        page = context.new_page()
        sign_in(page, stack.lms, ALAN)
        context.clock.install()
        tool = open_activity_in_window(page, stack.lms, LESSON.id)
        page.clock.run_for(20 * 60_000)
        page.keyboard.press("End")
        outline = tool.get_by_role("navigation", name="On this page")
        expect(outline.get_by_role("link", name="Key terms")).to_have_attribute("aria-current", "location")
        page.clock.run_for(4_000)
        page.goto(f"{page.url}?again")  # another address, so that the browser does not bring back where it was
        expect(marks_left(tool)).to_have_count(len(LESSON.sections))

        button = region(tool, FIRST.title).get_by_role("button", name=MARK)
        button.evaluate("(element) => element.scrollIntoView({block: 'center'})")
        expect(outline.get_by_role("link", name=FIRST.title)).to_have_attribute("aria-current", "location")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        seconds = 0
        while not any(url.endswith("/read") for url in sent):
            page.clock.run_for(1_000)
            seconds += 1
            assert seconds < 120
        expect(region(tool, FIRST.title).get_by_text("Read", exact=True)).to_be_visible()
        page.clock.resume()
        page.reload()
        expect(marks_left(tool)).to_have_count(len(LESSON.sections) - 1)
        go_on = tool.get_by_role("link", name=f"Go on at section 2: {SECOND.title}").bounding_box()
        text = tool.locator("#text").bounding_box()
        assert go_on
        assert text
        assert go_on["y"] < text["y"], "the way on stands above the text"


def give_column(stack: Stack, item_id: str) -> None:
    """Give an item that has been opened a gradebook column of which no address is known, so that nothing arrives."""
    database = Database(stack.settings.database_url)
    with database.transaction() as session:
        placed = select(Placement.id).where(Placement.item_id == item_id)
        link = session.scalars(select(ResourceLink).where(ResourceLink.placement_id.in_(placed))).one()
        session.add(LineItem(resource_link_id=link.id, item_id=item_id, scopes=[], updated_at=clock.now()))
    database.dispose()


def test_what_reading_counts_is_told_as_soon_as_the_last_section_is_read(browser: Browser, stack: Stack) -> None:
    with private_window(browser, PHONE) as context:
        page = context.new_page()
        sign_in(page, stack.lms, EDSGER)
        tool = open_activity_in_window(page, stack.lms, "introduction")
        give_column(stack, "introduction")
        page.reload()
        expect(tool.get_by_text("Reading this to the end counts 1 point in your gradebook.")).to_be_visible()
        expect(tool.locator("[data-delivery]")).to_be_hidden()
        marks_left(tool).click()
        expect(tool.get_by_role("status").filter(has_text="Your gradebook has not taken it yet")).to_be_visible()


def test_a_tap_opens_a_term_beneath_its_word_and_a_tap_elsewhere_closes_it(browser: Browser, stack: Stack) -> None:
    with private_window(browser, PHONE) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KAREN)
        tool = open_activity(page, stack.lms, LESSON.id)
        word = tool.locator("a.term").last
        word.scroll_into_view_if_needed()
        word.click()
        card = tool.get_by_role("note", name="Key term")
        expect(card).to_be_visible()
        below, line = card.bounding_box(), word.bounding_box()
        assert below
        assert line
        assert 0 <= below["y"] - (line["y"] + line["height"]) < 20
        tool.get_by_role("heading", level=1).click()
        expect(card).to_have_count(0)


def test_without_scripts_a_term_leads_to_the_list_and_the_list_to_the_glossary(browser: Browser, stack: Stack) -> None:
    with private_window(browser, scripts=False) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        page.goto(f"{stack.lms}/activity/{LESSON.id}?window=new")
        page.get_by_role("button", name="Open the activity").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/in/**")
        page.locator("a.term").first.click()
        assert page.url.endswith(f"#term-{first_term().id}")
        region(page, FIRST.title).get_by_role("button", name=MARK).click()
        expect(marks_left(page)).to_have_count(len(LESSON.sections) - 1)
        page.get_by_role("link", name="All terms of this course").click()
        expect(page.get_by_role("heading", level=1, name="Glossary")).to_be_visible()
        expect(page.get_by_role("searchbox")).to_have_count(0)  # it would do nothing
        entry = glossary(COURSE)[0]
        page.get_by_role("link", name=re.compile(f"^{re.escape(entry.term.name)}")).click()
        assert entry.section is not None
        expect(region(page, entry.section.title)).to_be_visible()


def test_the_glossary_narrows_as_one_types_whatever_case_and_marks(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        tool = open_activity_in_window(page, stack.lms, LESSON.id)
        tool.get_by_role("link", name="Glossary", exact=True).click()
        terms = tool.get_by_role("term")
        names = [entry.term.name for entry in glossary(COURSE)]
        expect(terms).to_have_text(names)
        tool.get_by_role("searchbox", name="Show only terms with").fill("LÁYER")
        expect(tool.get_by_role("status").filter(has_text=f"of {len(names)} terms")).to_be_visible()
        assert "Layer" in terms.all_inner_texts()
        assert len(terms.all_inner_texts()) < len(names)
        tool.get_by_role("searchbox").fill("no such term")
        expect(tool.get_by_role("status").filter(has_text="Empty the field")).to_be_visible()
        tool.get_by_role("searchbox").press("Escape")
        expect(terms).to_have_text(names)


def test_on_paper_a_lesson_is_its_text_and_its_terms_and_nothing_to_press(browser: Browser, stack: Stack) -> None:
    with private_window(browser) as context:
        page = context.new_page()
        sign_in(page, stack.lms, KATHERINE)
        tool = open_activity_in_window(page, stack.lms, LESSON.id)
        page.emulate_media(media="print")
        for chrome in (tool.get_by_role("navigation"), tool.get_by_role("button"), tool.get_by_role("contentinfo")):
            expect(chrome).to_have_count(0)
        for section in LESSON.sections:
            expect(region(tool, section.title).get_by_text(plain(section.html)[:40])).to_be_visible()
        expect(region(tool, "Key terms").get_by_role("term")).to_have_count(len(LESSON.terms))
        address = tool.evaluate(
            """() => {
              const link = document.querySelector(".prose p").appendChild(document.createElement("a"));
              Object.assign(link, {href: "https://example.org/paper", target: "_blank"});
              return getComputedStyle(link, "::after").content;
            }"""
        )
        assert "https://example.org/paper" in address
