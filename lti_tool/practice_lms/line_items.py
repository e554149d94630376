"""Gradebook columns (AGS 2.0 §3.2)."""

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from lti_tool.practice_lms.refusals import Refused

LONGEST_TEXT = 255
LARGEST_ID = 2**63 - 1  # of SQLite


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column. ``made_with_activity`` tells the activity's own column from one that the tool made."""

    id: int
    label: str
    score_maximum: float
    resource_id: str
    tag: str
    resource_link_id: str | None
    made_with_activity: bool


@dataclass(frozen=True, slots=True)
class LineItemFields:
    """What a tool may set of a column."""

    label: str
    score_maximum: float
    resource_id: str
    tag: str
    resource_link_id: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the container (AGS 2.0 §3.2.3); None means "any"."""

    resource_link_id: str | None = None
    resource_id: str | None = None
    tag: str | None = None
    course: int | None = None


def read_fields(body: Any) -> LineItemFields:
    """Check the JSON of a POST or PUT; raise Refused (400) naming what is wrong.

    A missing resourceId or tag means an empty one, also in a PUT: it replaces the whole column.
    """
    if not isinstance(body, dict):
        raise Refused(400, "invalid_line_item", "The body must be a JSON object.")
    label = _text(body, "label")
    if not label.strip():
        raise Refused(400, "invalid_line_item", "label must be given.")
    maximum = body.get("scoreMaximum")
    if not is_number(maximum) or maximum <= 0:
        raise Refused(400, "invalid_line_item", "scoreMaximum must be a number above 0.")
    return LineItemFields(
        label=label,
        score_maximum=float(maximum),
        resource_id=_text(body, "resourceId"),
        tag=_text(body, "tag"),
        resource_link_id=_text(body, "resourceLinkId") or None,
    )


def is_number(value: Any) -> TypeGuard[float]:
    """Whether this is a JSON number that can be reckoned with: no boolean, no NaN, no 1e999."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise Refused(400, "invalid_line_item", f"{name} must be text of at most {LONGEST_TEXT} characters.")
    return value


def find_line_items(db: sqlite3.Connection, filters: Filters) -> list[LineItem]:
    """All columns that match every given filter, oldest first."""
    query, values = "SELECT * FROM line_item WHERE 1", []
    for column in ("resource_link_id", "resource_id", "tag", "course"):
        wanted = getattr(filters, column)
        if wanted is not None:
            query += f" AND {column} = ?"
            values.append(wanted)
    return [_line_item(row) for row in db.execute(query + " ORDER BY id", values)]


def line_items_of_link(db: sqlite3.Connection, resource_link_id: str) -> list[LineItem]:
    """The columns that belong to one resource link."""
    return find_line_items(db, Filters(resource_link_id=resource_link_id))


def find_line_item(db: sqlite3.Connection, line_item_id: int) -> LineItem | None:
    """The column with this id, or None."""
    if line_item_id > LARGEST_ID:
        return None
    row = db.execute("SELECT * FROM line_item WHERE id = ?", (line_item_id,)).fetchone()
    return None if row is None else _line_item(row)


def add_line_item(db: sqlite3.Connection, fields: LineItemFields, course: int = 1) -> LineItem:
    """Make a column for the tool, in a course. The same resourceId twice gives two columns, as in Moodle."""
    row = db.execute(
        "INSERT INTO line_item (label, score_maximum, resource_id, tag, resource_link_id, made_with_activity, course)"
        " VALUES (?, ?, ?, ?, ?, 0, ?) RETURNING *",
        (*_values(fields), course),
    ).fetchone()
    return _line_item(row)


def replace_line_item(db: sqlite3.Connection, line_item_id: int, fields: LineItemFields) -> LineItem:
    """Replace what the tool may set. Grades are kept as given, so a new maximum rescales them."""
    row = db.execute(
        "UPDATE line_item SET label = ?, score_maximum = ?, resource_id = ?, tag = ?, resource_link_id = ?"
        " WHERE id = ? RETURNING *",
        (*_values(fields), line_item_id),
    ).fetchone()
    return _line_item(row)


def delete_line_item(db: sqlite3.Connection, line_item_id: int) -> None:
    """Remove a column and its grades."""
    db.execute("DELETE FROM line_item WHERE id = ?", (line_item_id,))


def _values(fields: LineItemFields) -> tuple[str, float, str, str, str | None]:
    return (fields.label, fields.score_maximum, fields.resource_id, fields.tag, fields.resource_link_id)


def _line_item(row: sqlite3.Row) -> LineItem:
    return LineItem(
        id=row["id"],
        label=row["label"],
        score_maximum=row["score_maximum"],
        resource_id=row["resource_id"],
        tag=row["tag"],
        resource_link_id=row["resource_link_id"],
        made_with_activity=bool(row["made_with_activity"]),
    )
