"""Whether an installation can do its work: what the web process needs, and whether workers are there."""

from collections.abc import Mapping
from datetime import timedelta

from celery.exceptions import CeleryError
from kombu.exceptions import KombuError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config import clock
from config.database import Database
from config.settings import Settings
from config.task_queue import make_celery
from course.catalog import Catalog
from lti_tool.migrating import current_revision, head_revision
from lti_tool.worker_signs import last_sweep

BROKER_SECONDS = 3.0
SILENT = timedelta(minutes=2)  # workers sweep up every ten seconds


def faults(settings: Settings, database: Database, catalog: Catalog) -> Mapping[str, str | None]:
    """What the web process cannot do without, each with what is wrong in words, or None."""
    return {
        "database": _database(database),
        "migrations": _migrations(database),
        "broker": _broker(settings),
        "content": _content(catalog),
    }


def worker_fault(database: Database) -> str | None:
    """What is wrong with clock and workers, in words, or None. Pages are served without them, grades are not."""
    try:
        with database.reading() as session:
            seen_at = last_sweep(session)
    except SQLAlchemyError:
        return "cannot be known"
    if seen_at is None:
        return "none has swept up yet: start `coursewright worker` and `coursewright beat`"
    silence = clock.now() - seen_at
    if silence <= SILENT:
        return None
    return f"none has swept up for {silence // timedelta(minutes=1)} minutes: look after worker, beat and broker"


def _database(database: Database) -> str | None:
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"cannot be reached ({error.__class__.__name__})"
    return None


def _migrations(database: Database) -> str | None:
    try:
        found = current_revision(database.engine)
    except SQLAlchemyError:
        return "cannot be read"
    return None if found == head_revision() else "not at the newest: run `coursewright db upgrade`"


def _broker(settings: Settings) -> str | None:
    try:
        with make_celery(settings).connection_for_write(connect_timeout=BROKER_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except (OSError, KombuError, CeleryError) as error:
        return f"cannot be reached ({error.__class__.__name__})"
    return None


def _content(catalog: Catalog) -> str | None:
    problems = catalog.problems
    return f"{len(problems)} problems in the newest files; the last good version is served" if problems else None
