"""Forgetting what has expired, so that tables of short-lived things stay short."""

from config.task_queue import FORGET_EXPIRED
from lti_tool.expiry import forget_expired as forget
from workers.app import app, tools


@app.task(name=FORGET_EXPIRED.name)
def forget_expired() -> None:
    """Delete expired login states, browser sessions, one-time tokens and access tokens."""
    with tools.database.transaction() as session:
        forget(session)
