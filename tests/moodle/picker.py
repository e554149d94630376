"""What a teacher does in the tool's picker, in the frame that Moodle shows it in."""

from playwright.sync_api import Frame, Page, expect


def choose_one(picker: Frame, title: str) -> None:
    """Tick an item and send it; the frame closes, and Moodle's form is filled in."""
    box = picker.get_by_role("checkbox", name=title)
    box.press("Space")
    expect(box).to_be_checked()
    page = picker.page
    picker.get_by_role("button", name="Add the chosen activities").last.press("Enter")
    expect_closed(page)


def choose_whole_module(picker: Frame) -> None:
    """Send all items of the module; Moodle lists them in place of its form."""
    page = picker.page
    picker.get_by_role("button", name="Add the whole module").press("Enter")
    expect_closed(page)


def expect_closed(page: Page) -> None:
    """Wait until Moodle has taken what was chosen and put the frame away."""
    expect(page.locator("#contentitem-page-iframe")).to_have_count(0)
