"""Copying a course, as Moodle and Canvas do: its activities with their addresses, custom parameters and columns, under
new ids; no grades, and nothing anybody did."""

import sqlite3

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.practice_lms import course, notices
from lti_tool.practice_lms.course import LmsCourse
from lti_tool.practice_lms.pages import asked_course
from lti_tool.practice_lms.personality import Personality
from lti_tool.practice_lms.platform import current
from lti_tool.practice_lms.selection_pages import teacher

blueprint = Blueprint("copying", __name__)


@blueprint.post("/copy")
def copy() -> AnyResponse:
    """Copy the course that is asked for; to the copy."""
    teacher()
    original = asked_course()
    platform = current()
    with platform.store.transaction() as db:
        number = copy_course(db, platform.settings.personality, original)
        made = next(one for one in course.courses(db) if one.number == number)
    notices.tell_of_copy(platform, original, made)
    return redirect(url_for("pages.course_page", course=number), 303)


def copy_course(db: sqlite3.Connection, personality: Personality, original: LmsCourse) -> int:
    """Make the copy; its number."""
    number = max(one.number for one in course.courses(db)) + 1
    db.execute(
        "INSERT INTO copied_course VALUES (?, ?, ?, ?)",
        (number, f"{original.label}-C{number}", f"{original.title} (copy {number})", original.number),
    )
    for activity in course.activities(db, original):
        _copy_activity(db, personality, activity.id, number)
    return number


def _copy_activity(db: sqlite3.Connection, personality: Personality, activity_id: str, to: int) -> None:
    count = db.execute("SELECT count(*) + 1 AS number FROM activity").fetchone()["number"]
    new_id = f"{activity_id}-copy{to}"
    new_link = personality.resource_link_id(new_id, count)
    db.execute(
        "INSERT INTO activity (id, resource_link_id, title, url, custom, position, column_made, course, published,"
        " dates, origin) SELECT ?, ?, title, url, custom, position, column_made, ?, published, dates,"
        " resource_link_id || coalesce(',' || origin, '') FROM activity WHERE id = ?",
        (new_id, new_link, to, activity_id),
    )
    db.execute(
        "INSERT INTO line_item (label, score_maximum, resource_id, tag, resource_link_id, made_with_activity, course)"
        " SELECT label, score_maximum, resource_id, tag, ?, 1, ? FROM line_item WHERE made_with_activity = 1"
        " AND resource_link_id = (SELECT resource_link_id FROM activity WHERE id = ?) ORDER BY id",
        (new_link, to, activity_id),
    )
