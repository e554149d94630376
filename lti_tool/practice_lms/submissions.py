"""Submissions that scores make, as Canvas has them: a new attempt for each score unless it says otherwise.

The extension of a score stands under ``EXTENSION``; its members and their defaults are Canvas's.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from lti_tool.practice_lms.refusals import Refused

EXTENSION = "https://canvas.instructure.com/lti/submission"
TYPES = ("none", "external_tool", "basic_lti_launch", "online_url", "online_text_entry")
WITH_DATA = ("basic_lti_launch", "online_url", "online_text_entry")
MEMBERS: dict[str, type] = {
    "new_submission": bool,
    "preserve_score": bool,
    "prioritize_non_tool_grade": bool,
    "submission_type": str,
    "submission_data": str,
    "submitted_at": str,
}


@dataclass(frozen=True, slots=True)
class Extension:
    """The Canvas extension of a score, its syntax checked."""

    is_new: bool = True
    is_preserving: bool = False
    gives_way: bool = False
    """Whether a grade that is there, whoever gave it, stays."""
    type: str = "external_tool"
    data: str = ""
    submitted_at: str | None = None


def read_extension(body: dict[str, Any]) -> Extension:
    """The extension of a score's body; raise Refused (400 or 422) naming what is wrong."""
    given = body.get(EXTENSION, {})
    if not isinstance(given, dict):
        raise Refused(400, "invalid_score", f"{EXTENSION} must be a JSON object.")
    for name, value in given.items():
        if name not in MEMBERS or not isinstance(value, MEMBERS[name]):
            raise Refused(400, "invalid_score", f"{name} of the submission is unknown or has the wrong type.")
    kind = given.get("submission_type", "external_tool")
    if kind not in TYPES:
        raise Refused(400, "invalid_score", f"submission_type must be one of {', '.join(TYPES)}.")
    if kind in WITH_DATA and not given.get("submission_data"):
        raise Refused(422, "invalid_score", f"submission_data must be given with submission_type {kind}.")
    return Extension(
        is_new=given.get("new_submission", True),
        is_preserving=given.get("preserve_score", False),
        gives_way=given.get("prioritize_non_tool_grade", False),
        type=kind,
        data=given.get("submission_data", ""),
        submitted_at=given.get("submitted_at"),
    )


def hand_in(db: sqlite3.Connection, line_item_id: int, user_id: str, extension: Extension, submitted_at: str) -> None:
    """Add an attempt, or write over the data of the last one; raise Refused (422) when all attempts are used up."""
    if extension.type == "none":
        return
    cell = (line_item_id, user_id)
    last = db.execute(
        "SELECT coalesce(max(attempt), 0) AS attempt FROM submission WHERE line_item_id = ? AND user_id = ?", cell
    ).fetchone()["attempt"]
    if extension.is_new:
        most = db.execute("SELECT most FROM attempt_limit WHERE line_item_id = ?", (line_item_id,)).fetchone()
        if most is not None and last >= most["most"]:
            raise Refused(422, "attempts_exhausted", "The maximum number of allowed attempts has been reached.")
        last += 1
    if last:
        db.execute(
            "INSERT OR REPLACE INTO submission VALUES (?, ?, ?, ?, ?, ?)",
            (*cell, last, extension.type, extension.data, submitted_at),
        )


def launch_address(db: sqlite3.Connection, line_item_id: int, user_id: str) -> str | None:
    """What the newest submission is looked at by, if that is a launch."""
    row = db.execute(
        "SELECT data FROM submission WHERE line_item_id = ? AND user_id = ? AND type = 'basic_lti_launch'"
        " ORDER BY attempt DESC LIMIT 1",
        (line_item_id, user_id),
    ).fetchone()
    return None if row is None else str(row["data"])


def submissions(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """All attempts of everybody, oldest first."""
    return [dict(row) for row in db.execute("SELECT * FROM submission ORDER BY line_item_id, user_id, attempt")]
