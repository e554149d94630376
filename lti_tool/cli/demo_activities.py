"""The activities of a practice course: one for each item of a course of ours, as an instructor would place them."""

from typing import Any

from course.items import Course, Graded, Item, ItemKind

_NAMED_BY_LABEL = (ItemKind.QUIZ, ItemKind.LAB)  # their titles alone do not say what they are


def activities_of(course: Course, tool_url: str) -> list[dict[str, Any]]:
    """The entries of the practice LMS's activities file; what is graded has a column named as the activity is."""
    return [
        {
            "id": item.id,
            "title": _title(item),
            "url": f"{tool_url}/lti/items/{course.id}/{item.id}",
            "custom": {"course": course.id, "item": item.id},
            "line_item": _column(item) if isinstance(item, Graded) else None,
        }
        for item in course.items
    ]


def _title(item: Item) -> str:
    return f"{item.label}: {item.title}" if item.kind in _NAMED_BY_LABEL else item.title


def _column(item: Graded) -> dict[str, Any]:
    return {"label": _title(item), "scoreMaximum": item.policy.points, "resourceId": item.id, "tag": "grade"}
