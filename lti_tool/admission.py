"""Making a launch's people and places known to us: found, or made on the first launch that names them.

A class of 300 opens a new link in the same minute. Every row is therefore looked for, made within a savepoint, and
looked for again if a unique constraint says that another launch was faster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from course.models import Learner, Placement
from lti_tool.item_choice import ChosenItem
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LineItem, LtiUser, Registration, ResourceLink
from lti_tool.registrations import ACCEPT, ensure_deployment

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Admission:
    """Who came in, and where to. `role` is "instructor" or "learner", for this placement."""

    placement: Placement
    learner: Learner
    lti_user: LtiUser
    resource_link: ResourceLink
    role: str


def admit(session: Session, launch: Launch, *, course_id: str, item_id: str | None) -> Admission:
    """Find or make the rows of a validated `launch` that opens `item_id` of `course_id` (None: all of it).

    A known link whose item has changed keeps its placement, and the placement follows: the instructor pointed the
    same link elsewhere, and attempts name their item themselves, so nothing that was done is lost or mixed up.
    Titles and names follow the launch, except that one which is not sent any more is kept.
    """
    registration = session.get_one(Registration, launch.registration_id)
    if launch.product_family and registration.product_family != launch.product_family:
        registration.product_family = launch.product_family
    # Whether an unknown deployment is welcome was decided when the launch was validated.
    deployment = ensure_deployment(session, registration, launch.deployment_id, ACCEPT)
    context = _context(session, launch, deployment)
    link = _resource_link(session, launch, context, ChosenItem(course_id, item_id))
    lti_user = _lti_user(session, launch)
    if item_id is not None:
        _note_line_item(session, launch, link, item_id)
    session.flush()
    return Admission(link.placement, lti_user.learner, lti_user, link, launch.role)


def _find_or_make(session: Session, find: Callable[[], Row | None], make: Callable[[], Row]) -> Row:
    found = find()
    if found is not None:
        return found
    try:
        with session.begin_nested():
            return make()
    except IntegrityError:
        found = find()  # what the faster launch made
        if found is None:
            raise
        return found


def _context(session: Session, launch: Launch, deployment: Deployment) -> Context:
    def find() -> Context | None:
        return session.scalar(
            select(Context).where(Context.deployment_id == deployment.id, Context.lti_context_id == launch.context_id)
        )

    def make() -> Context:
        made = Context(deployment=deployment, lti_context_id=launch.context_id, created_at=clock.now())
        session.add(made)
        session.flush()
        return made

    context = _find_or_make(session, find, make)
    if launch.context_title:
        context.title = launch.context_title
    return context


def _resource_link(session: Session, launch: Launch, context: Context, place: ChosenItem) -> ResourceLink:
    def find() -> ResourceLink | None:
        return session.scalar(
            select(ResourceLink).where(
                ResourceLink.context_id == context.id, ResourceLink.lti_resource_link_id == launch.resource_link_id
            )
        )

    def make() -> ResourceLink:
        now = clock.now()
        placement = Placement(
            course_id=place.course_id, item_id=place.item_id, context_key=f"context-{context.id}", created_at=now
        )
        link = ResourceLink(
            context=context, lti_resource_link_id=launch.resource_link_id, placement=placement, created_at=now
        )
        session.add_all([placement, link])
        session.flush()
        if not launch.context_id:
            # Links outside any course have nothing in common: progress in one says nothing about another.
            placement.context_key = f"link-{link.id}"
            session.flush()
        return link

    link = _find_or_make(session, find, make)
    link.placement.course_id, link.placement.item_id = place.course_id, place.item_id
    if launch.resource_link_title:
        link.title = launch.resource_link_title
    return link


def _lti_user(session: Session, launch: Launch) -> LtiUser:
    def find() -> LtiUser | None:
        return session.scalar(
            select(LtiUser).where(LtiUser.registration_id == launch.registration_id, LtiUser.sub == launch.sub)
        )

    def make() -> LtiUser:
        now = clock.now()
        made = LtiUser(
            registration_id=launch.registration_id, sub=launch.sub, learner=Learner(created_at=now), created_at=now
        )
        session.add(made)
        session.flush()
        return made

    lti_user = _find_or_make(session, find, make)
    if launch.name:
        lti_user.name = launch.name
    return lti_user


def _note_line_item(session: Session, launch: Launch, link: ResourceLink, item_id: str) -> None:
    """Keep what the launch says of the gradebook column (AGS §3.1): addresses are always those of the last launch.

    A launch that names no column makes no row; of a known one it renews what it does say. (Moodle names a link's
    column only while there is exactly one, so silence does not mean that the column is gone.)
    """

    def find() -> LineItem | None:
        return session.scalar(select(LineItem).where(LineItem.resource_link_id == link.id, LineItem.item_id == item_id))

    def make() -> LineItem:
        made = LineItem(resource_link=link, item_id=item_id, updated_at=clock.now())
        session.add(made)
        session.flush()
        return made

    line_item = _find_or_make(session, find, make) if launch.line_item_url else find()
    if line_item is None or not (launch.line_item_url or launch.line_items_url):
        return
    line_item.url = launch.line_item_url or line_item.url
    line_item.container_url, line_item.scopes = launch.line_items_url, list(launch.ags_scopes)
    line_item.updated_at = clock.now()
