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
from lti_tool.columns import note_column
from lti_tool.course_copies import note_copy
from lti_tool.item_choice import ChosenItem
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LineItem, LtiUser, Registration, ResourceLink
from lti_tool.registrations import ACCEPT, ensure_deployment
from lti_tool.rosters import note_service

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Admission:
    """Who came in, where to, and which column is theirs there. `role` is "instructor" or "learner"."""

    placement: Placement
    learner: Learner
    lti_user: LtiUser
    resource_link: ResourceLink
    role: str
    line_item: LineItem | None


def admit(
    session: Session, launch: Launch, *, course_id: str, item_id: str | None, column_item_id: str | None = None
) -> Admission:
    """Find or make the rows of a validated `launch` that opens `item_id` of `course_id` (None: all of it).

    `column_item_id`: whose grades a column named by a launch of the whole course holds, if that is beyond doubt.

    A known link whose item has changed keeps its placement, and the placement follows: the instructor pointed the
    same link elsewhere, and attempts name their item themselves, so nothing that was done is lost or mixed up.
    Titles and names follow the launch, except that one which is not sent any more is kept.
    """
    context = admit_context(session, launch)
    note_copy(session, launch, context)
    link = _resource_link(session, launch, context, ChosenItem(course_id, item_id))
    lti_user = lti_user_of(session, launch)
    link.placement.opened_at = clock.now()
    note_service(session, context, launch.memberships_url)
    graded_item_id = item_id or column_item_id
    line_item = note_column(session, launch, link, graded_item_id) if graded_item_id else None
    session.flush()
    return Admission(link.placement, lti_user.learner, lti_user, link, launch.role, line_item)


def admit_context(session: Session, launch: Launch) -> Context:
    """Find or make the platform's course that a validated `launch` comes from, and note what kind of platform it is."""
    registration = session.get_one(Registration, launch.registration_id)
    if launch.product_family and registration.product_family != launch.product_family:
        registration.product_family = launch.product_family
    # Whether an unknown deployment is welcome was decided when the launch was validated.
    deployment = ensure_deployment(session, registration, launch.deployment_id, ACCEPT)
    return find_or_make_context(session, deployment, launch.context_id, launch.context_title)


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


def find_or_make_context(session: Session, deployment: Deployment, lti_context_id: str, title: str) -> Context:
    """A course of the platform's, by its id there; its title follows, except that one which is not sent is kept."""

    def find() -> Context | None:
        return session.scalar(
            select(Context).where(Context.deployment_id == deployment.id, Context.lti_context_id == lti_context_id)
        )

    def make() -> Context:
        made = Context(deployment=deployment, lti_context_id=lti_context_id, created_at=clock.now())
        session.add(made)
        session.flush()
        return made

    context = _find_or_make(session, find, make)
    if title:
        context.title = title
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


def lti_user_of(session: Session, launch: Launch) -> LtiUser:
    """Whoever launches, found or made; their name follows the launch."""

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
