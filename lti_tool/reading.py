"""Reading as work for a grade: a page that is read to its end, where an instructor has placed the page itself.

The reading is an attempt like any other, with an outcome and evidence, so that a column gets it the same way: at once,
when the page is placed only later, or when its column appears only later.
"""

from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from course.attempts import keep_snapshot, policy_as_begun
from course.items import Page
from course.models import Attempt, Learner, Placement, SectionRead
from course.placements import home_of
from course.progress import section_ids
from grading.service import record_outcome
from lti_tool.gradebook import owe_score
from lti_tool.models import OutboxScore

BY_READING = "reading"


def record_reading(session: Session, visited: Placement, learner_id: int, page: Page) -> OutboxScore | None:
    """After `course.progress.mark_read`, in the same transaction: if the page is now read to its end and placed in the
    context of `visited`, that is written down, once. The score to be sent, if any. Not for instructors."""
    home = home_of(session, visited, page.id)
    return record_if_read(session, home, learner_id, page) if home is not None else None


def record_if_read(session: Session, placement: Placement, learner_id: int, page: Page) -> OutboxScore | None:
    """At a launch of the page's own placement, and where `record_reading` finds it: the same, whenever it was read."""
    if placement.item_id != page.id:
        return None
    # Two windows that read the last two sections at once: the second one sees what the first one has read.
    session.execute(select(Learner.id).where(Learner.id == learner_id).with_for_update(key_share=True))
    read = _sections_read(session, placement, learner_id, page)
    if len(read) < len(section_ids(page)) or _is_recorded(session, placement, learner_id, page):
        return None
    attempt = Attempt(
        placement_id=placement.id,
        learner_id=learner_id,
        item_id=page.id,
        number=1,
        started_at=min(one.read_at for one in read),
        submitted_at=max(one.read_at for one in read),
        snapshot=keep_snapshot(session, page),
    )
    try:
        with session.begin_nested():
            session.add(attempt)
    except IntegrityError:
        return None  # another launch was faster
    points = Fraction(policy_as_begun(attempt).points)
    evidence = {
        "sections": [{"section_id": one.section_id, "read_at": clock.isoformat(one.read_at)} for one in read],
    }
    record_outcome(session, attempt, decided_by=BY_READING, points=points, points_possible=points, evidence=evidence)
    return owe_score(session, placement, learner_id, page.id)


def _sections_read(session: Session, placement: Placement, learner_id: int, page: Page) -> list[SectionRead]:
    query = select(SectionRead).where(
        SectionRead.learner_id == learner_id,
        SectionRead.context_key == placement.context_key,
        SectionRead.course_id == placement.course_id,
        SectionRead.item_id == page.id,
        SectionRead.section_id.in_(section_ids(page)),
    )
    return list(session.scalars(query.order_by(SectionRead.read_at, SectionRead.section_id)))


def _is_recorded(session: Session, placement: Placement, learner_id: int, page: Page) -> bool:
    query = select(Attempt.id).where(
        Attempt.placement_id == placement.id,
        Attempt.learner_id == learner_id,
        Attempt.item_id == page.id,
        Attempt.is_preview.is_(False),
    )
    return session.scalar(query.limit(1)) is not None
