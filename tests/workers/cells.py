"""Scores for one learner's cell of a gradebook, without the quiz around them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from course.models import Attempt
from grading.models import Outcome
from lti_tool import outbox
from lti_tool.models import LineItem, LtiUser, OutboxScore
from lti_tool.waking import wake
from tests.support.factory import Classroom

MAXIMUM = Decimal(5)


class Cell:
    """A learner with one attempt handed in, and their cell. Every method is a transaction of its own."""

    def __init__(self, database: Database, room: Classroom, sub: str = "ada") -> None:
        self.database = database
        person = room.person(sub)
        attempt, outcome = room.handed_in(person, right=3)
        self.person_id, self.attempt_id, self.outcome_id = person.id, attempt.id, outcome.id
        self.registration_id, self.line_item_id = room.registration.id, room.line_item.id

    def owe(self, points: object, session: Session | None = None) -> int | None:
        """Owe `points` of 5; the row's id, None when nothing new is owed."""
        if session is None:
            with self.database.transaction() as own:
                return self.owe(points, own)
        row = outbox.enqueue_score(
            session,
            line_item=session.get_one(LineItem, self.line_item_id),
            lti_user=session.get_one(LtiUser, self.person_id),
            outcome=session.get_one(Outcome, self.outcome_id),
            attempt=session.get_one(Attempt, self.attempt_id),
            score_given=Decimal(str(points)),
            score_maximum=MAXIMUM,
        )
        return row.id if row else None

    def must_owe(self, points: object) -> int:
        row_id = self.owe(points)
        assert row_id is not None
        return row_id

    def rows(self) -> list[OutboxScore]:
        """All rows of the cell, in the order they were written."""
        query = select(OutboxScore).where(
            OutboxScore.line_item_id == self.line_item_id, OutboxScore.lti_user_id == self.person_id
        )
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(OutboxScore.id)))

    def row(self, row_id: int) -> OutboxScore:
        return next(row for row in self.rows() if row.id == row_id)

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def wake(self, *, with_column: bool = True) -> bool:
        with self.database.transaction() as session:
            line_item = session.get_one(LineItem, self.line_item_id) if with_column else None
            return wake(session, self.registration_id, line_item)


def make_cell(database: Database, sub: str = "ada", column: dict[str, Any] | None = None, **registration: Any) -> Cell:
    """A cell in a classroom of its own; `column` changes the line item."""
    with database.transaction() as session:
        room = Classroom(session, **registration)
        for name, value in (column or {}).items():
            setattr(room.line_item, name, value)
        return Cell(database, room, sub)


def claim(database: Database, row_id: int) -> outbox.Delivery | None:
    with database.transaction() as session:
        return outbox.claim(session, row_id)


def must_claim(database: Database, row_id: int) -> outbox.Delivery:
    delivery = claim(database, row_id)
    assert delivery is not None
    return delivery


def retry(database: Database, delivery: outbox.Delivery, cause: str = "service_503", after: Any = None) -> datetime:
    with database.transaction() as session:
        return outbox.mark_for_retry(session, delivery, cause, after)


def stick(database: Database, delivery: outbox.Delivery, cause: str = "service_404") -> None:
    with database.transaction() as session:
        outbox.mark_stuck(session, delivery, cause)


def delivered(database: Database, delivery: outbox.Delivery) -> None:
    with database.transaction() as session:
        outbox.mark_delivered(session, delivery)


def restamp(database: Database, delivery: outbox.Delivery) -> None:
    with database.transaction() as session:
        outbox.restamp(session, delivery)
