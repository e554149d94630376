"""Labs from handing in to the gradebook: the grader with what has to land together with an outcome."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from config import logs
from config.database import Database
from config.settings import Settings
from course.language_model.calls import LanguageModel
from course.models import Attempt, Placement
from grading import assessments
from grading.grader import Grader
from grading.readings import ReaderModels
from grading.releasing import release_held
from lti_tool.gradebook import owe_score

log = logging.getLogger(__name__)

CALLS_PER_SUBMISSION = 2  # at a time: one goes ahead of the others for the prompt cache, then there are some ten

Owed = Callable[[int], None]
"""Told the id of a score that is owed, once it is committed."""


def owe_for(session: Session, attempt: Attempt) -> int | None:
    """Owe the gradebook what counts now that this attempt has an outcome; the id of the row to be sent, if any."""
    if attempt.is_preview:
        return None
    home = session.get_one(Placement, attempt.placement_id)
    owed = owe_score(session, home, attempt.learner_id, attempt.item_id)
    return None if owed is None else owed.id


def reader_models(settings: Settings) -> ReaderModels:
    """The models behind the readers, as they are configured."""
    return ReaderModels(settings.grader_model, settings.second_grader_model, settings.third_grader_model)


class LabGrading:
    """Judges and releases labs for one worker process. `owed` is called after the commit."""

    def __init__(self, settings: Settings, database: Database, model: LanguageModel | None, owed: Owed) -> None:
        self._database = database
        self._owed = owed
        self._grader = Grader(
            database,
            model,
            reader_models(settings),
            lambda session, attempt, _outcome: owe_for(session, attempt),
            calls_at_once=settings.model_calls,
        )
        submissions_at_once = max(1, settings.model_calls // CALLS_PER_SUBMISSION)
        self._pool = ThreadPoolExecutor(submissions_at_once, thread_name_prefix="lab")
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    def work_on(self, attempt_id: int) -> None:
        """Judge a submission that is due, or release a result whose date has come. Returns when it is done."""
        with self._database.transaction() as session:
            released = release_held(session, attempt_id)
            owed = owe_for(session, session.get_one(Attempt, attempt_id)) if released else None
        if released is None:
            owed = self._grader.grade(attempt_id)
        if owed is not None:
            self._owed(owed)

    def start(self, attempt_id: int) -> None:
        """The same on a thread of our own: a submission takes a while, and whoever asks has other things to do. What
        is in hand already is not taken up twice."""
        with self._lock:
            if attempt_id in self._taken:
                return
            self._taken.add(attempt_id)
        self._pool.submit(logs.carrying(self._work_on_and_let_go, attempt_id))

    def _work_on_and_let_go(self, attempt_id: int) -> None:
        try:
            self.work_on(attempt_id)
        except Exception:
            log.exception("a lab could not be worked on", extra={"attempt": attempt_id})  # the sweep comes back to it
        finally:
            with self._lock:
                self._taken.discard(attempt_id)

    def close(self) -> None:
        """Let the threads go, once what they work on is done."""
        self._pool.shutdown()
        self._grader.close()


def find_work(session: Session) -> list[int]:
    """Everything that is due, whatever became of its nudge; attempts that were forgotten get their assessment."""
    for attempt in assessments.forgotten_attempts(session):
        assessments.begin_assessment(session, attempt)
    return assessments.due_attempt_ids(session)
