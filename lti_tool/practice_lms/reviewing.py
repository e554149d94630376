"""A student's work opened from the gradebook: Moodle's "Grade analysis" is a submission review, Canvas's SpeedGrader an
ordinary launch of the address that came with the score."""

import sqlite3
from datetime import datetime
from typing import Any

from lti_tool.practice_lms import course, launches, line_items, submissions
from lti_tool.practice_lms.course import Activity, Person
from lti_tool.practice_lms.launches import AGS_CLAIM, CLAIM
from lti_tool.practice_lms.settings import Settings


def find_activity(db: sqlite3.Connection, line_item_id: int) -> Activity | None:
    """The activity that a column belongs to, None for a column of the tool's own."""
    item = line_items.find_line_item(db, line_item_id)
    link = item.resource_link_id if item is not None else None
    return course.find_activity_of_link(db, link) if link is not None else None


def target(db: sqlite3.Connection, settings: Settings, activity: Activity, of: tuple[int, str]) -> str | None:
    """The address to be launched; None if there is nothing to look at yet."""
    if settings.personality.review == "message":
        return activity.url
    return submissions.launch_address(db, *of)


def review_claims(
    db: sqlite3.Connection,
    settings: Settings,
    person: Person,
    of: tuple[int, str],
    *,
    nonce: str,
    now: datetime,
) -> dict[str, Any] | None:
    """All claims of the launch, None if there is nothing to look at."""
    activity, student = find_activity(db, of[0]), course.find_person(db, of[1])
    address = target(db, settings, activity, of) if activity is not None else None
    if activity is None or student is None or address is None:
        return None
    personality = settings.personality
    claims = launches.launch_claims(db, settings, person, activity, nonce=nonce, document_target="iframe", now=now)
    claims[CLAIM + "target_link_uri"] = address
    if personality.review == "submission":
        # SpeedGrader knows no link: the course's own id stands in its place.
        return {
            **claims,
            CLAIM + "resource_link": {"id": claims[CLAIM + "context"]["id"], "title": activity.course.title},
        }
    if personality.names_reviewed_column:
        claims[AGS_CLAIM] = {**claims[AGS_CLAIM], "lineitem": settings.line_item_url(of[0])}
    return {
        **claims,
        CLAIM + "message_type": "LtiSubmissionReviewRequest",
        CLAIM + "for_user": {"user_id": personality.sub(student.id)},
    }
