"""Contexts and the people in them, as whoever runs the tool looks for them. The key of a context is that of its
placements: `context-5`, or `link-7` for a link outside any of the platform's courses."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from course.models import Accommodation, Attempt, Learner, Placement, SectionRead
from lti_tool.models import Context, Deployment, LtiUser, Registration, ResourceLink, Seat


@dataclass(frozen=True, slots=True)
class ContextView:
    """A platform's course in which we are placed; `course_ids` are the courses of ours that its links open."""

    key: str
    title: str
    platform: str
    registration_id: int
    course_ids: tuple[str, ...]
    links: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has been in a context: `key` is what we call them, `platform_user_id` what their platform does."""

    learner_id: int
    key: str
    platform_user_id: str
    name: str


def list_contexts(session: Session) -> list[ContextView]:
    """Every context that has a link to us, those known longest first."""
    rows = session.execute(
        select(Placement.context_key, Placement.course_id, Context.title, Registration.id, Registration.name)
        .join(ResourceLink, ResourceLink.placement_id == Placement.id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .join(Registration, Registration.id == Deployment.registration_id)
        .order_by(Context.id, Placement.id)
    ).all()
    found: dict[str, ContextView] = {}
    for key, course_id, title, registration_id, platform in rows:
        known = found.get(key)
        courses = dict.fromkeys([*(known.course_ids if known else ()), course_id])
        links = known.links + 1 if known else 1
        found[key] = ContextView(key, title, platform, registration_id, tuple(courses), links)
    return list(found.values())


def people_in(session: Session, context_key: str) -> list[Person]:
    """Everybody who has opened, read or tried anything in the context, or has an accommodation there, by name."""
    placements = select(Placement.id).where(Placement.context_key == context_key)
    seen = union(
        select(Attempt.learner_id).where(Attempt.placement_id.in_(placements)),
        select(Seat.learner_id).where(Seat.placement_id.in_(placements)),
        select(SectionRead.learner_id).where(SectionRead.context_key == context_key),
        select(Accommodation.learner_id).where(Accommodation.context_key == context_key),
    )
    return _people(session, seen.subquery().select())


def find_people(session: Session, context: ContextView, wanted: str) -> list[Person]:
    """Who may be meant by a text: our public key of a learner, or the user id of the context's platform. Somebody who
    has not been in the context yet is found by either as well."""
    platform = select(LtiUser.learner_id).where(
        LtiUser.registration_id == context.registration_id, LtiUser.sub == wanted
    )
    ours = (
        select(Learner.id)
        .join(LtiUser, LtiUser.learner_id == Learner.id)
        .where(Learner.key == wanted, LtiUser.registration_id == context.registration_id)
    )
    return _people(session, union(platform, ours).subquery().select())


def people_by_id(session: Session, learner_ids: Iterable[int]) -> dict[int, Person]:
    """The people of these learner ids."""
    known = select(Learner.id).where(Learner.id.in_(list(learner_ids)))
    return {person.learner_id: person for person in _people(session, known)}


def _people(session: Session, learner_ids: object) -> list[Person]:
    rows = session.execute(
        select(Learner.id, Learner.key, LtiUser.sub, LtiUser.name)
        .join(LtiUser, LtiUser.learner_id == Learner.id)
        .where(Learner.id.in_(learner_ids))  # type: ignore[arg-type]  # a select of ids
        .order_by(LtiUser.name, Learner.id)
    )
    return [Person(*row) for row in rows]
