"""Links that name what is not here, or not what an instructor wants, and what they open instead.

What a link names stands in the platform, where a copied course brings it along and an instructor often cannot change
it. So it is mended here: by the very name, so that a link that is corrected in the platform is as good as any other,
and one that is copied once more stays mended in the copy.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config import clock
from lti_tool.admission import admit_context
from lti_tool.claims import is_storable
from lti_tool.course_copies import context_history
from lti_tool.item_choice import Catalog, ChosenItem, NotPlaced
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LinkRepair, ResourceLink

MAX_NAME = 255  # characters that are kept of what a link names


def repaired(session: Session, launch: Launch, named: ChosenItem | NotPlaced, catalog: Catalog) -> ChosenItem | None:
    """What an instructor lets a link open instead of what it names, if that is still in our courses.

    A repair of the link itself goes before those of the courses that its own was copied from, the newest first.
    """
    history = context_history(launch)
    rows = session.execute(
        select(LinkRepair, Context.lti_context_id)
        .join(Context, Context.id == LinkRepair.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(
            Deployment.registration_id == launch.registration_id,
            Deployment.deployment_id == launch.deployment_id,
            LinkRepair.chosen_course_id.is_not(None),
            or_(
                (Context.lti_context_id == launch.context_id)
                & (LinkRepair.lti_resource_link_id == launch.resource_link_id),
                Context.lti_context_id.in_(history),
            ),
        )
        .order_by(LinkRepair.id)
    ).all()
    ranks = {context_id: rank for rank, context_id in enumerate((launch.context_id, *history))}
    fitting = [row for row in rows if _name_of(named) == (row.LinkRepair.named_course_id, row.LinkRepair.named_item_id)]
    for repair, _ in sorted(fitting, key=lambda row: ranks[row.lti_context_id]):
        course_id, item_id = repair.chosen_course_id or "", repair.chosen_item_id
        if catalog.has_course(course_id) if item_id is None else catalog.has_item(course_id, item_id):
            return ChosenItem(course_id, item_id)
    return None


def note_stray(session: Session, launch: Launch, named: NotPlaced) -> None:
    """Remember a link that names what is not here, so that an instructor finds it among the others."""
    course_id, item_id = _name_of(named)
    if not is_storable(course_id + (item_id or "")):
        return
    context = admit_context(session, launch)
    row = repair_of(session, context.id, launch.resource_link_id)
    if row is None:
        row = LinkRepair(context_id=context.id, lti_resource_link_id=launch.resource_link_id)
        session.add(row)
    if (row.named_course_id, row.named_item_id) != (course_id, item_id):
        row.named_course_id, row.named_item_id = course_id, item_id
        row.chosen_course_id = row.chosen_item_id = None
    if launch.resource_link_title:
        row.title = launch.resource_link_title
    row.seen_at = clock.now()
    session.flush()


def note_good(session: Session, link: ResourceLink, named: ChosenItem | NotPlaced) -> None:
    """Forget a repair of a link that names something else since: it has been corrected in the platform."""
    row = repair_of(session, link.context_id, link.lti_resource_link_id)
    if row is not None and (row.named_course_id, row.named_item_id) != _name_of(named):
        session.delete(row)


def repair(row: LinkRepair, course_id: str, item_id: str | None) -> None:
    """Let the link open this item (None: the whole course) as long as it names what it names now."""
    row.chosen_course_id, row.chosen_item_id = course_id, item_id


def redirect_link(session: Session, link: ResourceLink, course_id: str, item_id: str | None) -> None:
    """Let a link that opens what it names open something else from now on, for everyone."""
    placement = link.placement
    row = repair_of(session, link.context_id, link.lti_resource_link_id)
    if row is None:
        row = LinkRepair(
            context_id=link.context_id,
            lti_resource_link_id=link.lti_resource_link_id,
            title=link.title,
            named_course_id=placement.course_id,
            named_item_id=placement.item_id,
            seen_at=placement.opened_at or placement.created_at,
        )
        session.add(row)
    repair(row, course_id, item_id)
    placement.course_id, placement.item_id = course_id, item_id
    session.flush()


def repair_of(session: Session, context_id: int, lti_resource_link_id: str) -> LinkRepair | None:
    """The row of a link, if there is one."""
    return session.scalar(
        select(LinkRepair).where(
            LinkRepair.context_id == context_id, LinkRepair.lti_resource_link_id == lti_resource_link_id
        )
    )


def _name_of(named: ChosenItem | NotPlaced) -> tuple[str, str | None]:
    return named.course_id[:MAX_NAME], None if named.item_id is None else named.item_id[:MAX_NAME]
