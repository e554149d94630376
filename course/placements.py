"""Where an item is at home: the placement that its attempts, and so its grade, belong to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Placement


def home_of(session: Session, visited: Placement, item_id: str) -> Placement | None:
    """The placement of an item, seen from the placement a learner came in by; None when it is placed nowhere here.

    A placement of the item itself is at home there: where a context holds the same item twice, each link keeps its own
    attempts. From elsewhere it is the one that takes grades and was opened last (an older link may have been deleted
    from the course), and one of the whole course only if there is no better.
    """
    if visited.item_id == item_id:
        return visited
    together = session.scalars(
        select(Placement).where(Placement.context_key == visited.context_key, Placement.course_id == visited.course_id)
    ).all()
    of_the_item = max((one for one in together if one.item_id == item_id), key=likelihood, default=None)
    if visited.item_id is None:
        return of_the_item if of_the_item and of_the_item.takes_grades and not visited.takes_grades else visited
    return of_the_item or max((one for one in together if one.item_id is None), key=likelihood, default=None)


def likelihood(placement: Placement) -> tuple[bool, datetime, int]:
    """The higher, the likelier it is that learners come in by this placement of an item rather than by another."""
    return placement.takes_grades, placement.opened_at or placement.created_at, placement.id
