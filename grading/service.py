"""Outcomes written and read. The caller owns the transaction, so an outcome and what follows from it land together."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.attempts import quiz_of
from course.items import Counts, Policy, Quiz
from course.models import Attempt, Placement
from course.progress import Work
from grading.models import Outcome
from grading.quiz import QuizScore, counted, score

BY_KEY = "key"
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
    outcome = Outcome(
        attempt_id=attempt.id,
        decided_by=BY_KEY,
        points=to_decimal(result.points),
        points_possible=to_decimal(result.points_possible),
        evidence={
            "questions": [
                {
                    "question_id": mark.question_id,
                    "choice_ids": list(mark.choice_ids),
                    "points": str(to_decimal(worth * mark.share)),
                    "points_possible": str(to_decimal(worth)),
                }
                for mark in result.marks
            ]
        },
        decided_at=clock.now(),
    )
    session.add(outcome)
    session.flush()
    return outcome


def outcomes_of(session: Session, attempts: list[Attempt]) -> dict[int, Outcome]:
    """The outcome of each attempt that has one, by attempt id."""
    ids = [attempt.id for attempt in attempts]
    return {one.attempt_id: one for one in session.scalars(select(Outcome).where(Outcome.attempt_id.in_(ids)))}


def counted_points(outcomes: list[Outcome], counts: Counts) -> Decimal | None:
    """The points that count among the outcomes of a learner's attempts, oldest attempt first; None without any."""
    value = counted((Fraction(outcome.points) for outcome in outcomes), counts)
    return None if value is None else to_decimal(value)


def work_in_context(
    session: Session, learner_id: int, context_key: str, quizzes: Iterable[Quiz], *, previews: bool
) -> dict[str, Work]:
    """What a learner has done at each quiz of a course, in all placements of a context; previews or real work."""
    rows = session.execute(
        select(Attempt.item_id, Attempt.submitted_at, Outcome)
        .join(Placement, Placement.id == Attempt.placement_id)
        .outerjoin(Outcome, Outcome.attempt_id == Attempt.id)
        .where(Attempt.learner_id == learner_id, Attempt.is_preview.is_(previews))
        .where(Placement.context_key == context_key)
        .order_by(Attempt.number)
    ).all()
    work = {}
    for quiz in quizzes:
        mine = [row for row in rows if row.item_id == quiz.id]
        outcomes = [row.Outcome for row in mine if row.Outcome is not None]
        work[quiz.id] = Work(
            has_open=any(row.submitted_at is None for row in mine),
            has_submitted=any(row.submitted_at is not None for row in mine),
            is_passed=is_passed(outcomes, quiz.policy),
        )
    return work


def is_passed(outcomes: list[Outcome], policy: Policy) -> bool:
    """Whether the points that count reach the pass mark; never without one."""
    points = counted_points(outcomes, policy.counts)
    if points is None or policy.pass_percent is None:
        return False
    return points * 100 >= outcomes[-1].points_possible * policy.pass_percent
