"""Outcomes written and read. The caller owns the transaction, so an outcome and what follows from it land together."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, lazyload

from config import clock
from course.attempts import quiz_of
from course.items import Counts, Course, Graded, Policy
from course.models import Attempt, Placement
from course.policies import rules_of
from course.progress import State, Work
from grading.assessments import HELD, PERSON
from grading.late import Deduction, deduction
from grading.models import Outcome, RubricAssessment
from grading.quiz import QuizScore, counted, score

BY_KEY, BY_RUBRIC, BY_PERSON = "key", "rubric", "person"
BY_RULES = "rules"  # an outcome of a model, worked out anew for other rules; the model decides once only
LATE = "late"  # the key in an outcome's evidence
LATE_RULES_CHANGED = "late-rules-changed"  # the reason of an outcome that `rework_late` made
PLACES = Decimal("0.0001")  # finer than any gradebook: Moodle keeps 5 decimals of its own scale, Canvas 2


def to_decimal(value: Fraction) -> Decimal:
    """`value` with four decimals, halves away from zero, so that thirds round the same way everywhere."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(PLACES, ROUND_HALF_UP)


def score_of(attempt: Attempt) -> QuizScore:
    """What the attempt's responses earn by the quiz it was begun on."""
    return score(quiz_of(attempt), {response.question_id: response.choice_ids for response in attempt.responses})


def record_quiz_outcome(session: Session, attempt: Attempt) -> Outcome:
    """Write what a submitted attempt earned, with the evidence for each question."""
    result = score_of(attempt)
    worth = result.points_possible / len(result.marks)
    evidence = {
        "questions": [
            {
                "question_id": mark.question_id,
                "choice_ids": list(mark.choice_ids),
                "points": str(to_decimal(worth * mark.share)),
                "points_possible": str(to_decimal(worth)),
            }
            for mark in result.marks
        ]
    }
    return record_outcome(
        session,
        attempt,
        decided_by=BY_KEY,
        points=result.points,
        points_possible=result.points_possible,
        evidence=evidence,
    )


def record_outcome(
    session: Session,
    attempt: Attempt,
    *,
    decided_by: str,
    points: Fraction,
    points_possible: Fraction,
    evidence: Mapping[str, Any],
) -> Outcome:
    """Write a decision on a submitted attempt, as its newest outcome. The attempt's row is to be locked, or just made.

    `points` (0 to `points_possible`) are those before anything is taken for being late. That is done here, by the rules
    of now, and stands in the evidence. A preview loses nothing, and a person's points are final as they are.
    """
    late: dict[str, Any] = {}
    if decided_by != BY_PERSON:
        points, late = after_deduction(session, attempt, points)
    return _add(
        session,
        attempt,
        decided_by=decided_by,
        points=points,
        possible=points_possible,
        evidence={**evidence, **late},
    )


def after_deduction(session: Session, attempt: Attempt, points: Fraction) -> tuple[Fraction, dict[str, Any]]:
    """What is left of `points` by the rules of now if the attempt was late, and what its evidence has to say of it."""
    if attempt.is_preview or attempt.submitted_at is None:
        return points, {}
    taken = deduction(rules_of(session, attempt), attempt.submitted_at, points)
    return taken.points if taken else points, _late(taken)


def rework_late(session: Session, attempt: Attempt) -> Outcome | None:
    """The deduction for late work worked out anew by the rules of now, as a new outcome; None when it is what it was,
    when nothing has been decided yet, and when a person has decided. The attempt's row is to be locked."""
    standing = outcomes_of(session, [attempt]).get(attempt.id)
    if standing is None or standing.decided_by == BY_PERSON or attempt.submitted_at is None or attempt.is_preview:
        return None
    before = standing.evidence.get(LATE)
    points = Fraction(before["points_before"]) if before else Fraction(standing.points)
    now = deduction(rules_of(session, attempt), attempt.submitted_at, points)
    if _late(now).get(LATE) == before:
        return None
    evidence = {key: value for key, value in standing.evidence.items() if key != LATE}
    evidence |= {**_late(now), "reason": LATE_RULES_CHANGED}
    return _add(
        session,
        attempt,
        decided_by=BY_RULES if standing.decided_by == BY_RUBRIC else standing.decided_by,
        points=now.points if now else points,
        possible=Fraction(standing.points_possible),
        evidence=evidence,
    )


def _late(taken: Deduction | None) -> dict[str, Any]:
    if taken is None:
        return {}
    before = str(to_decimal(taken.points_before))
    return {LATE: {"days_late": taken.days_late, "percent": taken.percent, "points_before": before}}


def _add(
    session: Session,
    attempt: Attempt,
    *,
    decided_by: str,
    points: Fraction,
    possible: Fraction,
    evidence: dict[str, Any],
) -> Outcome:
    last = session.scalar(select(func.max(Outcome.number)).where(Outcome.attempt_id == attempt.id))
    outcome = Outcome(
        attempt_id=attempt.id,
        number=(last or 0) + 1,
        decided_by=decided_by,
        points=to_decimal(points),
        points_possible=to_decimal(possible),
        evidence=evidence,
        decided_at=clock.now(),
    )
    session.add(outcome)
    session.flush()
    return outcome


def outcomes_of(session: Session, attempts: Iterable[Attempt]) -> dict[int, Outcome]:
    """The outcome that stands of each attempt that has one, by attempt id: a person's newest, else the newest."""
    ids = [attempt.id for attempt in attempts]
    standing: dict[int, Outcome] = {}
    for one in session.scalars(select(Outcome).where(Outcome.attempt_id.in_(ids)).order_by(Outcome.number)):
        before = standing.get(one.attempt_id)
        if before is None or one.decided_by == BY_PERSON or before.decided_by != BY_PERSON:
            standing[one.attempt_id] = one
    return standing


def share_of(outcome: Outcome) -> Fraction:
    """What was earned of what there was to earn, 0 to 1. Attempts are compared by this and never by their points: the
    author may have added a question, or changed what the quiz is worth, between two of them."""
    return Fraction(outcome.points) / Fraction(outcome.points_possible)


def counted_share(outcomes: list[Outcome], counts: Counts) -> Fraction | None:
    """The share that counts among the outcomes of a learner's attempts, oldest attempt first; None without any."""
    return counted((share_of(outcome) for outcome in outcomes), counts)


def work_in_context(
    session: Session, learner_id: int, context_key: str, course: Course, *, previews: bool
) -> dict[str, Work]:
    """What a learner has done at each graded item of a course, in all placements of a context; previews or real work.

    Whether an item is passed follows from the policy it comes with (`course.policies.course_in_context`).
    """
    attempts = session.scalars(
        select(Attempt)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(Attempt.learner_id == learner_id, Attempt.is_preview.is_(previews))
        .where(Placement.context_key == context_key, Placement.course_id == course.id)
        .order_by(Attempt.started_at, Attempt.id)
        .options(lazyload(Attempt.snapshot))
    ).all()
    outcomes = outcomes_of(session, attempts)
    states = _assessment_states(session, [one.id for one in attempts if one.id not in outcomes])
    work = {}
    for item in course.items:
        if not isinstance(item, Graded):
            continue
        mine = [attempt for attempt in attempts if attempt.item_id == item.id]
        submitted = [attempt for attempt in mine if attempt.submitted_at is not None]
        decided = [outcomes[one.id] for one in mine if one.id in outcomes]
        passed = is_passed(decided, item.policy)
        work[item.id] = Work(
            has_open=len(submitted) < len(mine),
            has_submitted=bool(submitted),
            waits=None if previews else _waits([states.get(one.id) for one in submitted if one.id not in outcomes]),
            is_passed=passed,
            is_not_passed=bool(decided) and item.policy.pass_percent is not None and not passed,
        )
    return work


def _assessment_states(session: Session, attempt_ids: list[int]) -> dict[int, str]:
    query = select(RubricAssessment.attempt_id, RubricAssessment.state)
    rows = session.execute(query.where(RubricAssessment.attempt_id.in_(attempt_ids)))
    return {row.attempt_id: row.state for row in rows}


def _waits(states: list[str | None]) -> State | None:
    """What handed-in work without an outcome waits for, by the states of its assessments (None: not begun yet)."""
    if not states:
        return None
    if PERSON in states:
        return State.WAITING
    return State.HELD if set(states) == {HELD} else State.GRADING


def is_passed(outcomes: list[Outcome], policy: Policy) -> bool:
    """Whether the share that counts reaches the pass mark; never without one."""
    share = counted_share(outcomes, policy.counts)
    return share is not None and policy.pass_percent is not None and share * 100 >= policy.pass_percent
