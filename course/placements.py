"""Where an item is at home: the placement that its attempts, and so its grade, belong to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Placement


def home_of(session: Session, visited: Placement, item_id: str) -> Placement | None:
    """The placement of an item, seen from the placement a learner came in by; None when it is placed nowhere here.

    The one visited comes first, then one of the item alone in the same context, then one of the whole course. Where
    a context holds the same item twice, each link keeps its own attempts, and a visitor from elsewhere gets the older.
    """
    if visited.item_id in (item_id, None):
        return visited
    together = session.scalars(
        select(Placement)
        .where(Placement.context_key == visited.context_key, Placement.course_id == visited.course_id)
        .order_by(Placement.id)
    ).all()
    for wanted in (item_id, None):
        for placement in together:
            if placement.item_id == wanted:
                return placement
    return None
