"""Makes the pictures of docs/lms: `python -m tests.guide_pictures docs/lms/pictures`. Pages of ours alone."""

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect, sync_playwright

from config.database import Database
from config.settings import from_environment
from lti_tool.app import create_app
from lti_tool.migrating import upgrade
from lti_tool.practice_lms.personalities import moodle
from lti_tool.registering.invitations import invite
from tests.browser_setup import find_chromium
from tests.e2e.people import COURSE, tool_in
from tests.e2e.picker_walk import open_picker
from tests.registering.platform_server import running_lms
from tests.support.browser import chromium, private_window
from tests.support.school import running_school

TOOL = "https://tool.example.edu"
SMALL: ViewportSize = {"width": 820, "height": 700}
QUIETLY = [r"."]  # complaints are for the tests


def main() -> int:
    """Exit status 0 when every picture has been saved, 1 when there is no browser to make them with."""
    if len(sys.argv) != 2:
        sys.stderr.write("Usage: python -m tests.guide_pictures FOLDER\n")
        return 2
    if find_chromium() is None:
        sys.stderr.write("No Chromium here; `python -m tests.browser_setup` gets one.\n")
        return 1
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, chromium(playwright) as browser:
        _of_registering(browser, folder)
        _of_a_course(browser, folder)
    return 0


@contextmanager
def _empty_database() -> Iterator[tuple[Path, Database]]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as below:
        database = Database(f"sqlite:///{Path(below, 'pictures.sqlite')}")
        upgrade(database.engine)
        yield Path(below), database
        database.dispose()


def _of_registering(browser: Browser, folder: Path) -> None:
    """The invitation and what follows it, at the address that the guides name: no server answers there, so the
    browser's requests go straight to the application."""
    with (
        _empty_database() as (below, database),
        running_lms() as lms,
        private_window(browser, SMALL, allowed=QUIETLY) as context,
    ):
        values = {"COURSEWRIGHT_DATA_DIR": str(below), "COURSEWRIGHT_BASE_URL": TOOL}
        app = create_app(from_environment(values), database)
        _answer_from(app.test_client(), context)
        with database.transaction() as session:
            token = invite(session, name="Our Moodle")[0]
        page = context.new_page()
        page.goto(f"{TOOL}/lti/register?invitation={token}")
        page.locator("#address").evaluate(
            "(one, example) => { one.value = example }", f"{TOOL}/lti/register?invitation=…"
        )
        _picture(page, folder / "invitation.png")
        asked = f"openid_configuration={lms.configuration_url}&registration_token=one"
        page.goto(f"{TOOL}/lti/register?invitation={token}&{asked}")
        _picture(page, folder / "registered.png", until=".message-details")
        page.goto(f"{TOOL}/lti/setup#moodle")
        _picture(page, folder / "setup.png")
        app.extensions["coursewright"].replies.close()


def _answer_from(client: FlaskClient, context: BrowserContext) -> None:
    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        given = client.get(f"{asked.path}?{asked.query}", base_url=TOOL)
        route.fulfill(status=given.status_code, headers=dict(given.headers), body=given.data)

    context.route(re.compile(f"^{re.escape(TOOL)}/"), answer)


def _of_a_course(browser: Browser, folder: Path) -> None:
    """The page on which activities are chosen, in a frame of Moodle's measures, then a course's links."""
    with (
        _empty_database() as (below, database),
        private_window(browser, allowed=QUIETLY) as context,
        running_school(below, database, moodle) as school,
    ):
        page = context.new_page()
        frame = open_picker(page, school)
        _framed(page, folder / "picker.png")
        frame.get_by_role("button", name="Add the whole module").press("Enter")
        frame.get_by_role("button", name="Save and return").press("Enter")
        page.wait_for_url("**/course?course=2")
        for item in COURSE.items[:4]:
            page.goto(f"{school.lms}/course?course=2")
            page.get_by_role("link", name=item.title).first.press("Enter")
            tool = tool_in(page)
        tool.get_by_role("link", name="Links", exact=True).press("Enter")
        expect(tool.get_by_role("heading", level=1, name="Links")).to_be_visible()
        _framed(page, folder / "links.png")


def _picture(page: Page, file: Path, until: str | None = None) -> None:
    """The page as it opens; `until` names an element of it that is left out, with all below."""
    top = "(one) => one.getBoundingClientRect().top"
    height: float = SMALL["height"] if until is None else page.locator(until).evaluate(top)
    page.screenshot(path=file, animations="disabled", clip={"x": 0, "y": 0, "width": SMALL["width"], "height": height})


def _framed(page: Page, file: Path) -> None:
    page.locator("iframe").screenshot(path=file, animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
