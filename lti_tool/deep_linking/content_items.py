"""Items of our courses as platforms are given them (Deep Linking 2.0 §3: `ltiResourceLink`).

The item's id stands in the address, in `custom` and in the column's `resourceId`, because platforms lose one or the
other when a course is copied. Custom values are strings without line ends: anything else breaks Moodle.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from config import clock
from course.items import Course, Graded, Item, ItemKind, Policy
from lti_tool.item_choice import ITEMS_PATH
from lti_tool.platforms import Platform

MAX_TITLE = 255  # characters; Moodle fails on a longer column
TAG = "grade"
REVIEWABLE = {"reviewableStatus": ["Submitted", "Completed"]}  # Submission Review §4: a score of ours is Completed
_NAMED_BY_LABEL = (ItemKind.QUIZ, ItemKind.LAB)  # their titles alone do not say what they are


def activity_title(item: Item) -> str:
    """What an activity is called in a course, and its column in the gradebook."""
    title = f"{item.label}: {item.title}" if item.kind in _NAMED_BY_LABEL else item.title
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"


def activity_url(course: Course, item: Item | None, base_url: str) -> str:
    """Where the activity of an item leads; of None, of the whole course."""
    if item is None:
        return f"{base_url}/lti/launch"
    return f"{base_url}{ITEMS_PATH}{quote(course.id, safe='')}/{quote(item.id, safe='')}"


def column_of(item: Graded, platform: Platform) -> dict[str, Any]:
    """The gradebook column that comes with a graded item."""
    maximum = platform.column_maximum(item.policy.points)
    return {"label": activity_title(item), "scoreMaximum": maximum, "resourceId": item.id, "tag": TAG}


def content_item(
    course: Course,
    item: Item | None,
    *,
    base_url: str,
    icon_url: str,
    platform: Platform,
    with_column: bool,
    in_new_window: bool = False,
) -> dict[str, Any]:
    """An item of a course, or with None the whole course, as one activity; dates are those of the item's policy."""
    url = activity_url(course, item, base_url)
    offered: dict[str, Any] = {
        "type": "ltiResourceLink",
        "title": activity_title(item) if item else course.title[:MAX_TITLE],
        "url": url,
        "custom": {"course": course.id, **({"item": item.id} if item else {}), **platform.history},
        "icon": {"url": icon_url, "width": 64, "height": 64},
    }
    if item and item.subtitle:
        offered["text"] = item.subtitle
    if in_new_window:
        offered["window"] = {"targetName": "_blank"}
    if isinstance(item, Graded) and with_column:
        offered["lineItem"] = {**column_of(item, platform), "submissionReview": {**REVIEWABLE, "url": url}}
    if isinstance(item, Graded) and platform.takes_dates:
        offered |= _dates(item.policy)
    return offered


def _dates(policy: Policy) -> dict[str, dict[str, str]]:
    available = _period(policy.opens_at, policy.ends_at)
    submission = _period(policy.opens_at, policy.due_at)
    return {name: period for name, period in (("available", available), ("submission", submission)) if period}


def _period(start: datetime | None, end: datetime | None) -> dict[str, str]:
    dates = {"startDateTime": start, "endDateTime": end}
    return {name: clock.isoformat(date) for name, date in dates.items() if date is not None}
