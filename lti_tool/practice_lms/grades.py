"""Scores that come in, and the gradebook they make (AGS 2.0 §3.4 and §3.3).

Unless the personality has other ways, the rules are those measured on Moodle 4.5, the strictest platform a tool meets:

* time stamps are compared at whole seconds, and one that is not later is refused with 409;
* anything but FullyGraded with a scoreGiven erases the grade;
* each score replaces the comment, and one without a comment removes it;
* what a teacher wrote over the tool's grade of an activity stays, and a locked grade is an error 500.

Where Moodle is lax we are not, because a practice platform should show a fault: unknown
progress words, a time without a zone, numbers as text and a scoreMaximum of 0 are 400.
"""

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lti_tool.practice_lms import course, teacher
from lti_tool.practice_lms.line_items import LineItem, is_number
from lti_tool.practice_lms.personality import Effect, Personality
from lti_tool.practice_lms.refusals import Refused
from lti_tool.practice_lms.submissions import Extension, hand_in, read_extension

ACTIVITY_PROGRESS = frozenset({"Initialized", "Started", "InProgress", "Submitted", "Completed"})
GRADING_PROGRESS = frozenset({"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"})
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
DECIMALS = 5
LATEST_SUBMISSION_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Score:
    """One score as sent (AGS 2.0 §3.4.9), its syntax checked."""

    user_id: str
    timestamp: str
    moment: float
    activity_progress: str
    grading_progress: str
    score_given: float | None
    score_maximum: float | None
    comment: str
    submitted_at: str
    extension: Extension


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


def read_score(body: Any, personality: Personality) -> Score:
    """Check the JSON of a score; raise Refused (400) naming what is wrong."""
    if not isinstance(body, dict):
        raise _bad("The body must be a JSON object.")
    given, maximum = _points(body)
    timestamp = _text(body, "timestamp")
    comment = body.get("comment")
    if comment is not None and not isinstance(comment, str):
        raise _bad("comment must be text.")
    extension = read_extension(body) if personality.keeps_submissions else Extension()
    moment = _moment(timestamp)
    return Score(
        user_id=_text(body, "userId"),
        timestamp=timestamp,
        moment=float(int(moment)) if personality.scores_by_second else moment,
        activity_progress=_word(body, "activityProgress", ACTIVITY_PROGRESS),
        grading_progress=_word(body, "gradingProgress", GRADING_PROGRESS),
        score_given=given,
        score_maximum=maximum,
        comment=comment or "",
        submitted_at=_submitted_at(body) or extension.submitted_at or timestamp,
        extension=extension,
    )


def _submitted_at(body: dict[str, Any]) -> str | None:
    submission = body.get("submission")
    given = submission.get("submittedAt") if isinstance(submission, dict) else None
    if given is not None and not isinstance(given, str):
        raise _bad("submission.submittedAt must be text.")
    return given


def _points(body: dict[str, Any]) -> tuple[float | None, float | None]:
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    if given is not None and (not is_number(given) or given < 0):
        raise _bad("scoreGiven must be a number of at least 0.")
    if maximum is not None and (not is_number(maximum) or maximum <= 0):
        raise _bad("scoreMaximum must be a number above 0.")
    if given is not None and maximum is None:
        raise _bad("scoreMaximum must be given with scoreGiven.")
    return (None if given is None else float(given)), (None if maximum is None else float(maximum))


def _moment(timestamp: str) -> float:
    """Seconds since 1970 of an ISO 8601 time with a zone."""
    try:
        if TIMESTAMP.fullmatch(timestamp) is None:
            raise ValueError(timestamp)
        return datetime.fromisoformat(timestamp).timestamp()
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
    """Put a score into the gradebook; raise Refused when it is no student's, not later, or the grade is locked."""
    person = course.person_of_sub(db, personality, score.user_id)
    if person is None or person.role != "student":
        status, text = personality.not_a_student
        raise Refused(status, "incorrect_user", text)
    held = _held(db, line_item, person.id)
    if held is not None and held["stored_second"] is not None:
        _check_later(personality, held["stored_second"], score)
    if teacher.find(db, line_item, person.id).is_locked:
        raise Refused(personality.locked_status, "locked", "The grade is locked.")
    if personality.keeps_submissions:
        _check_submission_time(score, now)
        hand_in(db, line_item.id, person.id, score.extension, score.submitted_at)
    effect = _effect(personality, held, score)
    given, maximum = (score.score_given, score.score_maximum) if effect == "write" else (None, None)
    if effect == "keep" and held is not None:
        given, maximum = held["score_given"], held["score_maximum"]
    comment = score.comment
    if personality.comments_pile_up and held is not None:
        comment = "\n".join(filter(None, (held["comment"], score.comment)))
    if effect != "keep" and not (line_item.made_with_activity and personality.overrides_stay):
        teacher.take_back_points(db, line_item, person.id)
    db.execute(
        "INSERT OR REPLACE INTO grade VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line_item.id,
            person.id,
            given,
            maximum,
            comment,
            score.timestamp,
            _moment_to_store(line_item, score, now) if effect == "erase" else score.moment,
            now.isoformat(),
            score.activity_progress,
            score.grading_progress,
        ),
    )


def _held(db: sqlite3.Connection, line_item: LineItem, user_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT grade.*, points FROM grade LEFT JOIN teacher_grade USING (line_item_id, user_id)"
        " WHERE line_item_id = ? AND user_id = ?",
        (line_item.id, user_id),
    ).fetchone()
    return row


def _check_later(personality: Personality, stored: float, score: Score) -> None:
    if stored > score.moment or (stored == score.moment and personality.scores_by_second):
        status, text = personality.not_later
        raise Refused(status, "not_later", text)


def _check_submission_time(score: Score, now: datetime) -> None:
    if _moment(score.submitted_at) > now.timestamp() + LATEST_SUBMISSION_SECONDS:
        raise _bad("The submission time is in the future.")


def _effect(personality: Personality, held: sqlite3.Row | None, score: Score) -> Effect:
    has_grade = held is not None and (held["score_given"] is not None or held["points"] is not None)
    if has_grade and score.extension.gives_way:
        return "keep"
    return personality.effect(
        score.grading_progress,
        has_points=score.score_given is not None,
        is_preserving=score.extension.is_preserving,
    )


def _moment_to_store(line_item: LineItem, score: Score, now: datetime) -> float | None:
    """The time that the score after an erasing one is compared with, as measured on Moodle.

    A column of the tool's own then counts from now, the activity's column forgets its time when no comment is left in
    it either.
    """
    if not line_item.made_with_activity:
        return float(int(now.timestamp()))
    return score.moment if score.comment else None


def scaled(score_given: float, score_maximum: float, column_maximum: float) -> float:
    """A score on the column's scale (AGS 2.0 §3.4.9), at most its maximum, to five decimals as Moodle's."""
    return round(min(score_given * column_maximum / score_maximum, column_maximum), DECIMALS)


def grades_of(db: sqlite3.Connection, line_item: LineItem) -> list[Grade]:
    """What the column holds for each person who was ever sent a score."""
    rows = db.execute(
        "SELECT grade.*, points FROM grade JOIN person ON person.id = user_id"
        " LEFT JOIN teacher_grade USING (line_item_id, user_id) WHERE line_item_id = ? ORDER BY person.position",
        (line_item.id,),
    )
    return [_grade(row, line_item.score_maximum) for row in rows]


def _grade(row: sqlite3.Row, column_maximum: float) -> Grade:
    given, maximum, result = row["score_given"], row["score_maximum"], row["points"]
    if result is None and given is not None:
        result = scaled(given, maximum, column_maximum)
    return Grade(
        user_id=row["user_id"],
        result_score=result,
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
