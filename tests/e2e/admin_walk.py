"""Past every page of the admin console by keyboard, for tests and pictures: a stuck grade is found, understood and let
go on the way, by what the pages say alone."""

import re
from collections.abc import Iterator

from playwright.sync_api import BrowserContext, Page, expect

from lti_tool.web.admin.navigation import ENTRIES
from tests.e2e.hands import Keyboard
from tests.e2e.walk import View
from tests.support.admin_desk import AdminDesk
from tests.support.admins import NAME, PASSWORD


def walk_past_the_console(context: BrowserContext, desk: AdminDesk) -> Iterator[View]:
    """As an admin who has come by a link in a mail: signing in, the grade, and then each page of the menu."""
    page = desk.open(context)
    keyboard = Keyboard(page)
    yield _view("sign-in", page)
    sign_in(page, keyboard, "a wrong one here")
    expect(page.get_by_role("alert")).to_contain_text("do not open the console")
    yield _view("sign-in-refused", page)
    sign_in(page, keyboard, PASSWORD)
    yield from release_a_stuck_grade(page, keyboard, desk)
    for entry in ENTRIES:
        menu = page.get_by_role("navigation", name="Console")
        if menu.locator("summary").is_visible():  # on a phone
            keyboard.press(menu.locator("summary"))
        keyboard.press(menu.get_by_role("link", name=entry.title, exact=True))
        expect(menu.locator("[aria-current=page]").first).to_have_text(entry.title)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        yield _view(entry.blueprint.removeprefix("admin_"), page)
    yield from set_an_lms_up(page, keyboard, desk)
    page.goto(f"{desk.tool}/admin/nowhere")
    yield _view("nothing-here", page)
    page.goto(f"{desk.tool}/admin")
    keyboard.press(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")


def sign_in(page: Page, keyboard: Keyboard, password: str) -> None:
    """Fill the form in; the name may stand there from before, and the first empty field has the focus."""
    if not page.get_by_label("Name").input_value():
        keyboard.type(page.get_by_label("Name"), NAME)
    keyboard.type(page.get_by_label("Password"), password)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def release_a_stuck_grade(page: Page, keyboard: Keyboard, desk: AdminDesk) -> Iterator[View]:
    """From the overview to the cause and what to do; once that is done, the grade is let go and arrives."""
    found = page.get_by_role("link", name="1 grade is stuck")
    expect(found).to_be_visible()
    yield _view("overview-attention", page)
    keyboard.press(found)
    stuck = page.get_by_role("region", name="Stuck")
    expect(stuck.get_by_role("heading", name="The platform does not let us write grades")).to_be_visible()
    expect(stuck).to_contain_text("Allow this tool to write scores")
    yield _view("grade-stuck", page)
    keyboard.press(stuck.get_by_role("link", name="Show"))
    expect(page.get_by_role("row").filter(has_text="3 of 5")).to_be_visible()
    yield _view("grade-stuck-alone", page)
    page.go_back()
    keyboard.press(page.get_by_role("button", name="Retry 1 grade").first)
    told = page.get_by_role("status")
    expect(told).to_contain_text("1 is on its way.")
    yield _view("grade-on-its-way", page)
    desk.work()
    expect(told).to_contain_text("delivered")
    expect(page.get_by_text("No grade is stuck.")).to_be_visible()
    yield _view("grade-delivered", page)


def set_an_lms_up(page: Page, keyboard: Keyboard, desk: AdminDesk) -> Iterator[View]:
    """Make an invitation; look at the platform that is there, at the form for one by hand, and at what was changed."""
    page.goto(f"{desk.tool}/admin/invitations")
    keyboard.type(page.get_by_label("Name of the LMS"), "Their LMS")
    page.keyboard.press("Enter")
    address = page.get_by_label("Registration address", exact=True)
    expect(address).to_have_value(re.compile(r"/lti/register\?invitation="))
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    yield _view("invitation-made", page)
    page.goto(f"{desk.tool}/admin/platforms")
    keyboard.press(page.get_by_role("link", name="Our LMS"))
    expect(page.get_by_role("heading", name="Our LMS")).to_be_visible()
    yield _view("platform", page)
    page.go_back()
    keyboard.press(page.get_by_role("link", name="Add one by hand"))
    expect(page.get_by_label("Issuer")).to_be_visible()
    yield _view("platform-add", page)
    page.goto(f"{desk.tool}/admin/audit")
    expect(page.get_by_role("table")).to_contain_text("invitation.make")


def _view(name: str, page: Page) -> View:
    return View(f"console-{name}", page, page.main_frame)
