"""Rosters, read where nobody waits for them."""

from config.task_queue import READ_ROSTER
from workers.app import app, tools


@app.task(name=READ_ROSTER.name)
def read_roster(context_id: int) -> None:
    """Ask the platform who is in a context. Asked for twice at once, it is read once."""
    tools.roster_reader.read(context_id)
