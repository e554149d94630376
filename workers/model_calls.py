"""Model calls whose process died: closed, at their worst case, so that what they reserved is not held for ever."""

from config.task_queue import ABANDON_MODEL_CALLS
from course.language_model.calls import abandon_overdue
from workers.app import app, tools


@app.task(name=ABANDON_MODEL_CALLS.name)
def abandon_model_calls() -> None:
    """Abandon every call whose lease has ended while it was open."""
    abandon_overdue(tools.database, tools.settings.budgets)
