"""What a teacher does in a course: lets the tool be added, chooses activities in its picker, sets how they open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Frame, Page, expect

from tests.moodle.site import Course, Visitor, number_in


@dataclass(frozen=True)
class Activity:
    """An activity by its course module's id, the one in `/mod/lti/view.php?id=`."""

    id: int
    name: str


class Activities:
    """One course, as somebody who may edit it."""

    def __init__(self, teacher: Visitor, course: Course) -> None:
        self.teacher = teacher
        self.page = teacher.page
        self.course = course

    def offer(self, tool: str) -> None:
        """Let a tool of the site's appear in the course's activity chooser (More > LTI External tools)."""
        page = self.teacher.go(f"/mod/lti/coursetools.php?id={self.course.id}")
        row = page.get_by_role("row").filter(has_text=tool).last
        switch = row.locator("[data-action='showinactivitychooser-toggle']")
        if not switch.is_checked():
            switch.press("Space")
        expect(switch).to_be_checked()

    def open_chooser(self) -> None:
        """Begin to add something to the first section, as a teacher does."""
        page = self.teacher.go(f"/course/view.php?id={self.course.id}")
        editing = page.locator("form.editmode-switch-form input[type='checkbox']")
        if not editing.is_checked():
            with page.expect_navigation():
                editing.press("Space")
        page.locator("[data-action='open-chooser']").nth(1).click()

    def new(self, type_id: int, section: int = 1) -> None:
        """The form of a new activity of a tool."""
        self.teacher.go(
            f"/course/modedit.php?add=lti&typeid={type_id}&course={self.course.id}&section={section}&return=0"
        )

    def open_picker(self) -> Frame:
        """Press "Select content" in the form; the frame with the tool's picker in it."""
        self.page.locator("#id_selectcontent").press("Enter")
        frame = self.page.locator("#contentitem-page-iframe").element_handle().content_frame()
        assert frame is not None
        frame.wait_for_url("**/lti/select/**")
        expect(frame.get_by_role("heading", level=1)).to_be_visible()
        frame.wait_for_load_state()
        return frame

    def save(self) -> None:
        """Save the form and come back to the course."""
        self.page.locator("#id_submitbutton2").press("Enter")
        self.page.wait_for_url("**/course/view.php**")

    def all(self) -> list[Activity]:
        """The activities of external tools in the course, in order."""
        page = self.teacher.go(f"/course/view.php?id={self.course.id}")
        links = page.locator("li.activity.modtype_lti a.aalink, li.activity.modtype_lti .activityname a")
        found = [(link.get_attribute("href") or "", link.inner_text()) for link in links.all()]
        return [Activity(number_in(address, "id"), name.split("\n")[0].strip()) for address, name in found]

    def named(self, name: str) -> Activity:
        """The activity with this name."""
        return next(one for one in self.all() if one.name == name)


def open_embedded(visitor: Visitor, activity: Activity) -> Frame:
    """Open an activity; the frame of the tool's page in Moodle's."""
    page = visitor.go(f"/mod/lti/view.php?id={activity.id}")
    frame = page.locator("#contentframe").element_handle().content_frame()
    assert frame is not None
    expect_tool(frame)
    return frame


def open_here(visitor: Visitor, activity: Activity) -> Frame:
    """Open an activity that takes the place of Moodle's page."""
    page = visitor.go(f"/mod/lti/view.php?id={activity.id}")
    expect_tool(page.main_frame)
    return page.main_frame


@contextmanager
def opened_in_window(visitor: Visitor, course: Course, activity: Activity) -> Iterator[Frame]:
    """Open an activity that gets a window of its own, from the course's page."""
    page = visitor.go(f"/course/view.php?id={course.id}")
    with page.expect_popup() as opened:
        page.locator(f"#module-{activity.id} .activityname a").click()
    window: Page = opened.value
    expect_tool(window.main_frame)
    yield window.main_frame
    window.close()


def expect_tool(frame: Frame) -> None:
    """Wait until a launch has arrived at a page of the tool's, with its scripts."""
    frame.wait_for_url("**/in/**")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    frame.wait_for_load_state()
