"""Where a learner's grades are, for all items of a course at once: as last delivered, and what is on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.items import Course
from course.models import Placement
from course.placements import likelihood
from lti_tool.gradebook import state_of_score
from lti_tool.models import LineItem, LtiUser, OutboxScore, ResourceLink
from lti_tool.outbox import DELIVERED


@dataclass(frozen=True, slots=True)
class Score:
    """Points of a maximum, as they are sent to a gradebook."""

    points: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the grade of one item is. `state`: none (no column, or nothing earned yet), on-its-way, delivered, stuck,
    overruled.

    `delivered` is what the gradebook holds as far as we know, since `delivered_at`; `waiting` is what has been earned
    since and is not there yet.
    """

    state: str = "none"
    has_column: bool = False
    delivered: Score | None = None
    delivered_at: datetime | None = None
    waiting: Score | None = None


def standings(session: Session, context_key: str, learner_id: int, course: Course) -> dict[str, Standing]:
    """The standing of each item of the course, by its id, in two queries however many there are.

    Where a context holds an item in several columns, it is the column of the link that was opened last.
    """
    columns = _columns(session, context_key, course)
    rows = session.scalars(
        select(OutboxScore)
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .where(LtiUser.learner_id == learner_id, OutboxScore.line_item_id.in_(columns.values()))
        .order_by(OutboxScore.timestamp)
    ).all()
    by_column: dict[int, list[OutboxScore]] = {}
    for row in rows:
        by_column.setdefault(row.line_item_id, []).append(row)
    return {item.id: _standing(columns.get(item.id), by_column) for item in course.items}


def _columns(session: Session, context_key: str, course: Course) -> dict[str, int]:
    """The line item's id for each item that has one."""
    found = session.execute(
        select(LineItem.id, LineItem.item_id, Placement)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Placement, Placement.id == ResourceLink.placement_id)
        .where(Placement.context_key == context_key, Placement.course_id == course.id)
    ).all()
    return {row.item_id: row.id for row in sorted(found, key=lambda row: likelihood(row.Placement))}


def _standing(column_id: int | None, by_column: Mapping[int, list[OutboxScore]]) -> Standing:
    rows = by_column.get(column_id, []) if column_id is not None else []
    if not rows:
        return Standing(has_column=column_id is not None)
    newest = rows[-1]
    delivered = next((row for row in reversed(rows) if row.state == DELIVERED), None)
    return Standing(
        state=state_of_score(newest),
        has_column=True,
        delivered=Score(delivered.score_given, delivered.score_maximum) if delivered else None,
        delivered_at=delivered.delivered_at if delivered else None,
        waiting=None if newest.state == DELIVERED else Score(newest.score_given, newest.score_maximum),
    )
