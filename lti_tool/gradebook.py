"""From outcomes to what the gradebook is owed, and where that stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.attempts import attempts_of, policy_as_begun
from course.items import Policy
from course.models import Attempt, Placement
from grading.models import Outcome
from grading.service import counted_share, outcomes_of, to_decimal
from lti_tool import outbox
from lti_tool.models import LineItem, LtiUser, OutboxScore, ResourceLink


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner's grade is. `state`: none (no column), on-its-way, delivered, stuck."""

    state: str
    delivered_at: datetime | None = None


def graded_attempts(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts that may count: handed in, and not an instructor's preview."""
    return [attempt for attempt in attempts if attempt.submitted_at is not None and not attempt.is_preview]


def counted_of(session: Session, attempts: Sequence[Attempt], policy: Policy) -> Fraction | None:
    """The share (0 to 1) that counts among a learner's attempts at one placed item; None before any is handed in."""
    graded = graded_attempts(attempts)
    outcomes = outcomes_of(session, graded)
    return counted_share([outcomes[one.id] for one in graded if one.id in outcomes], policy.counts)


def owe_score(session: Session, placement: Placement, learner_id: int, item_id: str) -> OutboxScore | None:
    """Owe the gradebook what counts by now; None when it is owed nothing new, or there is no column to send it to.

    An attempt that still waits for its outcome (a lab's) is left out until it has one.
    """
    line_item = outbox.find_line_item(session, placement.id, item_id)
    lti_user = session.scalar(select(LtiUser).where(LtiUser.learner_id == learner_id))
    if line_item is None or lti_user is None:
        return None
    graded = graded_attempts(attempts_of(session, placement, learner_id, item_id))
    outcomes = outcomes_of(session, graded)
    decided = [attempt for attempt in graded if attempt.id in outcomes]
    if not decided:
        return None
    attempt = decided[-1]
    outcome = outcomes[attempt.id]
    # The policy with which the newest attempt was begun: editing the course does not re-judge work already done.
    counts = policy_as_begun(attempt).counts
    share = counted_share([outcomes[one.id] for one in decided], counts)
    if share is None:
        return None
    return outbox.enqueue_score(
        session,
        line_item=line_item,
        lti_user=lti_user,
        outcome=outcome,
        attempt=attempt,
        score_given=to_decimal(share * Fraction(outcome.points_possible)),
        score_maximum=outcome.points_possible,
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
    """Where the newest score of a learner and column is: delivered, stuck or on-its-way."""
    return {outbox.DELIVERED: "delivered", outbox.STUCK: "stuck"}.get(newest.state, "on-its-way")
