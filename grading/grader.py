"""From a handed-in lab to a grade that rests on evidence, or to a person. Survives being killed anywhere.

The attempt is claimed by lease; models are called with no transaction open, each reading is written down as it comes;
outcome, evidence and what follows from them (the score that is owed) are one transaction. Nothing but complete,
agreeing, verified readings becomes a score: a refusal, an outage or a spent budget waits or goes to a person.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from config import metrics
from config.database import Database
from config.leases import LeaseKeeper
from course.attempts import lab_of
from course.conversations import NO_PARTNER, SCRIPTED, lines_of, turns_of
from course.items import Lab
from course.language_model.budgets import BudgetSpent
from course.language_model.calls import Answered, LanguageModel
from course.language_model.errors import SWITCHED_OFF
from course.language_model.ledger import GRADER, CallFor
from course.language_model.messages import Request
from course.models import Attempt, Conversation, Placement
from grading import assessments
from grading.assessments import Claim
from grading.conclusions import conclude, readings_of
from grading.fan_out import read_all
from grading.judging import Judging, submission_of
from grading.models import Outcome, RubricAssessment
from grading.prompt import prompt_hash
from grading.reading_rows import vote_of
from grading.readings import Asker, Postponed, ReaderModels, Reading
from grading.votes import Reason

log = logging.getLogger(__name__)

RENEW_EVERY = assessments.LEASE / 4
CALLS_AT_ONCE = 320
ONLY_A_PERSON = {NO_PARTNER: Reason.NO_AI_WANTED, SCRIPTED: Reason.NO_MODEL}

OnOutcome = Callable[[Session, Attempt, Outcome], int | None]
"""What has to land in one transaction with an outcome. Its result is handed on by `Grader.grade` after the commit."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a claimed submission needs, as plain values. `only_person`: why no model may read it, as the student was
    told before they began."""

    claim: Claim
    lab: Lab
    judging: Judging
    call_for: CallFor
    only_person: Reason | None


class Grader:
    """Judges submissions for one worker process. `model` is None where no language model is configured.

    It keeps a pool of threads for its calls, `calls_at_once` whatever the number of submissions; the caller of `grade`
    waits for them.
    """

    def __init__(
        self,
        database: Database,
        model: LanguageModel | None,
        models: ReaderModels,
        on_outcome: OnOutcome,
        *,
        calls_at_once: int = CALLS_AT_ONCE,
    ) -> None:
        self._database = database
        self._model = model
        self._models = models
        self._on_outcome = on_outcome
        self._keeper = LeaseKeeper(database, RENEW_EVERY, assessments.renew_leases)
        self._executor = ThreadPoolExecutor(calls_at_once, thread_name_prefix="reading")

    def grade(self, attempt_id: int) -> int | None:
        """Judge one submission that is due; does nothing if it is not, or if another worker has it. The result of
        `on_outcome`, None without an outcome."""
        with self._database.transaction() as session:
            claim = assessments.claim(session, attempt_id)
            work = self._work(session, claim) if claim else None
        if work is None:
            return None
        with self._keeper.holding(work.claim.owner):
            try:
                reason = self._read(work)
                if reason is None and self._is_switched_off(work):
                    raise Postponed(SWITCHED_OFF)
                return self._conclude(work, reason)
            except Postponed as postponed:
                return self._put_off(work, postponed)
            except BudgetSpent as spent:
                if spent.retryable:
                    return self._put_off(work, Postponed(spent.cause, spent.retry_after))
                return self._conclude(work, Reason.BUDGET)
            except Exception as error:  # or every sweep would find it due and break again
                log.error("grading broke", exc_info=error, extra=_fields(work))
                return self._put_off(work, Postponed(f"failed_{error.__class__.__name__}"))

    def _work(self, session: Session, claim: Claim) -> Work:
        attempt = session.get_one(Attempt, claim.attempt_id)
        placement = session.get_one(Placement, attempt.placement_id)
        row = session.get_one(RubricAssessment, claim.assessment_id)
        lab = lab_of(attempt)
        conversation = session.get(Conversation, attempt.id)
        judging = Judging(
            submission_of(lab.rubric, lines_of(turns_of(session, attempt.id)), row.delimiter),
            counts=placement.takes_grades,
            has_third=self._models.third is not None,
            pass_percent=lab.policy.pass_percent,
        )
        for reading in readings_of(session, row.id):
            judging.add(reading.criterion_id, vote_of(reading))
        call_for = CallFor(
            purpose=GRADER,
            attempt_id=attempt.id,
            learner_id=attempt.learner_id,
            context_key=placement.context_key,
            lab_id=lab.id,
            prompt_hash=prompt_hash(),
            rubric_hash=row.rubric_hash,
        )
        only_person = ONLY_A_PERSON.get(conversation.partner) if conversation is not None else None
        return Work(claim, lab, judging, call_for, only_person)

    def _read(self, work: Work) -> Reason | None:
        """Make the readings that are missing. Says why there can be none, if that is so."""
        if work.judging.submission.checked.is_near_silence:
            return None
        if work.only_person:
            return work.only_person
        if self._model is None:
            return Reason.NO_MODEL
        asker = Asker(partial(self._call, self._model, work.call_for), self._models, work.judging.submission)
        read_all(work.judging, asker, self._executor, partial(self._keep, work.claim.assessment_id))
        return None

    def _is_switched_off(self, work: Work) -> bool:
        """Whether what models have said is not to become a grade now. It is kept, and counts when AI is on again."""
        if self._model is None or work.judging.submission.checked.is_near_silence:
            return False
        with self._database.reading() as session:
            return not self._model.is_on(session, work.call_for.context_key)

    @staticmethod
    def _call(model: LanguageModel, call_for: CallFor, request: Request, about: str) -> Answered:
        return model.complete(request, replace(call_for, about=about))

    def _keep(self, assessment_id: int, criterion_id: str, reading: Reading) -> None:
        with self._database.transaction() as session:
            assessments.keep_reading(session, assessment_id, criterion_id, reading)

    def _put_off(self, work: Work, postponed: Postponed) -> int | None:
        with self._database.transaction() as session:
            row = assessments.claimed_row(session, work.claim)
            if row is None:
                return None
            is_over = assessments.has_waited_long(row)
            if not is_over:
                assessments.put_off(row, postponed.cause, postponed.retry_after)
        if is_over:
            is_off = postponed.cause == SWITCHED_OFF
            return self._conclude(work, Reason.SWITCHED_OFF if is_off else Reason.OUTAGE)
        metrics.count(metrics.LABS_JUDGED, "put_off")
        log.warning("grading put off", extra={**_fields(work), "cause": postponed.cause})
        return None

    def _conclude(self, work: Work, reason: Reason | None) -> int | None:
        with self._database.transaction() as session:
            row = assessments.claimed_row(session, work.claim)
            if row is None:
                return None  # another worker took over while this one was paused
            result = self._settle(session, row, work, reason)
        metrics.count(metrics.LABS_JUDGED, row.state)
        log.info("lab judged", extra={**_fields(work), "outcome": row.state, "cause": row.cause})
        return result

    def _settle(self, session: Session, row: RubricAssessment, work: Work, reason: Reason | None) -> int | None:
        outcome = conclude(session, row, work.lab, work.judging, reason)
        if outcome is None:
            return None
        return self._on_outcome(session, session.get_one(Attempt, work.claim.attempt_id), outcome)

    def close(self) -> None:
        """Let the threads go."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _fields(work: Work) -> dict[str, object]:
    return {"attempt": work.claim.attempt_id, "lab": work.lab.id}
