"""Whether the process is up, and whether it can do its work."""

import logging
from collections.abc import Callable

from celery.exceptions import CeleryError
from flask import Blueprint, jsonify
from kombu.exceptions import KombuError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug import Response

from config.task_queue import make_celery
from lti_tool.migrating import current_revision, head_revision
from lti_tool.web.current import services
from lti_tool.web.guards import public

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status="up")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Whether database, migrations, broker and content are as they must be; 503 names what is not."""
    checks: dict[str, Callable[[], str | None]] = {
        "database": _database,
        "migrations": _migrations,
        "broker": _broker,
        "content": _content,
    }
    faults = {name: fault for name, check in checks.items() if (fault := check()) is not None}
    answer = {name: faults.get(name, "ok") for name in checks}
    if faults:
        log.warning("not ready", extra={"cause": ",".join(faults)})
    return jsonify(status="not ready" if faults else "ready", checks=answer), 503 if faults else 200


def _database() -> str | None:
    try:
        with services().database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"cannot be reached ({error.__class__.__name__})"
    return None


def _migrations() -> str | None:
    try:
        found = current_revision(services().database.engine)
    except SQLAlchemyError:
        return "cannot be read"
    return None if found == head_revision() else "not at the newest: run `coursewright db upgrade`"


def _broker() -> str | None:
    try:
        with make_celery(services().settings).connection_for_write(connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OSError, KombuError, CeleryError) as error:
        return f"cannot be reached ({error.__class__.__name__})"
    return None


def _content() -> str | None:
    problems = services().catalog.problems
    return f"{len(problems)} problems in the newest files; the last good version is served" if problems else None
