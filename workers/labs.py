"""Labs to be judged and released. The assessments' rows are the queue: these tasks only say where to look."""

from config.task_queue import GRADE_ATTEMPTS, SWEEP_LABS
from lti_tool.lab_grading import find_work
from workers.app import app, tools


@app.task(name=GRADE_ATTEMPTS.name)
def grade_attempts(attempt_ids: list[int]) -> None:
    """Begin to judge these attempts, if they are due. Runs twice without harm: a claimed one is nobody else's."""
    for attempt_id in attempt_ids:
        tools.lab_grading.start(attempt_id)


@app.task(name=SWEEP_LABS.name)
def sweep_labs() -> None:
    """Find every lab that is due, whatever became of its nudge or of the worker that had it."""
    with tools.database.transaction() as session:
        due = find_work(session)
    for attempt_id in due:
        tools.lab_grading.start(attempt_id)
