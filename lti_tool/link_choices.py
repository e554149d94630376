"""What a link opens that was made by hand in the platform, without naming an item of ours: an instructor says it here.

Until somebody has, such a link opens the whole course, which is of use to students at once; what they do there then
fixes it, because their attempts and grades belong to the link.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Attempt, Placement
from lti_tool.course_copies import context_history, link_history
from lti_tool.item_choice import Catalog, ChosenItem, NotPlaced
from lti_tool.launch import Launch
from lti_tool.link_repairs import repaired
from lti_tool.models import Context, Deployment, ResourceLink


class LinkIsFixed(Exception):
    """The link names its item itself, or students have worked through it: it cannot be pointed elsewhere here."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a launch opens. `own_choice`: what was chosen here for a link that names nothing itself, if anything was."""

    item: ChosenItem
    is_named: bool
    own_choice: ChosenItem | None = None


def opening_of(
    session: Session, launch: Launch, named: ChosenItem | NotPlaced, catalog: Catalog
) -> Opening | NotPlaced:
    """What a link opens that names this: what it is mended to, else what it names, else what was chosen for it."""
    if isinstance(named, NotPlaced) or named.is_named:
        instead = repaired(session, launch, named, catalog)
        if instead is not None:
            return Opening(instead, is_named=True)
        return named if isinstance(named, NotPlaced) else Opening(named, is_named=True)
    chosen = chosen_for(session, launch, catalog)
    return Opening(chosen or named, is_named=False, own_choice=chosen)


def chosen_for(session: Session, launch: Launch, catalog: Catalog) -> ChosenItem | None:
    """What an instructor has chosen for the link of `launch`, or for the one that it was copied from, if that is still
    in our courses."""
    link = session.scalar(
        select(ResourceLink)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(
            Deployment.registration_id == launch.registration_id,
            Deployment.deployment_id == launch.deployment_id,
            Context.lti_context_id == launch.context_id,
            ResourceLink.lti_resource_link_id == launch.resource_link_id,
        )
    )
    if link is not None and link.chosen_course_id is not None:
        return _if_there(catalog, link.chosen_course_id, link.chosen_item_id)
    if link is not None and has_work(session, link.placement_id):
        return None
    return _inherited(session, launch, catalog)


def _if_there(catalog: Catalog, course_id: str, item_id: str | None) -> ChosenItem | None:
    is_there = catalog.has_course(course_id) if item_id is None else catalog.has_item(course_id, item_id)
    return ChosenItem(course_id, item_id) if is_there else None


def _inherited(session: Session, launch: Launch, catalog: Catalog) -> ChosenItem | None:
    """What the link opens that this one was copied from. Ids of links are unique in their course alone: of several
    with one id, only that of a course which the launch names counts."""
    ids = link_history(launch)
    if not ids:
        return None
    rows = session.execute(
        select(ResourceLink, Context.lti_context_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(
            Deployment.registration_id == launch.registration_id,
            Deployment.deployment_id == launch.deployment_id,
            ResourceLink.lti_resource_link_id.in_(ids),
        )
    ).all()
    related = {launch.context_id, *context_history(launch)}
    for wanted in ids:
        same = [row for row in rows if row.ResourceLink.lti_resource_link_id == wanted]
        close = [row for row in same if row.lti_context_id in related]
        found = close if close else same
        if len(found) == 1 and (opened := _opened_by(found[0].ResourceLink)):
            return _if_there(catalog, *opened)
    return None


def _opened_by(link: ResourceLink) -> tuple[str, str | None] | None:
    if not link.is_unnamed:
        return link.placement.course_id, link.placement.item_id
    return (link.chosen_course_id, link.chosen_item_id) if link.chosen_course_id is not None else None


def note_link(link: ResourceLink, launch: Launch, opening: Opening) -> None:
    """Remember whether the link says itself what it opens, and what was chosen for one that it was copied from. A menu
    entry of a whole course (Canvas's course navigation has the course's own id for its link) is meant for all of it and
    needs no choice."""
    link.is_unnamed = not opening.is_named and launch.resource_link_id != launch.context_id
    if opening.own_choice is not None:
        link.chosen_course_id, link.chosen_item_id = opening.own_choice.course_id, opening.own_choice.item_id


def link_of(session: Session, placement_id: int) -> ResourceLink | None:
    """The platform's link of a placement."""
    return session.scalar(select(ResourceLink).where(ResourceLink.placement_id == placement_id))


def has_work(session: Session, placement_id: int) -> bool:
    """Whether a student has begun anything whose grade belongs to the link."""
    work = select(Attempt.id).where(Attempt.placement_id == placement_id, Attempt.is_preview.is_(False))
    return session.scalar(work.limit(1)) is not None


def needs_choice(session: Session, placement_id: int) -> bool:
    """Whether an instructor should be asked what the link opens."""
    link = link_of(session, placement_id)
    return (
        link is not None
        and link.is_unnamed
        and link.chosen_course_id is None
        and not has_work(session, link.placement_id)
    )


def choose_for_link(session: Session, placement: Placement, course_id: str, item_id: str | None) -> None:
    """Let the link open this item (None: the whole course) from now on, for everyone. Raises `LinkIsFixed`."""
    link = link_of(session, placement.id)
    if link is None or not link.is_unnamed or has_work(session, placement.id):
        raise LinkIsFixed
    link.chosen_course_id, link.chosen_item_id = course_id, item_id
    placement.course_id, placement.item_id = course_id, item_id
