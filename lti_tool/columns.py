"""Gradebook columns as launches name them (AGS §3.1), and what follows when one moves, is replaced or is taken over."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from config import clock
from config.database import changed_rows
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LineItem, OutboxScore, ResourceLink
from lti_tool.outbox import DELIVERED, PENDING, STUCK

RECENT = timedelta(minutes=10)


def note_column(session: Session, launch: Launch, link: ResourceLink, item_id: str) -> LineItem | None:
    """Keep what the launch says of the column for an item of the link; None when no launch has named one yet.

    A launch that names no column makes no row; of a known one it renews what it does say. (Moodle names a link's
    column only while there is exactly one, so silence does not mean that the column is gone.)
    """
    line_item = _find(session, link, item_id)
    if launch.line_item_url and line_item is None:
        line_item = find_or_make(session, link, item_id)
    if line_item is None:
        return None
    if launch.line_item_url or launch.line_items_url:
        line_item.container_url, line_item.scopes = launch.line_items_url, list(launch.ags_scopes)
        line_item.updated_at = clock.now()
    if launch.line_item_url:
        before, line_item.url = line_item.url, launch.line_item_url
        session.flush()
        take_from_others(session, launch.registration_id, line_item)
        if before not in (None, line_item.url):
            # Another address is most likely another column, and empty: everybody's newest score is owed to it.
            send_again(session, OutboxScore.line_item_id == line_item.id)
    link.placement.takes_grades = line_item.url is not None
    return line_item


def names_foreign_column(session: Session, launch: Launch) -> bool:
    """Whether the column that a launch names is known as that of another of the platform's courses.

    A copied link may still carry the address of the original's column: grades earned in the copy have no business
    there. The same course seen through another deployment is no other course.
    """
    if launch.line_item_url is None:
        return False
    query = (
        select(LineItem.id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(
            Deployment.registration_id == launch.registration_id,
            LineItem.url == launch.line_item_url,
            Context.lti_context_id != launch.context_id,
        )
    )
    return session.scalar(query.limit(1)) is not None


def _find(session: Session, link: ResourceLink, item_id: str) -> LineItem | None:
    return session.scalar(select(LineItem).where(LineItem.resource_link_id == link.id, LineItem.item_id == item_id))


def find_or_make(session: Session, link: ResourceLink, item_id: str) -> LineItem | None:
    """The row of a link's item. None only if another launch was faster and its transaction hides it from this one."""
    found = _find(session, link, item_id)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            made = LineItem(resource_link=link, item_id=item_id, updated_at=clock.now())
            session.add(made)
            session.flush()
            return made
    except IntegrityError:  # another launch of the class was faster
        return _find(session, link, item_id)


def take_from_others(session: Session, registration_id: int, line_item: LineItem) -> None:
    """One column holds one item's grades: whoever had it before (the link led elsewhere then) has it no more.

    Their waiting scores would otherwise land in it, on top of the right ones.
    """
    links = (
        select(ResourceLink.id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(Deployment.registration_id == registration_id)
    )
    others = select(LineItem).where(
        LineItem.url == line_item.url, LineItem.id != line_item.id, LineItem.resource_link_id.in_(links)
    )
    for other in session.scalars(others):
        other.url = None
        other.resource_link.placement.takes_grades = False


def send_again(session: Session, *which: ColumnElement[bool]) -> bool:
    """Owe the newest score of each cell among `which` again; True when there is any. Should the gradebook hold it after
    all, the platform answers 409 and the gradebook settles it."""
    newer = aliased(OutboxScore)
    is_newest = (
        ~select(newer.id)
        .where(
            newer.line_item_id == OutboxScore.line_item_id,
            newer.lti_user_id == OutboxScore.lti_user_id,
            newer.timestamp > OutboxScore.timestamp,
        )
        .exists()
    )
    done = session.execute(
        update(OutboxScore)
        .where(*which, OutboxScore.state.in_((DELIVERED, STUCK)), is_newest)
        .values(state=PENDING, next_try_at=clock.now(), cause=None, tried_at=None, may_have_arrived=False)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(done) > 0


def recently_named(session: Session) -> list[LineItem]:
    """The columns that launches have named within the last `RECENT`."""
    query = select(LineItem).where(LineItem.url.is_not(None), LineItem.updated_at > clock.now() - RECENT)
    return list(session.scalars(query.order_by(LineItem.id)))
