"""One submission that is killed at every named point, one after the other, and comes to its grade all the same.

The run with real servers, random moments and many submissions is `make kill-run`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from grading.models import Outcome
from tests.course.course_files import write_course
from tests.course.lab_files import with_lab
from tests.faults.checks import repeated_calls, violations_of
from tests.faults.mortal import run_until, study, work
from tests.faults.points import MODEL, NUDGE, PARTNER, SCORE, named_points, points_of
from tests.faults.waits import end_leases, retry_now
from tests.support.factory import Classroom
from tests.support.model_service import KEY, RunningModelService
from tests.workers.platform_server import Answer, PlatformServer

STUDY = points_of("commit: attempt begun", "commit: turn said", "commit: reply claimed", f"call: {PARTNER}",
                  "commit: reply ended", "commit: handed in")  # fmt: skip
NUDGED = points_of(f"call: {NUDGE}")  # right after handing in: each needs a submission of its own
GRADE = points_of("commit: labs swept", "commit: release looked for", "commit: lab claimed", "commit: call opened",
                  f"call: {MODEL}", "commit: call settled", "commit: reading kept")  # fmt: skip
MODEL_AWAY = points_of("commit: call failed", "commit: lab put off")
CONCLUDE = points_of("commit: lab concluded")
BEGIN_TO_DELIVER = points_of("commit: score claimed", "commit: token kept")
PLATFORM_AWAY = points_of("commit: score failed")
DELIVER = points_of(f"call: {SCORE}", "commit: score marked")
KILLED = -9
CLOSE = points_of("commit: call abandoned")

pytestmark = pytest.mark.kills
PEOPLE = ("ada", "ben", "cy")


@dataclass
class Installation:
    """A lab with its column, a student, a model service and a platform."""

    database: Database
    environment: dict[str, str]
    service: RunningModelService
    platform: PlatformServer
    placement_id: int
    learner_ids: tuple[int, ...]

    def study(self, learner: int, point: str | None) -> int | None:
        return self._later(run_until(study, point, self.environment, self.placement_id, self.learner_ids[learner]))

    def work(self, point: str | None) -> int | None:
        return self._later(run_until(work, point, self.environment))

    def _later(self, exit_code: int | None) -> int | None:
        with self.database.transaction() as session:
            end_leases(session)
            retry_now(session)
        return exit_code


@pytest.fixture
def installation(postgres_url: str, tmp_path: Path) -> Iterator[Installation]:
    files = with_lab(write_course(tmp_path / "course"))
    database = Database(postgres_url)
    with PlatformServer() as platform, RunningModelService() as service:
        platform.maximum = 100.0
        with database.transaction() as session:
            room = Classroom(session, **platform.registration())
            room.placement.course_id, room.placement.item_id = "small", "lab-1"
            room.placement.takes_grades = True
            room.line_item.item_id, room.line_item.url = "lab-1", platform.line_item_url
            learner_ids = tuple(room.person(name).learner_id for name in PEOPLE)
        environment = {
            "COURSEWRIGHT_DATA_DIR": str(tmp_path / "data"),
            "COURSEWRIGHT_DATABASE_URL": postgres_url,
            "COURSEWRIGHT_COURSES": str(files.folder),
            "COURSEWRIGHT_BROKER_URL": "filesystem://",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": service.url,
        }
        yield Installation(database, environment, service, platform, room.placement.id, learner_ids)
    database.dispose()


@pytest.mark.processes
def test_submissions_killed_at_every_named_point_are_graded_once_by_their_evidence(installation: Installation) -> None:
    inst = installation
    for point in STUDY:
        assert inst.study(0, point) == KILLED, f"never reached: {point}"
    assert inst.study(0, None) == 0
    for learner, point in enumerate(NUDGED, start=1):
        assert inst.study(learner, point) == KILLED, f"never reached: {point}"
    for point in GRADE:
        assert inst.work(point) == KILLED, f"never reached: {point}"
    for point in MODEL_AWAY:
        inst.service.script({"status": 500})
        assert inst.work(point) == KILLED, f"never reached: {point}"
    inst.service.script()
    for point in (*CONCLUDE, *BEGIN_TO_DELIVER):
        assert inst.work(point) == KILLED, f"never reached: {point}"
    for point in PLATFORM_AWAY:
        inst.platform.score_answers.append(Answer(500))
        assert inst.work(point) == KILLED, f"never reached: {point}"
    for point in (*DELIVER, *CLOSE):
        assert inst.work(point) == KILLED, f"never reached: {point}"
    for _ in range(2):  # judged and closed, then sent
        assert inst.work(None) == 0
    held = {(name, "lab-1"): score["scoreGiven"] for name, score in inst.platform.held.items()}
    with inst.database.reading() as session:
        assert violations_of(session, held, calls_let_through=len(inst.service.asked())) == []
        outcomes = session.scalars(select(Outcome)).all()
        assert sorted(held.values()) == sorted(float(outcome.points) for outcome in outcomes)
        assert len(held) == len(PEOPLE)
        assert min(held.values()) > 0
        assert repeated_calls(session) >= len(points_of(MODEL))


def test_every_named_point_is_killed_at() -> None:
    covered = (*STUDY, *NUDGED, *GRADE, *MODEL_AWAY, *CONCLUDE, *BEGIN_TO_DELIVER)
    covered += (*PLATFORM_AWAY, *DELIVER, *CLOSE)
    assert sorted(covered) == sorted(named_points())
