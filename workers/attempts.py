"""Attempts whose time is up, handed in as they were saved, whether or not their learners are there."""

import logging

from config.task_queue import CLOSE_OVERDUE, DELIVER_SCORES, SWEEP_SECONDS
from lti_tool.handing_in import hand_in_overdue, overdue_ids
from workers.app import app, tools

log = logging.getLogger(__name__)


@app.task(name=CLOSE_OVERDUE.name)
def close_overdue() -> None:
    """Hand in every attempt that is over, each in a transaction of its own: a worker that dies leaves none half done,
    and one attempt that cannot be handed in holds up no other. Runs twice, or in two workers, without harm."""
    with tools.database.reading() as session:
        ids = overdue_ids(session)
    for attempt_id in ids:
        try:
            with tools.database.transaction() as session:
                owed = hand_in_overdue(session, attempt_id)
        except Exception:
            log.exception("overdue attempt not handed in", extra={"attempt": attempt_id})
            continue
        if owed is not None:
            args = ([owed.id],)
            app.send_task(DELIVER_SCORES.name, args=args, queue=DELIVER_SCORES.queue, expires=SWEEP_SECONDS)
