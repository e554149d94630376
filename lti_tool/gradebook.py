"""From outcomes to what the gradebook is owed, and where that stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.attempts import attempts_of
from course.models import Attempt, Placement
from grading.counting import what_counts
from grading.models import Outcome
from lti_tool import outbox
from lti_tool.models import LineItem, LtiUser, OutboxScore, ResourceLink


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner's grade is. `state`: none (no column), on-its-way, delivered, stuck, overruled (by a teacher)."""

    state: str
    delivered_at: datetime | None = None


def graded_attempts(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts that may count: handed in, and not an instructor's preview."""
    return [attempt for attempt in attempts if attempt.submitted_at is not None and not attempt.is_preview]


def owe_score(session: Session, placement: Placement, learner_id: int, item_id: str) -> OutboxScore | None:
    """Owe the gradebook what counts by now; None when it is owed nothing new, or there is no column to send it to."""
    line_item = outbox.find_line_item(session, placement.id, item_id)
    lti_user = session.scalar(select(LtiUser).where(LtiUser.learner_id == learner_id))
    if line_item is None or lti_user is None:
        return None
    counted = what_counts(session, graded_attempts(attempts_of(session, placement, learner_id, item_id)))
    if counted is None:
        return None
    return outbox.enqueue_score(
        session,
        line_item=line_item,
        lti_user=lti_user,
        outcome=counted.outcome,
        attempt=counted.newest,
        score_given=counted.points,
        score_maximum=counted.points_possible,
    )


def owe_missing_scores(session: Session, line_item: LineItem) -> list[OutboxScore]:
    """A column has appeared: owe it what learners earned before it was there."""
    placement = session.scalar(
        select(Placement)
        .join(ResourceLink, ResourceLink.placement_id == Placement.id)
        .where(ResourceLink.id == line_item.resource_link_id)
    )
    if placement is None:
        return []
    owed = select(LtiUser.learner_id).join(OutboxScore).where(OutboxScore.line_item_id == line_item.id)
    learners = session.scalars(
        select(Attempt.learner_id)
        .join(Outcome, Outcome.attempt_id == Attempt.id)
        .where(Attempt.placement_id == placement.id, Attempt.item_id == line_item.item_id)
        .where(Attempt.is_preview.is_(False), Attempt.learner_id.not_in(owed))
        .distinct()
        .order_by(Attempt.learner_id)  # everyone locks people in the same order
    ).all()
    rows = (owe_score(session, placement, learner_id, line_item.item_id) for learner_id in learners)
    return [row for row in rows if row is not None]


def standing(session: Session, placement: Placement, learner_id: int, item_id: str) -> Standing:
    """Where the learner's grade for a placed item stands now."""
    line_item = outbox.find_line_item(session, placement.id, item_id)
    lti_user_id = session.scalar(select(LtiUser.id).where(LtiUser.learner_id == learner_id))
    row = outbox.last_score(session, line_item, lti_user_id) if line_item and lti_user_id else None
    if row is None:
        return Standing("none")
    return Standing(state_of_score(row), row.delivered_at)


def state_of_score(newest: OutboxScore) -> str:
    """Where the newest score of a learner and column is: delivered, stuck, on-its-way; or overruled, when the gradebook
    shows what a teacher has set there."""
    if newest.cause == outbox.TEACHERS_GRADE and newest.state in {outbox.DELIVERED, outbox.STUCK}:
        return "overruled"
    return {outbox.DELIVERED: "delivered", outbox.STUCK: "stuck"}.get(newest.state, "on-its-way")
