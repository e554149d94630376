"""Every grade of an installation held against what is recorded for it: evidence, outcome, and what gradebooks are owed.

What is looked at is a moment: while work is being handed in, an appearing column may be owed its scores only by the
next sweep, within a minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from course.attempts import attempts_of
from course.models import Attempt, Placement
from grading.counting import what_counts
from grading.models import Outcome
from grading.soundness import Fault, decided_twice, faults_of
from lti_tool.gradebook import graded_attempts
from lti_tool.models import LineItem, LtiUser, OutboxScore
from lti_tool.outbox import find_line_item, last_score

AT_ONCE = 200  # outcomes held in memory


@dataclass(slots=True)
class Checked:
    """How much was looked at, and every fault that was found."""

    outcomes: int = 0
    quotes: int = 0
    scores: int = 0
    faults: list[Fault] = field(default_factory=list)


def check_grades(session: Session) -> Checked:
    """Look at every outcome, and at every score that is owed or should be."""
    found = Checked(scores=session.scalar(select(func.count(OutboxScore.id))) or 0)
    for outcome in session.scalars(select(Outcome).order_by(Outcome.id).execution_options(yield_per=AT_ONCE)):
        found.outcomes += 1
        found.quotes += sum(len(one["quotes"]) for one in outcome.evidence.get("criteria", ()))
        found.faults += faults_of(session, outcome)
    found.faults += [*decided_twice(session), *_not_owed(session), *_owed_without_ground(session)]
    return found


def _not_owed(session: Session) -> Iterator[Fault]:
    """What counts by now is what was owed last, wherever there is a column for it."""
    cells = session.execute(
        select(Attempt.placement_id, Attempt.learner_id, Attempt.item_id, func.max(Attempt.id))
        .join(Outcome, Outcome.attempt_id == Attempt.id)
        .where(Attempt.is_preview.is_(False))
        .group_by(Attempt.placement_id, Attempt.learner_id, Attempt.item_id)
        .order_by(func.max(Attempt.id))
    ).all()
    for placement_id, learner_id, item_id, attempt_id in cells:
        line_item = find_line_item(session, placement_id, item_id)
        user_id = session.scalar(select(LtiUser.id).where(LtiUser.learner_id == learner_id))
        if line_item is None or user_id is None:
            continue
        placement = session.get_one(Placement, placement_id)
        counted = what_counts(session, graded_attempts(attempts_of(session, placement, learner_id, item_id)))
        owed = last_score(session, line_item, user_id)
        if counted is None:
            continue
        if owed is None:
            yield Fault(attempt_id, "its score was never owed to the gradebook")
        elif (owed.score_given, owed.score_maximum) != (counted.points, counted.points_possible):
            yield Fault(attempt_id, f"{counted.points} points count, but the gradebook is owed {owed.score_given}")


def _owed_without_ground(session: Session) -> Iterator[Fault]:
    """A score rests on an outcome of the same learner and item, never on a preview, and is within its maximum."""
    user, column = aliased(LtiUser), aliased(LineItem)
    rows = session.execute(
        select(OutboxScore, Attempt, user.learner_id, column.item_id)
        .join(Outcome, Outcome.id == OutboxScore.outcome_id)
        .join(Attempt, Attempt.id == Outcome.attempt_id)
        .join(user, user.id == OutboxScore.lti_user_id)
        .join(column, column.id == OutboxScore.line_item_id)
        .order_by(OutboxScore.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for score, attempt, learner_id, item_id in rows:
        if attempt.is_preview or (attempt.learner_id, attempt.item_id) != (learner_id, item_id):
            yield Fault(attempt.id, f"score {score.id} does not belong to it")
        if not 0 <= score.score_given <= score.score_maximum:
            yield Fault(attempt.id, f"score {score.id} is {score.score_given} of {score.score_maximum}")
