"""The activities of a practice course: one for each item of a course of ours, as an instructor would place them."""

from typing import Any

from course.items import Course, Graded
from lti_tool.deep_linking.content_items import activity_title, activity_url, column_of
from lti_tool.platforms import Platform


def activities_of(course: Course, tool_url: str) -> list[dict[str, Any]]:
    """The entries of the practice LMS's activities file; what is graded has a column named as the activity is."""
    return [
        {
            "id": item.id,
            "title": activity_title(item),
            "url": activity_url(course, item, tool_url),
            "custom": {"course": course.id, "item": item.id},
            "line_item": column_of(item, Platform()) if isinstance(item, Graded) else None,
        }
        for item in course.items
    ]
