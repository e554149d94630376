"""Launches that open one piece of work, from the gradebook.

Canvas's SpeedGrader opens the address it was given with the score; Moodle's "grade analysis" names a learner
(Submission Review). A launch of an address may name any resource link, the context's own id too, so nothing is placed
by it. The key is no secret: who launches must be an instructor of the context the work was done in, or have done it.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.public_ids import is_public_id
from course.models import Attempt, Learner, Placement
from lti_tool.admission import lti_user_of
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LineItem, LtiUser, ResourceLink
from lti_tool.outbox import SUBMISSION_PATH
from lti_tool.roles import INSTRUCTOR
from lti_tool.sessions import Occupant


def work_key(target: str, base_url: str) -> str | None:
    """The key of the work that a launch's target opens, None for any other target."""
    path, start = urlsplit(target).path, urlsplit(base_url).path + SUBMISSION_PATH
    key = path.removeprefix(start)
    return key if path.startswith(start) and is_public_id(key) else None


def seat_at_work(session: Session, launch: Launch, key: str) -> Occupant | None:
    """The seat at the placement where the work was done; None when there is no such work for whoever launches."""
    contexts = session.scalars(
        select(Context.id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(Deployment.registration_id == launch.registration_id, Context.lti_context_id == launch.context_id)
    )
    keys = [f"context-{context_id}" for context_id in contexts] if launch.context_id else []
    attempt = session.scalar(
        select(Attempt)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(Attempt.key == key, Placement.context_key.in_(keys))
    )
    if attempt is None:
        return None
    person = lti_user_of(session, launch)
    if launch.role != INSTRUCTOR and person.learner_id != attempt.learner_id:
        return None
    return Occupant(
        placement_id=attempt.placement_id,
        learner_id=person.learner_id,
        role=launch.role,
        return_url=launch.return_url,
        locale=launch.locale,
    )


@dataclass(frozen=True, slots=True)
class Review:
    """What a gradebook's request leads to. `work` is the key of what was handed in last, None if nothing was; `item_id`
    the item that the gradebook means, None where it named no column that we know; `learner_key` whose work it is, None
    for somebody who has never been here."""

    work: str | None
    item_id: str | None
    learner_key: str | None


def seat_at_column(session: Session, launch: Launch) -> Occupant | None:
    """The seat at the placement that the launch's column belongs to; None where the context has no such column."""
    link = session.scalar(
        select(ResourceLink)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(
            Deployment.registration_id == launch.registration_id,
            Deployment.deployment_id == launch.deployment_id,
            Context.lti_context_id == launch.context_id,
            LineItem.url == launch.line_item_url,
        )
        .limit(1)
    )
    if link is None:
        return None
    return Occupant(
        placement_id=link.placement_id,
        learner_id=lti_user_of(session, launch).learner_id,
        role=launch.role,
        return_url=launch.return_url,
        locale=launch.locale,
    )


def review_of(session: Session, launch: Launch, placement_id: int) -> Review:
    """What the learner named by the launch handed in last, of the item that its column or else its link is for.

    The link may be one to the whole course, or not the one they worked at: so all of the context is looked through.
    """
    placement = session.get_one(Placement, placement_id)
    item_id = placement.item_id or _item_of_column(session, launch, placement)
    learner = session.scalar(
        select(Learner)
        .join(LtiUser, LtiUser.learner_id == Learner.id)
        .where(LtiUser.registration_id == launch.registration_id, LtiUser.sub == launch.reviewed_sub)
    )
    if learner is None:
        return Review(None, item_id, None)
    work = (
        select(Attempt.key)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(
            Placement.context_key == placement.context_key,
            Placement.course_id == placement.course_id,
            Attempt.learner_id == learner.id,
            Attempt.submitted_at.is_not(None),
            Attempt.is_preview.is_(False),
        )
        .order_by(Attempt.submitted_at.desc(), Attempt.id.desc())
    )
    if item_id is not None:
        work = work.where(Attempt.item_id == item_id)
    return Review(session.scalar(work.limit(1)), item_id, learner.key)


def _item_of_column(session: Session, launch: Launch, placement: Placement) -> str | None:
    return session.scalar(
        select(LineItem.item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.placement_id == placement.id, LineItem.url == launch.line_item_url)
    )
