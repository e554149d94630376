"""A course's gradebook and list of participants, as a teacher uses them. Grades are read in the student's report."""

import time
from urllib.parse import urlsplit

from playwright.sync_api import Locator

from tests.moodle.activities import Activity
from tests.moodle.site import Course, Visitor, number_in

GRADE_SECONDS = 30.0


class Gradebook:
    """One course's, as somebody who may change it."""

    def __init__(self, teacher: Visitor, course: Course) -> None:
        self._teacher = teacher
        self._page = teacher.page
        self._course = course
        self._items: dict[int, int] = {}

    def grade(self, user_id: int, activity: Activity) -> str:
        """What stands there for somebody; "-" for nothing."""
        return self._row(user_id, activity).locator("td.column-grade").inner_text().split("\n")[0].strip()

    def expect_grade(self, user_id: int, activity: Activity, grade: str) -> None:
        """Wait until a grade has come."""
        deadline = time.monotonic() + GRADE_SECONDS
        while (found := self.grade(user_id, activity)) != grade:
            assert time.monotonic() < deadline, f"{activity.name}: {found} and not {grade}"
            self._page.wait_for_timeout(300)

    def grade_analysis(self, user_id: int, activity: Activity) -> str:
        """The path of "Grade analysis" beside somebody's grade."""
        found = self._row(user_id, activity).locator("a[href*='/mod/lti/grade.php']").get_attribute("href") or ""
        return f"{urlsplit(found).path}?{urlsplit(found).query}"

    def override(self, user_id: int, activity: Activity, grade: str) -> None:
        """Write a grade over whatever is there."""
        query = f"courseid={self._course.id}&itemid={self._item(user_id, activity)}&userid={user_id}"
        page = self._teacher.go(f"/grade/edit/tree/grade.php?{query}")
        page.locator("#id_overridden").check()
        page.locator("#id_finalgrade").fill(grade)
        self._teacher.submit()

    def set_item(self, user_id: int, activity: Activity, **boxes: bool) -> None:
        """Tick or clear boxes of a column's settings, such as `locked` or `hidden`."""
        page = self._teacher.go(
            f"/grade/edit/tree/item.php?courseid={self._course.id}&id={self._item(user_id, activity)}&gpr_plugin=tree"
        )
        for name, value in boxes.items():
            page.locator(f"#id_{name}").set_checked(value)
        self._teacher.submit()

    def set_maximum(self, activity: Activity, points: int) -> None:
        """Change a column's maximum, which Moodle lets a teacher do until the first grade is there."""
        page = self._teacher.go(f"/course/modedit.php?update={activity.id}&return=0")
        page.locator("#id_modstandardgrade a[aria-expanded='false']").first.press("Enter")
        page.locator("#id_grade_modgrade_point").fill(str(points))
        page.locator("#id_submitbutton2").press("Enter")
        page.wait_for_url("**/course/view.php**")

    def unenrol(self, user_id: int) -> None:
        """Take somebody out of the course."""
        self._teacher.go(self._participant(user_id, "a.unenrollink"))
        self._page.locator("form[action*='unenroluser'] [type='submit']").first.press("Enter")
        self._page.wait_for_url("**/user/index.php**")

    def suspend(self, user_id: int, *, suspended: bool) -> None:
        """Suspend somebody's enrolment, or let them in again."""
        number = self._participant(user_id, "a.editenrollink").rpartition("ue=")[2]
        page = self._teacher.go(f"/enrol/editenrolment.php?ue={number}")
        page.locator("#id_status").select_option(value="1" if suspended else "0")
        self._teacher.submit()

    def _participant(self, user_id: int, link: str) -> str:
        page = self._teacher.go(f"/user/index.php?id={self._course.id}&perpage=200")
        row = page.get_by_role("row").filter(has=page.locator(f"a[href*='/user/view.php?id={user_id}&']"))
        parts = urlsplit(row.locator(link).get_attribute("href") or "")
        return f"{parts.path}?{parts.query}"

    def _item(self, user_id: int, activity: Activity) -> int:
        if activity.id not in self._items:  # the report has no row of a hidden column
            self._items[activity.id] = number_in(self.grade_analysis(user_id, activity), "itemid")
        return self._items[activity.id]

    def _row(self, user_id: int, activity: Activity) -> Locator:
        page = self._teacher.go(f"/grade/report/user/index.php?id={self._course.id}&userid={user_id}")
        link = page.locator(f"a.gradeitemheader[href$='/mod/lti/view.php?id={activity.id}']")
        return page.locator("table.user-grade tr").filter(has=link)
