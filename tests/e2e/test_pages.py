"""Every page in each of its states can be used by everybody and fits every width."""

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from lti_tool.registering.invitations import invite
from tests.e2e.people import ADA, KATHERINE
from tests.e2e.walk import walk
from tests.support.browser import COLOURS, DESKTOP, axe_violations, private_window, sideways_scroll
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NARROW: ViewportSize = {"width": 320, "height": 640}
ZOOMED: ViewportSize = {"width": 442, "height": 326}  # Moodle's frame of 885 by 653 at 200%


@pytest.mark.parametrize(
    ("student", "framed", "sizes"),
    [(ADA, True, [DESKTOP]), (KATHERINE, False, [ZOOMED, NARROW])],
    ids=["in a frame on a desktop", "narrow, and zoomed"],
)
def test_every_page_is_accessible_in_both_themes_and_never_scrolls_sideways(
    browser: Browser, stack: Stack, student: str, framed: bool, sizes: list[ViewportSize]
) -> None:
    found: dict[str, list[str]] = {}
    with private_window(browser, sizes[-1], allowed=[r"status of 4\d\d"]) as context:
        for view in walk(context, stack.lms, stack.tool, student, framed=framed):
            faults = []
            for size in sizes:
                view.tab.set_viewport_size(size)
                faults += sideways_scroll(view.place)
            faults += axe_violations(view.place)
            if framed:  # the colours are the same at every width
                view.tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
                faults += axe_violations(view.place, COLOURS)
                view.tab.emulate_media(color_scheme="light")
            if faults:
                found[view.name] = faults
    assert not found, "\n".join(f"{name}: {fault}" for name, faults in found.items() for fault in faults)


def test_an_lms_is_registered_in_its_frame_which_then_closes(browser: Browser, stack: Stack) -> None:
    with stack.database.transaction() as session:
        address = f"{stack.tool}/lti/register?invitation={invite(session, name='Practice LMS')[0]}"
    found: list[str] = []
    with private_window(browser, NARROW) as context:
        page = context.new_page()
        for path in (address, f"{stack.tool}/lti/setup", f"{stack.lms}/tools"):
            page.goto(path)
            found += [*sideways_scroll(page), *axe_violations(page)] if path.startswith(stack.tool) else []
        page.get_by_label("Registration address").fill(address)
        page.get_by_label("Registration address").press("Enter")
        # The list names the tool as it calls itself, once the frame has said that it is done and the page has gone on.
        expect(page.get_by_role("main").get_by_text("Coursewright", exact=True)).to_be_visible(timeout=30_000)
        expect(page).to_have_url(f"{stack.lms}/tools", timeout=30_000)
    assert found == []
