"""What a teacher does in the gradebook by hand: grades written over the tool's, grades locked, attempts limited."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from lti_tool.practice_lms.line_items import LineItem


@dataclass(frozen=True, slots=True)
class Hand:
    """What was done to one cell. `points` are on the column's scale; None when none were given."""

    points: float | None = None
    is_locked: bool = False


def find(db: sqlite3.Connection, line_item: LineItem, user_id: str) -> Hand:
    """What was done to a cell; nothing, mostly."""
    row = db.execute(
        "SELECT points, locked FROM teacher_grade WHERE line_item_id = ? AND user_id = ?", (line_item.id, user_id)
    ).fetchone()
    return Hand() if row is None else Hand(row["points"], bool(row["locked"]))


def write(db: sqlite3.Connection, line_item: LineItem, user_id: str, hand: Hand, now: datetime) -> None:
    """Do it. The cell is there from then on, also when no score ever came."""
    db.execute(
        "INSERT OR REPLACE INTO teacher_grade VALUES (?, ?, ?, ?)",
        (line_item.id, user_id, hand.points, int(hand.is_locked)),
    )
    db.execute(
        "INSERT OR IGNORE INTO grade VALUES (?, ?, NULL, NULL, '', ?, NULL, ?, '', '')",
        (line_item.id, user_id, now.isoformat(), now.isoformat()),
    )


def take_back_points(db: sqlite3.Connection, line_item: LineItem, user_id: str) -> None:
    """The tool's score counts again."""
    db.execute("UPDATE teacher_grade SET points = NULL WHERE line_item_id = ? AND user_id = ?", (line_item.id, user_id))


def limit_attempts(db: sqlite3.Connection, line_item: LineItem, most: int) -> None:
    """Allow so many submissions; 0: any number."""
    db.execute("DELETE FROM attempt_limit WHERE line_item_id = ?", (line_item.id,))
    if most:
        db.execute("INSERT INTO attempt_limit VALUES (?, ?)", (line_item.id, most))
