"""The activities of the course, as told on the command line."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadActivities(ValueError):
    """The activities file cannot be used; the message says which entry and why."""


@dataclass(frozen=True, slots=True)
class LineItemSpec:
    """A gradebook column that comes with an activity (AGS 2.0 §3.2)."""

    label: str
    score_maximum: float
    resource_id: str
    tag: str


@dataclass(frozen=True, slots=True)
class ActivitySpec:
    """One resource link to be: an id for people and addresses, a title, where it leads."""

    id: str
    title: str
    url: str
    custom: dict[str, str] = field(default_factory=dict)
    line_item: LineItemSpec | None = None


def default_activities(tool_url: str) -> tuple[ActivitySpec, ...]:
    """Three activities of the course "Deep Learning"; only the quiz has a column."""
    base = f"{tool_url}/lti/items/deep-learning"
    quiz = LineItemSpec(label="Quiz 1", score_maximum=5, resource_id="quiz-1", tag="grade")
    return (
        ActivitySpec("introduction", "Introduction", f"{base}/introduction", {"item": "introduction"}),
        ActivitySpec("lesson-1", "Lesson 1", f"{base}/lesson-1", {"item": "lesson-1"}),
        ActivitySpec("quiz-1", "Quiz 1", f"{base}/quiz-1", {"item": "quiz-1"}, quiz),
    )


def read_activities(path: Path) -> tuple[ActivitySpec, ...]:
    """Read the JSON list described in README.md; raise BadActivities when it is not one."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadActivities(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise BadActivities(f"{path}: must be a list with at least one activity")
    activities = tuple(_activity(entry, f"{path}, entry {number}") for number, entry in enumerate(entries, start=1))
    if len({activity.id for activity in activities}) != len(activities):
        raise BadActivities(f"{path}: two activities share an id")
    return activities


def _activity(entry: Any, where: str) -> ActivitySpec:
    if not isinstance(entry, dict):
        raise BadActivities(f"{where}: must be an object")
    custom = entry.get("custom") or {}
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        raise BadActivities(f"{where}: custom must be an object of strings")
    line_item = entry.get("line_item")
    return ActivitySpec(
        id=_segment(entry, where),
        title=_text(entry, "title", where),
        url=_text(entry, "url", where),
        custom=custom,
        line_item=None if line_item is None else _line_item(line_item, f"{where}, line_item"),
    )


def _line_item(entry: Any, where: str) -> LineItemSpec:
    if not isinstance(entry, dict):
        raise BadActivities(f"{where}: must be null or an object")
    maximum = entry.get("scoreMaximum")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        raise BadActivities(f"{where}: scoreMaximum must be a number above 0")
    return LineItemSpec(
        label=_text(entry, "label", where),
        score_maximum=float(maximum),
        resource_id=str(entry.get("resourceId") or ""),
        tag=str(entry.get("tag") or ""),
    )


def _text(entry: dict[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadActivities(f"{where}: {name} must be text")
    return value


def _segment(entry: dict[str, Any], where: str) -> str:
    """The id stands in our addresses, so it must be one plain path segment."""
    value = _text(entry, "id", where)
    if not all(character.isalnum() or character in "-_." for character in value) or value.startswith("."):
        raise BadActivities(f"{where}: id may hold letters, digits, '-', '_' and '.'")
    return value
