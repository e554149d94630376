"""Launches that open one piece of work, from the gradebook.

Canvas's SpeedGrader opens the address it was given with the score; Moodle's "grade analysis" names a learner
(Submission Review). A launch of an address may name any resource link, the context's own id too, so nothing is placed
by it. The key is no secret: who launches must be an instructor of the context the work was done in, or have done it.
"""

from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.public_ids import is_public_id
from course.models import Attempt, Placement
from lti_tool.admission import lti_user_of
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LtiUser
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


def reviewed_work(session: Session, launch: Launch, placement_id: int) -> str | None:
    """The key of what the learner named by the launch handed in last at this placement; None if there is nothing."""
    return session.scalar(
        select(Attempt.key)
        .join(LtiUser, LtiUser.learner_id == Attempt.learner_id)
        .where(
            LtiUser.registration_id == launch.registration_id,
            LtiUser.sub == launch.reviewed_sub,
            Attempt.placement_id == placement_id,
            Attempt.submitted_at.is_not(None),
            Attempt.is_preview.is_(False),
        )
        .order_by(Attempt.submitted_at.desc(), Attempt.id.desc())
        .limit(1)
    )
