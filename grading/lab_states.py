"""Where a handed-in lab stands, and what came of it, as a page may say it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.models import Attempt
from grading import assessments
from grading.assessments import find_assessment
from grading.models import Appeal, Outcome, RubricAssessment
from grading.service import BY_PERSON, outcomes_of


@dataclass(frozen=True, slots=True)
class GradingState:
    """`state`:

    open       not handed in yet
    waiting    in the queue, nobody has begun
    grading    being read right now
    delayed    tried and put off: `cause` says why as a code, `next_try_at` when it is tried again
    person     a person has to say: `cause` is a `grading.votes.Reason`, or "after-review"
    held       complete, released at `release_at`
    released   there is an outcome; `decided_by` is "rubric" or "person"

    `since` is when it was handed in.
    """

    state: str
    since: datetime | None = None
    cause: str | None = None
    next_try_at: datetime | None = None
    release_at: datetime | None = None
    decided_by: str | None = None


def grading_state(session: Session, attempt: Attempt) -> GradingState:
    """Where an attempt at a lab stands. True whatever page, device or process asks."""
    since = attempt.submitted_at
    if since is None:
        return GradingState("open")
    outcome = outcomes_of(session, [attempt]).get(attempt.id)
    if outcome is not None:
        return GradingState("released", since, decided_by=BY_PERSON if outcome.decided_by == BY_PERSON else "rubric")
    row = find_assessment(session, attempt.id)
    return GradingState("waiting", since) if row is None else _state_of(row, since)


def _state_of(row: RubricAssessment, since: datetime) -> GradingState:
    if row.state == assessments.PERSON:
        return GradingState("person", since, cause=row.cause)
    if row.state == assessments.HELD:
        return GradingState("held", since, release_at=row.release_at)
    if row.lease_until is not None and row.lease_until > clock.now():
        return GradingState("grading", since)
    if row.cause is not None:
        return GradingState("delayed", since, cause=row.cause, next_try_at=row.next_try_at)
    return GradingState("waiting", since)


@dataclass(frozen=True, slots=True)
class QuoteShown:
    """Words of the student's turn `turn`, from `start` to `end` of its text."""

    turn: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class AppealShown:
    """What the learner said, and what was answered, if anything yet."""

    words: str
    made_at: datetime
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A released criterion. `points` and `points_possible` are decimal texts; `decided_by` is "model", "rule" (nearly
    nothing was written) or "person"; `why` is a person's reason; `machine_level` is what the machine had found where a
    person has decided, None where it leaned nowhere."""

    criterion_id: str
    name: str
    level: int
    points: str
    points_possible: str
    quotes: tuple[QuoteShown, ...]
    omission: bool
    boundary: str
    feedback: str
    decided_by: str
    why: str
    machine_level: int | None
    appeal: AppealShown | None


@dataclass(frozen=True, slots=True)
class LabResult:
    """What stands of an attempt, and `earlier`: the outcomes it took the place of, oldest first."""

    outcome: Outcome
    criteria: tuple[CriterionResult, ...]
    earlier: tuple[Outcome, ...]


def assessment_of(session: Session, attempt: Attempt) -> LabResult | None:
    """The released result of an attempt at a lab; None before there is one."""
    standing = outcomes_of(session, [attempt]).get(attempt.id)
    if standing is None:
        return None
    every = session.scalars(select(Outcome).where(Outcome.attempt_id == attempt.id).order_by(Outcome.number)).all()
    appeals = {one.criterion_id: one for one in appeals_of(session, attempt.id)}
    machine = standing.evidence.get("machine", {})
    return LabResult(
        outcome=standing,
        criteria=tuple(
            _result(one, machine.get(one["criterion_id"]), appeals.get(one["criterion_id"]))
            for one in standing.evidence["criteria"]
        ),
        earlier=tuple(one for one in every if one.id != standing.id),
    )


def appeals_of(session: Session, attempt_id: int) -> Sequence[Appeal]:
    """The appeals of an attempt, oldest first."""
    return session.scalars(select(Appeal).where(Appeal.attempt_id == attempt_id).order_by(Appeal.made_at)).all()


def assessments_of(session: Session, attempt_ids: Sequence[int]) -> dict[int, RubricAssessment]:
    """The assessments of several attempts, by attempt id."""
    query = select(RubricAssessment).where(RubricAssessment.attempt_id.in_(attempt_ids))
    return {one.attempt_id: one for one in session.scalars(query)}


def _result(values: dict[str, Any], machine_level: int | None, appeal: Appeal | None) -> CriterionResult:
    return CriterionResult(
        criterion_id=values["criterion_id"],
        name=values["name"],
        level=values["level"],
        points=values["points"],
        points_possible=values["points_possible"],
        quotes=tuple(QuoteShown(**quote) for quote in values["quotes"]),
        omission=values["omission"],
        boundary=values["boundary"],
        feedback=values["feedback"],
        decided_by=values["decided_by"],
        why=values["why"],
        machine_level=machine_level,
        appeal=None if appeal is None else AppealShown(appeal.words, appeal.made_at, appeal.answer, appeal.answered_at),
    )
