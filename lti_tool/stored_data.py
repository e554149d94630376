"""What is stored about a person, in kinds and numbers: never the words themselves, so that it may be shown to whoever
looks after a platform as well.

A person sees all that their platform's registration has; an administrator only what belongs to the deployment they
launched from, because one registration may serve many schools.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from course.conversations import STUDENT
from course.language_model.models import ModelCall
from course.models import (
    Accommodation,
    Attempt,
    Consent,
    Conversation,
    Placement,
    Response,
    SectionRead,
    Turn,
)
from grading.models import Appeal, Outcome
from lti_tool.models import Context, Deployment, LineItem, LtiUser, OutboxScore, Registration, ResourceLink, Seat
from lti_tool.outbox import DELIVERED


class Kind(StrEnum):
    """A kind of thing that is kept of people."""

    COURSES = "courses"
    SECTIONS = "sections"
    ATTEMPTS = "attempts"
    ANSWERS = "answers"
    LABS = "labs"
    TURNS = "turns"
    OUTCOMES = "outcomes"
    APPEALS = "appeals"
    CONSENTS = "consents"
    ACCOMMODATIONS = "accommodations"
    MODEL_CALLS = "model_calls"
    GRADES_SENT = "grades_sent"


@dataclass(frozen=True, slots=True)
class StoredData:
    """How much of each kind is stored about somebody. `has_name`: whether their name is; `has_language`: whether they
    have chosen one for the pages."""

    platform: str
    is_known: bool
    has_name: bool = False
    has_language: bool = False
    counts: Mapping[Kind, int] | None = None

    def count(self, kind: Kind) -> int:
        """How many of a kind there are."""
        return (self.counts or {}).get(kind, 0)


def stored_about(session: Session, registration_id: int, sub: str, *, deployment_id: str | None = None) -> StoredData:
    """What is stored about the person whom the platform knows as `sub`; with `deployment_id` (the platform's) only what
    belongs to its places, and then somebody without anything there is unknown."""
    registration = session.get_one(Registration, registration_id)
    person = session.scalar(select(LtiUser).where(LtiUser.registration_id == registration_id, LtiUser.sub == sub))
    if person is None:
        return StoredData(registration.name, is_known=False)
    counts = {
        kind: session.scalar(query) or 0
        for kind, query in _queries(person, _placements(registration_id, deployment_id)).items()
    }
    if deployment_id is not None and not any(counts.values()):
        return StoredData(registration.name, is_known=False)
    return StoredData(
        registration.name,
        is_known=True,
        has_name=bool(person.name),
        has_language=person.learner.locale is not None,
        counts=counts,
    )


def _placements(registration_id: int, deployment_id: str | None) -> Select[int, str]:
    query = (
        select(Placement.id, Placement.context_key)
        .join(ResourceLink, ResourceLink.placement_id == Placement.id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(Deployment.registration_id == registration_id)
    )
    return query if deployment_id is None else query.where(Deployment.deployment_id == deployment_id)


def _queries(person: LtiUser, placements: Select[int, str]) -> dict[Kind, Select[Any]]:
    learner_id, places = person.learner_id, placements.subquery()
    ids, keys = select(places.c.id), select(places.c.context_key)
    theirs = select(Attempt.id).where(Attempt.learner_id == learner_id, Attempt.placement_id.in_(ids))
    labs = select(Conversation.attempt_id).where(Conversation.attempt_id.in_(theirs))

    def count(column: Any, *where: Any) -> Select[Any]:
        return select(func.count(column)).where(*where)

    return {
        Kind.COURSES: select(func.count(Placement.context_key.distinct()))
        .join(Seat, Seat.placement_id == Placement.id)
        .where(Seat.learner_id == learner_id, Placement.id.in_(ids)),
        Kind.SECTIONS: count(
            SectionRead.section_id, SectionRead.learner_id == learner_id, SectionRead.context_key.in_(keys)
        ),
        Kind.ATTEMPTS: count(Attempt.id, Attempt.id.in_(theirs), Attempt.id.not_in(labs)),
        Kind.ANSWERS: count(Response.id, Response.attempt_id.in_(theirs)),
        Kind.LABS: count(Conversation.attempt_id, Conversation.attempt_id.in_(theirs)),
        Kind.TURNS: count(Turn.id, Turn.attempt_id.in_(theirs), Turn.role == STUDENT),
        Kind.OUTCOMES: count(Outcome.id, Outcome.attempt_id.in_(theirs)),
        Kind.APPEALS: count(Appeal.id, Appeal.attempt_id.in_(theirs)),
        Kind.CONSENTS: count(Consent.item_id, Consent.learner_id == learner_id, Consent.context_key.in_(keys)),
        Kind.ACCOMMODATIONS: count(
            Accommodation.item_id, Accommodation.learner_id == learner_id, Accommodation.context_key.in_(keys)
        ),
        Kind.MODEL_CALLS: count(ModelCall.id, ModelCall.learner_id == learner_id, ModelCall.context_key.in_(keys)),
        Kind.GRADES_SENT: select(func.count(OutboxScore.id))
        .join(LineItem, LineItem.id == OutboxScore.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(
            OutboxScore.lti_user_id == person.id,
            OutboxScore.state == DELIVERED,
            ResourceLink.placement_id.in_(ids),
        ),
    }
