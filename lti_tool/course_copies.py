"""Courses that were copied in the platform: which one a context comes from, and what comes along with it.

A copy has a new context id and new link ids, so its placements, attempts, progress and columns are its own from the
first launch on. What an instructor had set is worth keeping: the rules of the original hold in the copy too, its
accommodations do not, because those are people's. A history is the platform's word, or that of whoever edits a link's
custom parameters there: it reaches no further than the deployment it comes from.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.models import Attempt, Placement, PolicyOverride
from lti_tool.claims import MAX_TEXT
from lti_tool.launch import Launch
from lti_tool.models import Context

MOST = 100  # ids of a history that are looked at
TRUNCATED = "truncated"  # what Canvas ends a list with that was too long


def context_history(launch: Launch) -> tuple[str, ...]:
    """The ids of the courses that the launch's course was copied from, newest first (`$Context.id.history`)."""
    return tuple(one for one in _ids(launch.custom.get("context_history", "")) if one != launch.context_id)


def link_history(launch: Launch) -> tuple[str, ...]:
    """The ids of the links that the launched link was copied from, newest first (`$ResourceLink.id.history`)."""
    return tuple(one for one in _ids(launch.custom.get("link_history", "")) if one != launch.resource_link_id)


def _ids(text: str) -> list[str]:
    ids = [one.strip() for one in text.split(",")]
    if len(text) >= MAX_TEXT:
        ids.pop()  # the text was cut: half an id is the id of something else
    return [one for one in ids if one and one != TRUNCATED][:MOST]


def note_copy(session: Session, launch: Launch, context: Context) -> None:
    """`note_origin`, by what a launch says of its course."""
    if launch.context_id:
        note_origin(session, context, context_history(launch))


def note_origin(session: Session, context: Context, history: Sequence[str]) -> bool:
    """Remember what `context` was copied from, if this is the first to say so, and carry that course's rules over.
    `history`: the platform's ids of what it was copied from, newest first. True if it was news.

    A context where students have begun, or where somebody has set rules, keeps its own: rules that changed under work
    could change grades.
    """
    origin = _origin(session, context, history) if context.copied_from_id is None else None
    if origin is None:
        return False
    session.flush()
    # A class opens the copy in the same minute. Links that are being made refer to the row and may go on doing so.
    known = select(Context.copied_from_id).where(Context.id == context.id).with_for_update(key_share=True)
    if session.scalar(known) is not None:
        return False
    context.copied_from_id, context.copied_at = origin.id, clock.now()
    if not _is_in_use(session, context):
        _carry_rules(session, origin, context)
    session.flush()
    return True


def _origin(session: Session, context: Context, history: Sequence[str]) -> Context | None:
    if not history:
        return None
    known = {
        one.lti_context_id: one
        for one in session.scalars(
            select(Context).where(Context.deployment_id == context.deployment_id, Context.lti_context_id.in_(history))
        )
    }
    return next((known[one] for one in history if one in known), None)


def key_of(context: Context) -> str:
    """What the placements of a context have in common."""
    return f"context-{context.id}"


def _is_in_use(session: Session, context: Context) -> bool:
    rules = select(PolicyOverride.item_id).where(PolicyOverride.context_key == key_of(context))
    work = (
        select(Attempt.id)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(Placement.context_key == key_of(context), Attempt.is_preview.is_(False))
    )
    return any(session.scalar(one.limit(1)) is not None for one in (rules, work))


def _carry_rules(session: Session, origin: Context, copy: Context) -> None:
    rules = select(PolicyOverride).where(PolicyOverride.context_key == key_of(origin))
    for one in session.scalars(rules).all():
        session.add(
            PolicyOverride(
                context_key=key_of(copy),
                course_id=one.course_id,
                item_id=one.item_id,
                values=dict(one.values),
                changed_at=clock.now(),
            )
        )
