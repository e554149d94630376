"""What waits for a person in a context, with its reason and its age. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from config import clock
from course.models import Attempt, Placement
from grading import assessments
from grading.models import Appeal, BlindReview, CriterionAssessment, Outcome, RubricAssessment
from grading.service import BY_PERSON

DECIDE, APPEAL, SAMPLE = "decide", "appeal", "sample"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to do. `kind`: decide (nothing is released before), appeal, or sample (a blind look that nothing waits
    for). `reasons` are codes (`grading.votes.Reason`, or "after-review"), without repetition; `criterion_ids` are those
    it is about."""

    kind: str
    attempt: Attempt
    since: datetime
    reasons: tuple[str, ...] = ()
    criterion_ids: tuple[str, ...] = ()

    @property
    def age(self) -> timedelta:
        """How long it has been waiting."""
        return clock.now() - self.since


def queue(session: Session, context_key: str) -> list[Entry]:
    """Everything that waits in a context: what holds a result back and appeals first, oldest first; then samples."""
    entries = [*_to_decide(session, context_key), *_appeals(session, context_key)]
    return [*sorted(entries, key=lambda one: one.since), *_samples(session, context_key)]


def count_waiting(session: Session, context_key: str) -> int:
    """How many results and appeals wait in a context; samples do not wait."""
    return sum(entry.kind != SAMPLE for entry in queue(session, context_key))


def _to_decide(session: Session, context_key: str) -> list[Entry]:
    rows = session.execute(
        select(RubricAssessment, Attempt)
        .join(Attempt, Attempt.id == RubricAssessment.attempt_id)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(RubricAssessment.state == assessments.PERSON)
        .where(Placement.context_key == context_key)
        .options(lazyload(Attempt.snapshot))
    ).all()
    criteria = _unsettled(session, [row.id for row, _ in rows])
    found = []
    for row, attempt in rows:
        unsettled = criteria.get(row.id, [])
        reasons = dict.fromkeys([one.reason for one in unsettled if one.reason] or [row.cause or ""])
        found.append(
            Entry(
                DECIDE,
                attempt,
                attempt.submitted_at or row.created_at,
                tuple(reasons),
                tuple(one.criterion_id for one in unsettled),
            )
        )
    return found


def _unsettled(session: Session, assessment_ids: Sequence[int]) -> dict[int, list[CriterionAssessment]]:
    query = select(CriterionAssessment).where(
        CriterionAssessment.assessment_id.in_(assessment_ids), CriterionAssessment.reason.is_not(None)
    )
    found: dict[int, list[CriterionAssessment]] = {}
    for one in session.scalars(query.order_by(CriterionAssessment.id)):
        found.setdefault(one.assessment_id, []).append(one)
    return found


def _appeals(session: Session, context_key: str) -> list[Entry]:
    rows = session.execute(
        select(Appeal, Attempt)
        .join(Attempt, Attempt.id == Appeal.attempt_id)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(Appeal.answer.is_(None), Placement.context_key == context_key)
        .order_by(Appeal.made_at, Appeal.id)
        .options(lazyload(Attempt.snapshot))
    ).all()
    by_attempt: dict[int, list[tuple[Appeal, Attempt]]] = {}
    for appeal, attempt in rows:
        by_attempt.setdefault(attempt.id, []).append((appeal, attempt))
    return [
        Entry(APPEAL, some[0][1], some[0][0].made_at, (APPEAL,), tuple(appeal.criterion_id for appeal, _ in some))
        for some in by_attempt.values()
    ]


def _samples(session: Session, context_key: str) -> list[Entry]:
    by_person = select(Outcome.attempt_id).where(Outcome.decided_by == BY_PERSON)
    rows = session.execute(
        select(RubricAssessment, Attempt)
        .join(Attempt, Attempt.id == RubricAssessment.attempt_id)
        .join(Placement, Placement.id == Attempt.placement_id)
        .outerjoin(BlindReview, BlindReview.assessment_id == RubricAssessment.id)
        .where(RubricAssessment.state == assessments.RELEASED, RubricAssessment.is_sampled)
        .where(BlindReview.assessment_id.is_(None))
        .where(Placement.context_key == context_key, Attempt.id.not_in(by_person))
        .order_by(RubricAssessment.judged_at)
        .options(lazyload(Attempt.snapshot))
    ).all()
    return [Entry(SAMPLE, attempt, row.judged_at or row.created_at) for row, attempt in rows]
