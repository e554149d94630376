"""Signs of life of workers: that one of them did what the clock asks for every few seconds, so that clock, broker and
workers are all there. One row, since any worker may have been the one."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import clock
from config.task_queue import SWEEP_SCORES
from lti_tool.models import WorkerSign


def note_sweep(session: Session) -> None:
    """A worker has just swept up."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(WorkerSign).values(task=SWEEP_SCORES.name, seen_at=clock.now())
    session.execute(row.on_conflict_do_update(index_elements=["task"], set_={"seen_at": row.excluded.seen_at}))


def last_sweep(session: Session) -> datetime | None:
    """When a worker last swept up; None if none ever did."""
    sign = session.get(WorkerSign, SWEEP_SCORES.name)
    return sign.seen_at if sign else None
