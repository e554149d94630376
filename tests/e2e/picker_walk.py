"""Past the pages on which activities are chosen, and those of the LMS around them, for tests and pictures."""

from collections.abc import Iterator

from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.e2e.people import GRACE, sign_in
from tests.e2e.walk import View
from tests.support.school import School


def open_picker(page: Page, school: School) -> Frame:
    """As the instructor, begin to add activities to the empty course; the frame with the tool's page in it."""
    sign_in(page, school.lms, GRACE)
    page.goto(f"{school.lms}/selection?course=2")
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    frame.wait_for_url("**/lti/select/**")
    expect(frame.get_by_role("heading", name="Add activities")).to_be_visible()
    frame.wait_for_load_state()
    return frame


def walk_past_the_picker(context: BrowserContext, school: School) -> Iterator[View]:
    """The page as it opens, with something chosen, and the LMS's summary; nothing is saved."""
    page = context.new_page()
    frame = open_picker(page, school)
    yield View("picker", page, frame)
    box = frame.get_by_role("checkbox").nth(2)
    box.focus()
    page.keyboard.press("Space")
    frame.locator("summary").nth(2).press("Enter")
    yield View("picker-chosen", page, frame)
    frame.get_by_role("button", name="Add the whole module").press("Enter")
    expect(frame.get_by_role("heading", name="To be added: 14")).to_be_visible()
    yield View("picker-summary", page, frame)
