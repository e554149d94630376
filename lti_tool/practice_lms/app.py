"""The Flask application."""

import secrets
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from lti_tool.practice_lms import (
    authorisation,
    controls,
    copying,
    course,
    memberships,
    notices,
    pages,
    registering,
    scores_log,
    selection_pages,
    services,
    signing,
    throttling,
    tokens,
)
from lti_tool.practice_lms.platform import EXTENSION, Clock, Platform, current
from lti_tool.practice_lms.refusals import Refused, refusal_response
from lti_tool.practice_lms.settings import Settings
from lti_tool.practice_lms.store import Store
from lti_tool.practice_lms.tool_keys import ToolKeys, http_fetch

MOST_REQUEST_BYTES = 1024 * 1024
SCRIPTED = ("/lti/lineitems", "/lti/memberships", "/lti/notice-handlers", "/lti/token", "/controls")


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def create_app(settings: Settings, clock: Clock = utc_now, sleep: Callable[[float], None] = time.sleep) -> Flask:
    """Make the practice LMS: open or create its file in the data directory, and seed the course.

    ``clock`` gives aware UTC times; ``sleep`` takes seconds and is used by the test controls only.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(settings.data_dir / "practice-lms.sqlite3")
    with store.transaction() as db:
        course.seed(db, settings.activities, settings.personality)
        signing.ensure_key(db)
        secret = _session_secret(db)
    app = Flask(__name__)
    app.extensions[EXTENSION] = Platform(settings, store, ToolKeys(http_fetch(settings.tool_jwks_url)), clock)
    app.config.update(
        SECRET_KEY=secret,
        # Cookies know no ports: two practice LMSs in one browser need names of their own.
        SESSION_COOKIE_NAME=f"practice_lms_{urlsplit(settings.address).port}",
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MOST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_REQUEST_BYTES,
    )
    app.context_processor(lambda: {"platform_name": settings.personality.platform_name})
    for module in (pages, selection_pages, copying, registering, authorisation, tokens, services, memberships, notices):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Refused, refusal_response)
    app.register_error_handler(HTTPException, _problem)
    app.after_request(_security_headers)
    scores_log.install(app)
    if settings.personality.throttles:
        throttling.install(app, time.monotonic)
    if settings.controls:
        controls.install(app, sleep)
    return app


def _session_secret(db: sqlite3.Connection) -> str:
    """The key of the session cookie: made once, so that a restart signs nobody out."""
    db.execute("INSERT OR IGNORE INTO secret VALUES ('session', ?)", (secrets.token_hex(32),))
    return str(db.execute("SELECT value FROM secret WHERE name = 'session'").fetchone()["value"])


def _problem(error: HTTPException) -> Response | tuple[str, int]:
    """An HTTP error: JSON where scripts call, else a page. Redirects pass through."""
    if error.code is None or error.code < 400:
        return Response(error.get_response().get_data(), error.code, error.get_headers())
    if request.path.startswith(SCRIPTED):
        return refusal_response(Refused(error.code, "http_error", error.description or error.name))
    return render_template("problem.html", title=error.name, reason=error.description), error.code


def _security_headers(response: Response) -> Response:
    """Frames and form posts go to ourselves and the tool, nowhere else.

    Ourselves too: browsers hold these rules against every hop of a launch, which leads
    from the tool's login back to our authorisation endpoint, inside the same frame.
    """
    tool = current().settings.tool_origin
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-src 'self' {tool}; form-action 'self' {tool}; frame-ancestors 'self'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        # A page from the cache would hold a launch hint that is spent.
        response.headers["Cache-Control"] = "no-store"
    # Not "no-referrer": with it browsers send "Origin: null" on the form posts of a launch.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
