"""Moodle's gradebook, read where people read it: the user report of one student."""

import time

from tests.moodle.site import Course, Visitor

ARRIVES_SECONDS = 60.0


def grade(visitor: Visitor, course: Course, column: str, user_id: int) -> tuple[str, str]:
    """What a student's report says of a column: the grade as shown, "-" while there is none, and the range."""
    page = visitor.go(f"/grade/report/user/index.php?id={course.id}&userid={user_id}")
    row = page.locator("table.user-grade tr").filter(has=page.locator(".rowtitle", has_text=column)).first
    shown = row.locator("td.column-grade").first.inner_text()
    return shown.split("\n")[0].strip(), row.locator("td.column-range").first.inner_text().strip()


def await_grade(visitor: Visitor, course: Course, column: str, user_id: int, shown: str) -> None:
    """Look again until the report shows this grade."""
    deadline = time.monotonic() + ARRIVES_SECONDS
    found = ""
    while found != shown and time.monotonic() < deadline:
        found, _ = grade(visitor, course, column, user_id)
    assert found == shown, f"{column}: {found!r}, not {shown!r}, after {ARRIVES_SECONDS:g} s"
