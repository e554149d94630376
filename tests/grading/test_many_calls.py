"""Many calls at once on few connections: whoever waits for a connection holds none."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from config.database import Database
from course.language_model.ledger import SETTLED
from course.language_model.models import ModelCall, ModelSpend
from tests.grading.lab_class import GOOD, LabClass
from tests.support.model_service import RunningModelService


def test_more_calls_than_connections_come_to_their_end(postgres_url: str) -> None:
    database = Database(postgres_url, pool_size=1)
    with RunningModelService() as service:
        labs = LabClass(database, service)
        attempt_ids = [labs.hand_in(*GOOD, sub=f"student-{number}") for number in range(3)]
        with labs.grader() as grader, ThreadPoolExecutor(3) as submissions:
            list(submissions.map(grader.grade, attempt_ids))
    with database.reading() as session:
        states = dict(session.execute(select(ModelCall.state, func.count()).group_by(ModelCall.state)).all())
        assert session.scalar(select(func.sum(ModelSpend.reserved))) == 0
    assert set(states) == {SETTLED}
    assert states[SETTLED] >= 3 * len(labs.lab.rubric.criteria)
    assert {labs.assessment(attempt_id).state for attempt_id in attempt_ids} <= {"released", "person"}
    database.dispose()
