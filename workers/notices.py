"""Notices of platforms: told where to send them, and worked off once they have come."""

from config.task_queue import TEND_NOTICES
from workers.app import app, tools


@app.task(name=TEND_NOTICES.name)
def tend_notices() -> None:
    """Everything that is due. Runs twice without harm: a notice has its effect once, and a handler is told anew."""
    tools.notice_tender.tend()
