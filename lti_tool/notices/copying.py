"""Notices of copied courses worked off: the copy has what the original had, before anybody opens it."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from lti_tool.admission import find_or_make_context
from lti_tool.course_copies import MOST, note_origin
from lti_tool.models import Context, Deployment, ReceivedNotice

log = logging.getLogger(__name__)

CARRIED, NOTHING_TO_DO, FAILED = "carried", "nothing_to_do", "failed"


def waiting_ids(session: Session, limit: int = 200) -> list[int]:
    """The notices that nobody has worked off, oldest first."""
    query = select(ReceivedNotice.id).where(ReceivedNotice.done_at.is_(None))
    return list(session.scalars(query.order_by(ReceivedNotice.id).limit(limit)))


def work_off(session: Session, row_id: int) -> str | None:
    """Do what a notice says, once; what came of it, None if another worker was faster.

    A course is made known here only where one that it was copied from is known in the same deployment: a notice about
    courses in which we are not used leaves no trace but its own row.
    """
    row = session.get(ReceivedNotice, row_id, with_for_update=True)
    if row is None or row.done_at is not None:
        return None
    origins = [one for one in row.origin_ids if one != row.lti_context_id][:MOST]
    known = select(Context.id).where(Context.deployment_id == row.deployment_id, Context.lti_context_id.in_(origins))
    row.done_at, row.effect = clock.now(), NOTHING_TO_DO
    if row.lti_context_id and origins and session.scalar(known.limit(1)) is not None:
        deployment = session.get_one(Deployment, row.deployment_id)
        context = find_or_make_context(session, deployment, row.lti_context_id, row.context_title)
        if note_origin(session, context, origins):
            row.effect = CARRIED
    return row.effect


def give_up(session: Session, row_id: int) -> None:
    """A notice that cannot be worked off is let go: the first launch of the copy does the same."""
    row = session.get(ReceivedNotice, row_id, with_for_update=True)
    if row is not None and row.done_at is None:
        row.done_at, row.effect = clock.now(), FAILED
