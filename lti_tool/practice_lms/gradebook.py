"""The gradebook as people and scripts read it."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.practice_lms import course, grades, line_items
from lti_tool.practice_lms.course import COURSES, LmsCourse, Person
from lti_tool.practice_lms.grades import Grade
from lti_tool.practice_lms.line_items import Filters, LineItem
from lti_tool.practice_lms.settings import Settings


@dataclass(frozen=True, slots=True)
class Cell:
    """One student in one column; ``grade`` is None when no score ever came."""

    line_item: LineItem
    grade: Grade | None

    @property
    def points(self) -> str | None:
        """The result as text ("0", "4.5"), or None when there is no grade."""
        if self.grade is None or self.grade.result_score is None:
            return None
        return plain_number(self.grade.result_score)

    @property
    def maximum(self) -> str:
        """The column's maximum as text."""
        return plain_number(self.line_item.score_maximum)

    @property
    def received(self) -> datetime | None:
        """When the last score came, UTC."""
        return None if self.grade is None else grades.received_time(self.grade)


@dataclass(frozen=True, slots=True)
class Row:
    """One student and their cells, in the order of the columns."""

    person: Person
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Gradebook:
    """All columns, and a row for each student asked for."""

    columns: list[LineItem]
    rows: list[Row]


def plain_number(value: float) -> str:
    """A number without a trailing ".0"."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def gradebook(db: sqlite3.Connection, of: LmsCourse = COURSES[0], user_id: str | None = None) -> Gradebook:
    """The gradebook of all students of a course, or of the one with ``user_id``."""
    columns = line_items.find_line_items(db, Filters(course=of.number))
    held = {(column.id, grade.user_id): grade for column in columns for grade in grades.grades_of(db, column)}
    students = [person for person in course.people(db) if person.role == "student" and user_id in (None, person.id)]
    rows = [
        Row(student, [Cell(column, held.get((column.id, student.id))) for column in columns]) for student in students
    ]
    return Gradebook(columns, rows)


def as_json(settings: Settings, book: Gradebook) -> list[dict[str, Any]]:
    """Every cell that a score ever reached; one without a grade has null for ``result_score``."""
    return [
        _cell_json(settings, row.person, cell.line_item, cell.grade)
        for row in book.rows
        for cell in row.cells
        if cell.grade is not None
    ]


def _cell_json(settings: Settings, person: Person, item: LineItem, grade: Grade) -> dict[str, Any]:
    return {
        "user_id": person.id,
        "name": person.name,
        "line_item_id": settings.line_item_url(item.id),
        "resource_id": item.resource_id,
        "label": item.label,
        "result_score": grade.result_score,
        "result_maximum": item.score_maximum,
        "score_given": grade.score_given,
        "score_maximum": grade.score_maximum,
        "timestamp": grade.timestamp,
        "received_at": grade.received_at,
        "comment": grade.comment,
        "activity_progress": grade.activity_progress,
        "grading_progress": grade.grading_progress,
    }
