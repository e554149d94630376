"""Where a learner goes on: the item they were last at work on, and the section of it that comes next."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from course.items import Course, Item, Page, Section
from course.models import Attempt, Placement, Response, SectionRead, Turn
from course.progress import State

NEVER = datetime.min.replace(tzinfo=UTC)
FINISHED = set(State) - {State.NOT_STARTED, State.IN_PROGRESS}  # by the learner: nothing is left for them to do


def last_worked_at(session: Session, visited: Placement, learner_id: int, *, previews: bool) -> dict[str, datetime]:
    """When a learner last did something at each item of the course of `visited` that they have begun, anywhere in its
    context, by item id."""
    read = select(SectionRead.item_id, func.max(SectionRead.read_at)).where(
        SectionRead.learner_id == learner_id,
        SectionRead.context_key == visited.context_key,
        SectionRead.course_id == visited.course_id,
    )
    attempts = (
        select(Attempt.item_id, func.max(Attempt.started_at), func.max(Response.given_at), func.max(Turn.created_at))
        .join(Placement, Placement.id == Attempt.placement_id)
        .outerjoin(Response, Response.attempt_id == Attempt.id)
        .outerjoin(Turn, Turn.attempt_id == Attempt.id)
        .where(Attempt.learner_id == learner_id, Attempt.is_preview.is_(previews))
        .where(Placement.context_key == visited.context_key, Placement.course_id == visited.course_id)
    )
    last: dict[str, datetime] = {}
    for item_id, *moments in (
        *session.execute(read.group_by(SectionRead.item_id)),
        *session.execute(attempts.group_by(Attempt.item_id)),
    ):
        known = [moment for moment in (*moments, last.get(item_id)) if moment is not None]
        last[item_id] = max(known)
    return last


def where_to_go_on(
    course: Course, states: Mapping[str, State], last: Mapping[str, datetime], *, closed: Collection[str] = ()
) -> Item | None:
    """The item in progress that was worked on last, else the first that is not finished; None when all are.

    `closed` are the ids of items that cannot be worked on now: they are passed over.
    """
    open_items = [item for item in course.items if item.id not in closed]
    begun = [item for item in open_items if states[item.id] == State.IN_PROGRESS]
    if begun:
        return max(begun, key=lambda item: last.get(item.id, NEVER))  # of equals the first
    return next((item for item in open_items if states[item.id] not in FINISHED), None)


def next_section(page: Page, read: Collection[str]) -> Section | None:
    """The first section of a page that is not read yet, when some are; None for one not begun and for one finished."""
    unread = [section for section in page.sections if section.id not in read]
    return unread[0] if unread and len(unread) < len(page.sections) else None
