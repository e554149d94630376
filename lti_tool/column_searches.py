"""Columns that no launch has named, as rows: which are wanted, who looks for one, and what became of it.

A link may come without a column of its own: Moodle names none where there are two, Canvas none outside assignments, and
a link to the whole course has one for each graded item only if we make them. So each wanted column is a row with a
lease, as a score is: whoever holds it looks on the platform first and makes a column only if there is none.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from course.models import Placement
from lti_tool.columns import find_or_make, take_from_others
from lti_tool.launch import Launch
from lti_tool.line_items import SCOPE_LINE_ITEM
from lti_tool.models import ColumnSearch, Context, Deployment, LineItem, OutboxScore, ResourceLink
from lti_tool.outbox import NO_LINE_ITEM, PENDING, STUCK
from lti_tool.permission import may_be_told
from lti_tool.roles import INSTRUCTOR

# Longer than a call may take: a column that a killed worker has asked for is there before the next one looks.
LEASE = timedelta(seconds=40)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=1)
MOST_TRIES = 40
GONE = "column_gone"


@dataclass(frozen=True, slots=True)
class Search:
    """A claimed row as plain values. `url`: where the column is, None while it is to be found. `link_id`: the link's id
    on the platform, None for one to the whole course. `taken`: addresses that hold other grades of ours."""

    line_item_id: int
    owner: str
    registration_id: int
    container_url: str
    url: str | None
    link_id: str | None
    wanted: dict[str, Any]
    made: dict[str, Any] | None
    taken: frozenset[str]


def want_columns(session: Session, launch: Launch, link: ResourceLink, wanted: Mapping[str, dict[str, Any]]) -> bool:
    """Note which columns a launched link needs: item id → line item. True when a worker has something to do at once.

    Nothing is wanted where the platform lets us make none, or has named the column itself. Of a link to the whole
    course, an item that is placed here by a link of its own with a column is that link's.
    """
    if not launch.line_items_url or SCOPE_LINE_ITEM not in launch.ags_scopes:
        return False
    if link.placement.item_id is not None and launch.line_item_url:
        return False
    elsewhere = _graded_elsewhere(session, link.placement)
    has_work = False
    for item_id, column in wanted.items():
        if item_id not in elsewhere:
            has_work |= _want(session, launch, link, item_id, column)
    return has_work


def _graded_elsewhere(session: Session, placement: Placement) -> set[str]:
    if placement.item_id is not None:
        return set()
    query = select(Placement.item_id).where(
        Placement.context_key == placement.context_key,
        Placement.course_id == placement.course_id,
        Placement.item_id.is_not(None),
        Placement.takes_grades.is_(True),
    )
    return {item_id for item_id in session.scalars(query) if item_id is not None}


def _want(session: Session, launch: Launch, link: ResourceLink, item_id: str, column: dict[str, Any]) -> bool:
    line_item = find_or_make(session, link, item_id)
    if line_item is None:
        return False
    search = session.get(ColumnSearch, line_item.id)
    if search is None and line_item.url is not None:
        return False  # a launch named it once, and it is the instructor's
    line_item.container_url, line_item.scopes = launch.line_items_url, list(launch.ags_scopes)
    line_item.updated_at = clock.now()
    if search is None:
        search = ColumnSearch(line_item_id=line_item.id, wanted=column, next_try_at=clock.now())
        with suppress(IntegrityError), session.begin_nested():  # another launch of the class was faster
            session.add(search)
        return True
    is_to_change = search.made is not None and search.wanted != column
    search.wanted = column
    has_failed = line_item.url is None and search.next_try_at is None
    # A column that was taken out of the gradebook comes back only when an instructor comes by.
    if is_to_change or (has_failed and (search.cause != GONE or launch.role == INSTRUCTOR)):
        search.next_try_at, search.tries = clock.now(), 0
        return True
    return False


def due_ids(session: Session, limit: int = 200) -> list[int]:
    """The line items that a worker is to look for or change now."""
    now = clock.now()
    query = select(ColumnSearch.line_item_id).where(
        ColumnSearch.next_try_at <= now,
        or_(ColumnSearch.lease_until.is_(None), ColumnSearch.lease_until <= now),
        may_be_told(ColumnSearch.line_item_id),
    )
    return list(session.scalars(query.order_by(ColumnSearch.next_try_at).limit(limit)))


def claim(session: Session, line_item_id: int) -> Search | None:
    """Lease a due row; None when it is not due, or somebody else's."""
    now, owner = clock.now(), secrets.token_hex(8)
    claimed = session.execute(
        update(ColumnSearch)
        .where(
            ColumnSearch.line_item_id == line_item_id,
            ColumnSearch.next_try_at <= now,
            or_(ColumnSearch.lease_until.is_(None), ColumnSearch.lease_until <= now),
            may_be_told(ColumnSearch.line_item_id),
        )
        .values(lease_until=now + LEASE, lease_owner=owner)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(claimed):
        return None
    search = session.get_one(ColumnSearch, line_item_id, populate_existing=True)
    line_item = search.line_item
    link = line_item.resource_link
    registration_id = link.context.deployment.registration_id
    if line_item.container_url is None:
        search.next_try_at = search.lease_until = None
        return None
    return Search(
        line_item_id=line_item_id,
        owner=owner,
        registration_id=registration_id,
        container_url=line_item.container_url,
        url=line_item.url,
        link_id=None if link.placement.item_id is None else link.lti_resource_link_id,
        wanted=dict(search.wanted),
        made=None if search.made is None else dict(search.made),
        taken=_taken(session, line_item, registration_id),
    )


def _taken(session: Session, line_item: LineItem, registration_id: int) -> frozenset[str]:
    query = (
        select(LineItem.url)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(LineItem.url.is_not(None), LineItem.id != line_item.id)
        .where(Deployment.registration_id == registration_id)
    )
    return frozenset(url for url in session.scalars(query) if url)


def note_found(session: Session, search: Search, url: str, made: dict[str, Any] | None) -> bool:
    """The column is known, and as wanted. False when another one has become the item's meanwhile: then this one, if we
    have made it, is nobody's. Scores that waited for a column set out."""
    row = session.get_one(ColumnSearch, search.line_item_id, with_for_update=True)
    line_item = session.get_one(LineItem, search.line_item_id, with_for_update=True)
    if row.lease_owner == search.owner:
        row.lease_until = row.lease_owner = None
    if line_item.url not in {None, url}:
        return False
    row.next_try_at = None if row.wanted == search.wanted else clock.now()
    row.tries, row.cause, row.made = 0, None, made
    line_item.url = url
    session.flush()
    take_from_others(session, search.registration_id, line_item)
    placement = line_item.resource_link.placement
    placement.takes_grades = placement.item_id is not None or not _graded_elsewhere(session, placement)
    session.execute(
        update(OutboxScore)
        .where(OutboxScore.line_item_id == line_item.id)
        .where(OutboxScore.state == STUCK, OutboxScore.cause == NO_LINE_ITEM)
        .values(state=PENDING, next_try_at=clock.now(), cause=None, tried_at=None)
        .execution_options(synchronize_session=False)
    )
    return True


def note_failed(session: Session, search: Search, cause: str, *, is_retryable: bool) -> None:
    """The platform did not do as asked. Without hope it is left until a launch, which may bring other rights."""
    row = session.get_one(ColumnSearch, search.line_item_id, with_for_update=True)
    if row.lease_owner != search.owner:
        return
    row.lease_until = row.lease_owner = None
    row.cause = cause[:40]
    row.tries += 1
    is_tried = is_retryable and row.tries < MOST_TRIES
    wait = min(FIRST_RETRY * 2 ** min(row.tries - 1, 16), LONGEST_RETRY)
    row.next_try_at = clock.now() + wait if is_tried else None


def note_gone(session: Session, line_item_id: int, url: str) -> None:
    """The platform has no such column any more. Only of one that we look for ourselves: any other a launch names."""
    row = session.get(ColumnSearch, line_item_id, with_for_update=True)
    line_item = session.get_one(LineItem, line_item_id)
    if row is not None and line_item.url == url:
        line_item.url, row.made, row.cause, row.next_try_at = None, None, GONE, None


def renew_leases(session: Session, owners: list[str]) -> None:
    """Hold on to rows whose calls are still running."""
    session.execute(
        update(ColumnSearch).where(ColumnSearch.lease_owner.in_(owners)).values(lease_until=clock.now() + LEASE)
    )
