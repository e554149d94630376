"""All links to us in a context: what they open, whether their grades have a column, and which of them point elsewhere.

Somewhere else is: an item that is not here; another course than the rest of the context; another context's column.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.models import Placement, PolicyOverride
from course.policy_values import MOMENTS, moment
from lti_tool.course_copies import key_of
from lti_tool.item_choice import Catalog
from lti_tool.link_choices import LinkIsFixed, has_work
from lti_tool.link_repairs import redirect_link, repair
from lti_tool.models import ColumnSearch, Context, LineItem, LinkRepair, ResourceLink
from lti_tool.rosters import context_id_of

NOWHERE, OTHER_COURSE, FOREIGN_COLUMN = "nowhere", "other_course", "foreign_column"


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A link. `key` names it in addresses. `columns`: how many of the gradebook are known to be its own; `seeks`: that
    one is being looked for. `trouble` is one of the words above, or None; `is_mended`: what it opens was chosen here.
    """

    key: str
    title: str
    course_id: str
    item_id: str | None
    columns: int
    seeks: bool
    opened_at: datetime | None
    trouble: str | None
    is_mended: bool

    @property
    def can_be_pointed(self) -> bool:
        """Whether an instructor may choose what it opens."""
        return self.is_mended or self.trouble in {NOWHERE, OTHER_COURSE}


@dataclass(frozen=True, slots=True)
class PastDate:
    """A rule of a copied course that was over already when the course was copied; `rule` as course.yaml calls it."""

    course_id: str
    item_id: str
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """That a context is a copy of another: the original's title, and the dates that came along from the past."""

    title: str
    past: tuple[PastDate, ...]


def links_of(session: Session, context_key: str, catalog: Catalog) -> list[LinkEntry]:
    """Every link of a context, those that point elsewhere first, else in the order they were first opened."""
    links = session.scalars(
        select(ResourceLink)
        .join(Placement, Placement.id == ResourceLink.placement_id)
        .where(Placement.context_key == context_key)
        .order_by(ResourceLink.id)
    ).all()
    mine = select(LinkRepair).where(LinkRepair.context_id == context_id_of(context_key)).order_by(LinkRepair.id)
    repairs = {row.lti_resource_link_id: row for row in session.scalars(mine)}
    odd = _odd_courses(links)
    entries = [_entry(session, link, catalog, odd, repairs.pop(link.lti_resource_link_id, None)) for link in links]
    entries += [_unopened(row, catalog) for row in repairs.values()]
    return sorted(entries, key=lambda one: one.trouble is None)


def _odd_courses(links: Sequence[ResourceLink]) -> set[str]:
    """The courses of so few links that these were hardly meant, beside one of at least three times as many."""
    counts = Counter(link.placement.course_id for link in links)
    return {course_id for course_id, count in counts.items() if count * 3 <= max(counts.values())}


def _entry(
    session: Session, link: ResourceLink, catalog: Catalog, odd: set[str], repair_row: LinkRepair | None
) -> LinkEntry:
    placement = link.placement
    course_id, item_id = placement.course_id, placement.item_id
    if repair_row is not None and repair_row.chosen_course_id is None:
        course_id, item_id = repair_row.named_course_id, repair_row.named_item_id
    columns, searches = _columns(session, link)
    trouble = None
    if not _is_here(catalog, course_id, item_id):
        trouble = NOWHERE
    elif link.refused_column_url and not columns:
        trouble = FOREIGN_COLUMN
    elif course_id in odd:
        trouble = OTHER_COURSE
    return LinkEntry(
        key=placement.key,
        title=link.title,
        course_id=course_id,
        item_id=item_id,
        columns=columns,
        seeks=any(one.next_try_at is not None for one in searches),
        opened_at=placement.opened_at or placement.created_at,
        trouble=trouble,
        is_mended=repair_row is not None and repair_row.chosen_course_id is not None,
    )


def _unopened(row: LinkRepair, catalog: Catalog) -> LinkEntry:
    """A link that nobody could open yet."""
    course_id, item_id = row.named_course_id, row.named_item_id
    if row.chosen_course_id is not None:
        course_id, item_id = row.chosen_course_id, row.chosen_item_id
    return LinkEntry(
        key=row.key,
        title=row.title,
        course_id=course_id,
        item_id=item_id,
        columns=0,
        seeks=False,
        opened_at=row.seen_at,
        trouble=None if _is_here(catalog, course_id, item_id) else NOWHERE,
        is_mended=row.chosen_course_id is not None,
    )


def _is_here(catalog: Catalog, course_id: str, item_id: str | None) -> bool:
    return catalog.has_course(course_id) if item_id is None else catalog.has_item(course_id, item_id)


def _columns(session: Session, link: ResourceLink) -> tuple[int, Sequence[ColumnSearch]]:
    """How many columns are the link's, and the searches for those it has none of yet."""
    ours = LineItem.resource_link_id == link.id
    known = session.scalars(select(LineItem.id).where(ours, LineItem.url.is_not(None))).all()
    wanted = select(ColumnSearch).join(LineItem, LineItem.id == ColumnSearch.line_item_id)
    return len(known), session.scalars(wanted.where(ours, LineItem.url.is_(None))).all()


def copy_of(session: Session, context_key: str) -> Copy | None:
    """What a context was copied from; None for one that is no copy."""
    context_id = context_id_of(context_key)
    context = session.get(Context, context_id) if context_id is not None else None
    if context is None or context.copied_from_id is None or context.copied_at is None:
        return None
    rules = select(PolicyOverride).where(PolicyOverride.context_key == key_of(context))
    dates = [
        PastDate(row.course_id, row.item_id, rule, at)
        for row in session.scalars(rules.order_by(PolicyOverride.course_id, PolicyOverride.item_id))
        for rule in MOMENTS
        if (at := moment(row.values.get(rule))) is not None and at < context.copied_at
    ]
    return Copy(session.get_one(Context, context.copied_from_id).title, tuple(dates))


def point_link(session: Session, context_key: str, entry: LinkEntry, course_id: str, item_id: str | None) -> None:
    """Let a link that points elsewhere, or was mended, open this item (None: the whole course) from now on, for all.

    Raises `LinkIsFixed` for any other, and for one where students have begun what it opens now.
    """
    if not entry.can_be_pointed:
        raise LinkIsFixed
    link = link_in(session, context_key, entry.key)
    if link is None:
        row = session.scalars(select(LinkRepair).where(LinkRepair.key == entry.key)).one()
        repair(row, course_id, item_id)
        return
    if entry.trouble != NOWHERE and has_work(session, link.placement_id):
        raise LinkIsFixed
    redirect_link(session, link, course_id, item_id)


def seek_own_column(session: Session, context_key: str, key: str) -> bool:
    """Have a link's own column looked for at once; False when its platform lets us look for none."""
    link = link_in(session, context_key, key)
    searches = _columns(session, link)[1] if link is not None else ()
    for one in searches:
        one.next_try_at, one.tries, one.cause = clock.now(), 0, None
    return bool(searches)


def link_in(session: Session, context_key: str, key: str) -> ResourceLink | None:
    """The link of a context that has the placement of this key."""
    query = select(ResourceLink).join(Placement, Placement.id == ResourceLink.placement_id)
    return session.scalar(query.where(Placement.key == key, Placement.context_key == context_key))
