"""Scores that come in, and the gradebook they make (AGS 2.0 §3.4 and §3.3).

The rules are those measured on Moodle 4.5, the strictest platform a tool meets:

* time stamps are compared at whole seconds, and one that is not later is refused with 409;
* anything but FullyGraded with a scoreGiven erases the grade;
* each score replaces the comment, and one without a comment removes it.

Where Moodle is lax we are not, because a practice platform should show a fault: unknown
progress words, a time without a zone, numbers as text and a scoreMaximum of 0 are 400.
"""

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lti_tool.practice_lms import course
from lti_tool.practice_lms.line_items import LineItem, is_number
from lti_tool.practice_lms.personalities import Personality
from lti_tool.practice_lms.refusals import Refused

ACTIVITY_PROGRESS = frozenset({"Initialized", "Started", "InProgress", "Submitted", "Completed"})
GRADING_PROGRESS = frozenset({"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"})
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
DECIMALS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """One score as sent (AGS 2.0 §3.4.9), its syntax checked."""

    user_id: str
    timestamp: str
    second: int
    activity_progress: str
    grading_progress: str
    score_given: float | None
    score_maximum: float | None
    comment: str

    @property
    def erases(self) -> bool:
        """Whether this score empties the grade instead of setting it."""
        return self.grading_progress != "FullyGraded" or self.score_given is None


@dataclass(frozen=True, slots=True)
class Grade:
    """A cell of the gradebook. ``result_score`` is on the column's scale; None when there is no grade."""

    user_id: str
    result_score: float | None
    score_given: float | None
    score_maximum: float | None
    comment: str
    timestamp: str
    received_at: str
    activity_progress: str
    grading_progress: str


def read_score(body: Any) -> Score:
    """Check the JSON of a score; raise Refused (400) naming what is wrong."""
    if not isinstance(body, dict):
        raise _bad("The body must be a JSON object.")
    given, maximum = _points(body)
    timestamp = _text(body, "timestamp")
    comment = body.get("comment")
    if comment is not None and not isinstance(comment, str):
        raise _bad("comment must be text.")
    return Score(
        user_id=_text(body, "userId"),
        timestamp=timestamp,
        second=_second(timestamp),
        activity_progress=_word(body, "activityProgress", ACTIVITY_PROGRESS),
        grading_progress=_word(body, "gradingProgress", GRADING_PROGRESS),
        score_given=given,
        score_maximum=maximum,
        comment=comment or "",
    )


def _points(body: dict[str, Any]) -> tuple[float | None, float | None]:
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    if given is not None and (not is_number(given) or given < 0):
        raise _bad("scoreGiven must be a number of at least 0.")
    if maximum is not None and (not is_number(maximum) or maximum <= 0):
        raise _bad("scoreMaximum must be a number above 0.")
    if given is not None and maximum is None:
        raise _bad("scoreMaximum must be given with scoreGiven.")
    return (None if given is None else float(given)), (None if maximum is None else float(maximum))


def _second(timestamp: str) -> int:
    """Whole seconds since 1970 of an ISO 8601 time with a zone."""
    try:
        if TIMESTAMP.fullmatch(timestamp) is None:
            raise ValueError(timestamp)
        return int(datetime.fromisoformat(timestamp).timestamp())
    except (ValueError, OverflowError) as error:
        raise _bad("timestamp must be an ISO 8601 date and time with its zone.") from error


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _bad(f"{name} must be text and not empty.")
    return value


def _word(body: dict[str, Any], name: str, words: frozenset[str]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or value not in words:
        raise _bad(f"{name} must be one of {', '.join(sorted(words))}.")
    return value


def _bad(description: str) -> Refused:
    return Refused(400, "invalid_score", description)


def record_score(
    db: sqlite3.Connection, personality: Personality, line_item: LineItem, score: Score, now: datetime
) -> None:
    """Put a score into the gradebook; raise Refused 400 (no student) or 409 (not later)."""
    person = course.person_of_sub(db, personality, score.user_id)
    if person is None or person.role != "student":
        raise Refused(400, "incorrect_user", "userId is not a student of this course.")
    stored = db.execute(
        "SELECT stored_second FROM grade WHERE line_item_id = ? AND user_id = ?", (line_item.id, person.id)
    ).fetchone()
    if stored is not None and stored["stored_second"] is not None and stored["stored_second"] >= score.second:
        raise Refused(409, "not_later", "A score with this or a later timestamp (whole seconds) is there already.")
    db.execute(
        "INSERT OR REPLACE INTO grade VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line_item.id,
            person.id,
            None if score.erases else score.score_given,
            None if score.erases else score.score_maximum,
            score.comment,
            score.timestamp,
            _second_to_store(line_item, score, now),
            now.isoformat(),
            score.activity_progress,
            score.grading_progress,
        ),
    )


def _second_to_store(line_item: LineItem, score: Score, now: datetime) -> int | None:
    """The time the next score is compared with.

    Erasing moves it, as measured on Moodle: a column of the tool's own then counts from now,
    the activity's column forgets its time when no comment is left in it either.
    """
    if not score.erases:
        return score.second
    if not line_item.made_with_activity:
        return int(now.timestamp())
    return score.second if score.comment else None


def scaled(score_given: float, score_maximum: float, column_maximum: float) -> float:
    """A score on the column's scale (AGS 2.0 §3.4.9), at most its maximum, to five decimals as Moodle's."""
    return round(min(score_given * column_maximum / score_maximum, column_maximum), DECIMALS)


def grades_of(db: sqlite3.Connection, line_item: LineItem) -> list[Grade]:
    """What the column holds for each person who was ever sent a score."""
    rows = db.execute(
        "SELECT grade.* FROM grade JOIN person ON person.id = user_id WHERE line_item_id = ? ORDER BY person.position",
        (line_item.id,),
    )
    return [_grade(row, line_item.score_maximum) for row in rows]


def _grade(row: sqlite3.Row, column_maximum: float) -> Grade:
    given, maximum = row["score_given"], row["score_maximum"]
    return Grade(
        user_id=row["user_id"],
        result_score=None if given is None else scaled(given, maximum, column_maximum),
        score_given=given,
        score_maximum=maximum,
        comment=row["comment"],
        timestamp=row["timestamp"],
        received_at=row["received_at"],
        activity_progress=row["activity_progress"],
        grading_progress=row["grading_progress"],
    )


def keep_received(db: sqlite3.Connection, path: str, body: str, status: int, now: datetime) -> None:
    """Log one score POST as it came; ``status`` is what was answered, 0 when the line was cut."""
    db.execute(
        "INSERT INTO received_score (path, body, status, received_at) VALUES (?, ?, ?, ?)",
        (path, body, status, now.isoformat()),
    )


def received_time(grade: Grade) -> datetime:
    """When the score arrived, aware, UTC."""
    return datetime.fromisoformat(grade.received_at).astimezone(UTC)
