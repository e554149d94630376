"""Scores on their way. The outbox rows are the queue: these tasks only say "look at this row" and "look at all"."""

from config.task_queue import DELIVER_SCORES, MEND_PASSBACK, SEEK_COLUMNS, SWEEP_SCORES, SWEEP_SECONDS
from lti_tool import column_searches, outbox
from lti_tool.columns import recently_named
from lti_tool.gradebook import owe_missing_scores
from lti_tool.waking import wake_stuck
from lti_tool.worker_signs import note_sweep
from workers.app import app, tools


@app.task(name=DELIVER_SCORES.name)
def deliver_scores(outbox_ids: list[int]) -> None:
    """Send these rows if they are due. Runs twice without harm: a claimed row is nobody else's."""
    for outbox_id in outbox_ids:
        tools.deliverer.deliver(outbox_id)


@app.task(name=SWEEP_SCORES.name)
def sweep_scores(at_start: bool = False) -> None:
    """Find every row that is due, whatever became of its nudge.

    `at_start`: look once more when the leases of a killed worker have ended, rather than at the next beat.
    """
    with tools.database.reading() as session:
        due = outbox.due_ids(session)
    for outbox_id in due:
        app.send_task(DELIVER_SCORES.name, args=([outbox_id],), queue=DELIVER_SCORES.queue, expires=SWEEP_SECONDS)
    with tools.database.transaction() as session:
        note_sweep(session)
    if at_start:
        wait = outbox.LEASE.total_seconds() + 0.1
        app.send_task(SWEEP_SCORES.name, queue=SWEEP_SCORES.queue, countdown=wait)


@app.task(name=SEEK_COLUMNS.name)
def seek_columns() -> None:
    """Find or make the columns that are wanted, one after the other: whoever asks for much at once is throttled."""
    with tools.database.reading() as session:
        due = column_searches.due_ids(session)
    for line_item_id in due:
        tools.column_seeker.seek(line_item_id)
    if due:
        app.send_task(SWEEP_SCORES.name, queue=SWEEP_SCORES.queue)


@app.task(name=MEND_PASSBACK.name)
def mend() -> None:
    """Owe what a launch and a hand-in at the same moment each left to the other, and try stuck scores once a day."""
    with tools.database.transaction() as session:
        wake_stuck(session)
        for line_item in recently_named(session):
            owe_missing_scores(session, line_item)
