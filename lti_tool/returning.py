"""Those who left a course and come back. Some platforms forget the grades of whoever leaves: what we have delivered to
them is owed again when we see somebody return."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.columns import send_again
from lti_tool.models import (
    Context,
    Deployment,
    LineItem,
    LtiUser,
    OutboxScore,
    Registration,
    ResourceLink,
    RosterMember,
)
from lti_tool.platforms import platform_of
from lti_tool.roster_service import ACTIVE, GONE


def note_launch(session: Session, context_id: int, user_id: str) -> bool:
    """A launch of somebody who was gone from the roster shows that they are back. True when anything is owed again."""
    back = (
        update(RosterMember)
        .where(RosterMember.context_id == context_id, RosterMember.user_id == user_id, RosterMember.status == GONE)
        .values(status=ACTIVE)
        .returning(RosterMember.user_id)
        .execution_options(synchronize_session=False)
    )
    returned = session.scalars(back).all()
    return owe_again(session, context_id, returned)


def note_refused(session: Session, line_item_id: int, user_id: str) -> None:
    """A score was refused because they are no student there: whatever the roster said last, they have left."""
    context_id = (
        select(ResourceLink.context_id).join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .where(LineItem.id == line_item_id).scalar_subquery()
    )  # fmt: skip
    session.execute(
        update(RosterMember)
        .where(RosterMember.context_id == context_id, RosterMember.user_id == user_id)
        .values(status=GONE)
        .execution_options(synchronize_session=False)
    )


def owe_again(session: Session, context_id: int, user_ids: Collection[str]) -> bool:
    """Owe the newest score of each of a context's columns to these people again, if the platform forgets who leaves.

    Should it hold the score after all, it answers 409 and the gradebook settles it; a teacher's grade stays there.
    """
    if not user_ids:
        return False
    registration = session.scalars(
        select(Registration)
        .join(Deployment, Deployment.registration_id == Registration.id)
        .join(Context, Context.deployment_id == Deployment.id)
        .where(Context.id == context_id)
    ).one()
    if not platform_of(registration.product_family).forgets_who_leaves:
        return False
    columns = (
        select(LineItem.id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.context_id == context_id)
    )
    people = select(LtiUser.id).where(LtiUser.registration_id == registration.id, LtiUser.sub.in_(user_ids))
    return send_again(session, OutboxScore.line_item_id.in_(columns), OutboxScore.lti_user_id.in_(people))
