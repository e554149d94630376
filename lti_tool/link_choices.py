"""What a link opens that was made by hand in the platform, without naming an item of ours: an instructor says it here.

Until somebody has, such a link opens the whole course, which is of use to students at once; what they do there then
fixes it, because their attempts and grades belong to the link.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Attempt, Placement
from lti_tool.item_choice import Catalog, ChosenItem
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, ResourceLink


class LinkIsFixed(Exception):
    """The link names its item itself, or students have worked through it: it cannot be pointed elsewhere here."""


def chosen_for(session: Session, launch: Launch, catalog: Catalog) -> ChosenItem | None:
    """What an instructor has chosen for the link of `launch`, if that is still in our courses."""
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
    if link is None or link.chosen_course_id is None:
        return None
    course_id, item_id = link.chosen_course_id, link.chosen_item_id
    is_there = catalog.has_course(course_id) if item_id is None else catalog.has_item(course_id, item_id)
    return ChosenItem(course_id, item_id) if is_there else None


def note_link(link: ResourceLink, launch: Launch, *, is_named: bool) -> None:
    """Remember whether the link says itself what it opens. A menu entry of a whole course (Canvas's course navigation
    has the course's own id for its link) is meant for all of it and needs no choice."""
    link.is_unnamed = not is_named and launch.resource_link_id != launch.context_id


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
