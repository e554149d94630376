"""The log of received scores: every POST to a scores address, whatever was answered."""

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from lti_tool.practice_lms import grades
from lti_tool.practice_lms.platform import current

SCORE_ENDPOINT = "services.post_score"


def install(app: Flask) -> None:
    """Log after the answer is made, so that refusals and made-up faults are in it as well."""
    app.after_request(_keep)


def mark_cut() -> None:
    """Say that the connection of this request is cut: it is logged with status 0."""
    g.connection_cut = True


def _keep(response: Response) -> Response:
    if request.endpoint != SCORE_ENDPOINT:
        return response
    try:
        body = request.get_data(as_text=True)
    except HTTPException:
        # Too large, or the sender went away: there is no body to keep.
        body = ""
    status = 0 if g.get("connection_cut") else response.status_code
    platform = current()
    with platform.store.transaction() as db:
        grades.keep_received(db, request.full_path, body, status, platform.clock())
    return response
