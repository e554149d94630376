"""The pages in a language written from right to left, and in one with longer words."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from werkzeug.serving import make_server

from config.database import Database
from config.settings import Settings
from course.items import Page as Reading
from course.items import Quiz
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.web.cookies import SESSION
from tests.support.browser import DESKTOP, axe_violations, overlaps, private_window, sideways_scroll
from tests.support.factory import BUILT_IN, QUIZ, Classroom, answers, make_placement
from tests.support.labs import course_with_labs
from tests.support.visit import Browser as Visitor
from tests.support.visit import seat

pytestmark = pytest.mark.browser

NARROW: ViewportSize = {"width": 320, "height": 640}
LAST_PAGE = next(item for item in reversed(BUILT_IN.items) if isinstance(item, Reading))
NOT_FOUND = r"status of 404"
ALIKE = {"quiz with questions left open", "two attempts", "error"}  # axe has seen their like


@dataclass
class Desk:
    """A running tool that offers the made-up languages, and Ada's visit to it."""

    address: str
    visitor: Visitor
    database: Database
    context_key: str

    def seat(self, context: BrowserContext) -> None:
        """Let the browser sit where Ada sits."""
        cookie = self.visitor.client.get_cookie(SESSION)
        assert cookie
        context.add_cookies(
            [{"name": SESSION, "value": cookie.value, "domain": "localhost", "path": "/", "secure": True}]
        )

    def states(self) -> Iterator[tuple[str, str]]:
        """Every kind of page, each in its states: a name, and the path to it. Makes the states on its way."""
        visitor, quiz = self.visitor, f"/items/{QUIZ.id}"
        yield "introduction", f"/items/{BUILT_IN.items[0].id}"
        yield "lesson", "/items/lesson-1"
        yield "quiz before", quiz
        given = answers(right=3)
        first = next(iter(given))
        attempt = visitor.start()
        visitor.post(attempt, **{f"q.{first}": given[first]})
        yield "quiz open", quiz
        visitor.post(attempt, action=f"check:{first}")
        yield "quiz with questions left open", f"{quiz}?ask=1"
        visitor.hand_in(attempt, right=3)
        yield "quiz handed in", quiz
        visitor.hand_in(visitor.start(), right=5)
        yield "two attempts", quiz
        yield "lab before", "/items/lab-1"
        lab = visitor.begin_lab("lab-1")
        visitor.post(lab, action="say", text="The loss pays for repeats.", number="2")
        yield "lab at work", "/items/lab-1"
        visitor.post(f"{lab}/submit", action="submit-anyway")
        yield "lab handed in", "/items/lab-1"
        yield "module", "/module"
        yield "glossary", "/glossary"
        yield "new window", "/new-window"
        yield "not placed", f"/items/{next(one.id for one in BUILT_IN.items if isinstance(one, Quiz) and one != QUIZ)}"
        yield "error", "/items/nowhere"

    def other_stops(self) -> Iterator[tuple[str, str]]:
        """Every stop of the module that `states` did not see, all in their places now, with the test at work."""
        seen = {BUILT_IN.items[0].id, "lesson-1", QUIZ.id, "lab-1"}
        others = [item for item in BUILT_IN.items if item.id not in seen]
        with self.database.transaction() as session:
            for item in others:
                make_placement(session, item_id=item.id, context_key=self.context_key)
        yield from ((item.id, f"/items/{item.id}") for item in others)
        self.visitor.post("/items/module-test/attempts")
        yield "test at work, before handing in", "/items/module-test?review=1"


@pytest.fixture
def desk(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Iterator[Desk]:
    port = free_port(0)
    tool = f"http://localhost:{port}"
    app = create_app(
        replace(settings, base_url=tool, pseudo_locales=True, courses=(course_with_labs(tmp_path),)), sqlite_database
    )
    with sqlite_database.transaction() as session:
        classroom = Classroom(session)
        learner = classroom.person("ada").learner
        context_key = classroom.placement.context_key
        make_placement(session, item_id="lab-1", context_key=context_key)
    visitor = seat(app.test_client(), sqlite_database, classroom.placement, learner)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Desk(f"{tool}{visitor.base}", visitor, sqlite_database, context_key)
    server.shutdown()
    server.server_close()
    thread.join()


def _faults(page: Page, name: str) -> list[str]:
    faults = sideways_scroll(page) + overlaps(page)
    return [f"{name}: {fault}" for fault in faults]


def test_pages_from_right_to_left_and_with_long_words_fit_and_can_be_used(browser: Browser, desk: Desk) -> None:
    """Every state of every page: on a phone and a desktop from right to left, and on a phone with long words; then
    every stop of the module on a phone, from right to left."""
    found: list[str] = []
    with (
        private_window(browser, NARROW, allowed=[NOT_FOUND]) as small,
        private_window(browser, DESKTOP, allowed=[NOT_FOUND]) as large,
    ):
        desk.seat(small)
        desk.seat(large)
        phone, desktop = small.new_page(), large.new_page()
        for name, path in desk.states():
            desk.visitor.post("/language", language="en_XA")
            phone.goto(desk.address + path)
            expect(phone.locator("html")).to_have_attribute("lang", "en-XA")
            found += _faults(phone, f"long words, {name}")
            desk.visitor.post("/language", language="ar_XB")
            for page, where in ((phone, "phone"), (desktop, "desktop")):
                page.goto(desk.address + path)
                expect(page.locator("html")).to_have_attribute("dir", "rtl")
                found += _faults(page, f"right to left, {where}, {name}")
            if name not in ALIKE:
                found += [f"{name}: {fault}" for fault in axe_violations(phone)]
        for name, path in desk.other_stops():
            phone.goto(desk.address + path)
            expect(phone.get_by_role("heading", level=1)).to_be_visible()
            found += _faults(phone, f"right to left, phone, {name}")
        _expect_mirrored(desktop, desk)
    assert not found, "\n".join(found)


def _expect_mirrored(page: Page, desk: Desk) -> None:
    """What points, points the other way; the strip begins at the right."""
    page.goto(f"{desk.address}/items/{BUILT_IN.items[1].id}")
    before, after = page.locator(".onward-previous").bounding_box(), page.locator(".onward-next").bounding_box()
    assert before
    assert after
    assert after["x"] < before["x"]
    page.goto(f"{desk.address}/items/{LAST_PAGE.id}")
    line = page.locator(".strip-line")
    assert line.evaluate("(one) => one.scrollLeft") < 0
    outer, current = line.bounding_box(), line.locator("[data-current]").bounding_box()
    assert outer
    assert current
    assert outer["x"] - 1 <= current["x"] <= outer["x"] + outer["width"]
    page.goto(f"{desk.address}/items/{QUIZ.id}")
    chevron = page.locator("details.others > summary").first
    assert chevron.evaluate("(one) => getComputedStyle(one, '::before').rotate") == "45deg"
    window = page.locator('.colophon .icon:has([href="#icon-window"])')
    assert window.evaluate("(one) => getComputedStyle(one).scale") == "-1 1"


def test_a_reader_changes_the_language_without_scripts_and_stays_on_the_page(browser: Browser, desk: Desk) -> None:
    with private_window(browser, scripts=False) as context:
        desk.seat(context)
        page = context.new_page()
        page.goto(f"{desk.address}/items/lesson-1")
        page.get_by_label("Language of these pages").select_option(label="ar-XB (made up)")
        page.get_by_role("button", name="Change the language").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert page.url == f"{desk.address}/items/lesson-1"
