"""AI switched off and on by an admin: everywhere, for a platform, or for a context. What waits goes on by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config import clock
from config.words import N_
from course.language_model.errors import SWITCHED_OFF
from course.language_model.models import ModelSwitch
from course.refusals import Refusal
from grading.assessments import resume
from lti_tool.admin import audit
from lti_tool.contexts import list_contexts
from lti_tool.models import Context, Deployment, Registration, ResourceLink

EVERYWHERE, GROUP, CONTEXT = "everywhere", "group", "context"
LONGEST_REASON = 300  # characters
_PLATFORM = "platform-"


class SwitchRefused(Refusal):
    """A switch cannot be turned as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a switch holds: everywhere, at the platform `registration_id`, or in the context `context_key`."""

    registration_id: int | None = None
    context_key: str | None = None

    @property
    def scope(self) -> str:
        """As `course.language_model.switches` names it."""
        if self.context_key is not None:
            return CONTEXT
        return EVERYWHERE if self.registration_id is None else GROUP

    @property
    def key(self) -> str:
        """As `course.language_model.switches` keeps it."""
        if self.context_key is not None:
            return self.context_key
        return "" if self.registration_id is None else f"{_PLATFORM}{self.registration_id}"


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A switch that is off. `title`: the platform's name or the context's title, '' for everywhere."""

    place: Place
    title: str
    by: str
    at: datetime
    reason: str


def group_of(session: Session, context_key: str) -> str | None:
    """The platform that a context belongs to, as the switches name it; None for one that is not known (any more)."""
    kind, _, number = context_key.partition("-")
    if not number.isdigit():
        return None
    query = select(Deployment.registration_id).join(Context, Context.deployment_id == Deployment.id)
    if kind == "link":
        query = query.join(ResourceLink, ResourceLink.context_id == Context.id).where(ResourceLink.id == int(number))
    else:
        query = query.where(Context.id == int(number))
    registration_id = session.scalar(query)
    return None if registration_id is None else f"{_PLATFORM}{registration_id}"


def switch_off(session: Session, actor: str, place: Place, reason: str) -> bool:
    """Stop every call of a language model there, from now on; False when it was off already, and then nothing changes.

    Raises `SwitchRefused` without a reason, with one that is too long, and for a place that we do not know.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise SwitchRefused(N_("Say why: whoever finds AI switched off will ask."))
    if len(reason) > LONGEST_REASON:
        raise SwitchRefused(N_("Say why in at most %(number)s characters."), number=LONGEST_REASON)
    _refuse_unknown(session, place)
    if session.get(ModelSwitch, (place.scope, place.key), with_for_update=True) is not None:
        return False
    session.merge(
        ModelSwitch(scope=place.scope, key=place.key, switched_by=actor, switched_at=clock.now(), reason=reason)
    )
    audit.note(session, actor, "ai.off", _subject(place), reason=reason)
    return True


def switch_on(session: Session, actor: str, place: Place, reason: str = "") -> bool:
    """Allow calls there again, as far as this switch goes; False when it was on. Labs that waited are tried now."""
    switch = session.get(ModelSwitch, (place.scope, place.key), with_for_update=True)
    if switch is None:
        return False
    session.delete(switch)
    session.flush()
    resume(session, SWITCHED_OFF)
    reason = " ".join(reason.split())[:LONGEST_REASON]
    audit.note(session, actor, "ai.on", _subject(place), **({"reason": reason} if reason else {}))
    return True


def forget_platform(session: Session, registration_id: int) -> None:
    """Forget the switches of a platform and of its contexts, before it is removed: its ids may be another's one day."""
    contexts = [
        f"context-{number}"
        for number in session.scalars(
            select(Context.id)
            .join(Deployment, Deployment.id == Context.deployment_id)
            .where(Deployment.registration_id == registration_id)
        )
    ]
    session.execute(delete(ModelSwitch).where(ModelSwitch.scope == CONTEXT, ModelSwitch.key.in_(contexts)))
    whole = Place(registration_id=registration_id)
    session.execute(delete(ModelSwitch).where(ModelSwitch.scope == whole.scope, ModelSwitch.key == whole.key))


def switches_off(session: Session) -> Sequence[SwitchedOff]:
    """The switches that are off, the widest first."""
    order = {EVERYWHERE: 0, GROUP: 1, CONTEXT: 2}
    rows = sorted(session.scalars(select(ModelSwitch)), key=lambda one: (order[one.scope], one.switched_at))
    if not rows:
        return ()
    platforms = {one.id: one.name for one in session.scalars(select(Registration))}
    contexts = {one.key: one.title or one.key for one in list_contexts(session)}
    found = []
    for row in rows:
        place = _place(row)
        title = contexts.get(row.key, row.key) if place.context_key else platforms.get(place.registration_id or 0, "")
        found.append(SwitchedOff(place, title, row.switched_by, row.switched_at, row.reason))
    return found


def _place(row: ModelSwitch) -> Place:
    if row.scope == CONTEXT:
        return Place(context_key=row.key)
    return Place() if row.scope == EVERYWHERE else Place(registration_id=int(row.key.removeprefix(_PLATFORM)))


def _refuse_unknown(session: Session, place: Place) -> None:
    if place.context_key is not None:
        if place.context_key not in {one.key for one in list_contexts(session)}:
            raise SwitchRefused(N_("There is no context %(name)s here."), name=place.context_key)
    elif place.registration_id is not None and session.get(Registration, place.registration_id) is None:
        raise SwitchRefused(N_("There is no platform %(name)s here."), name=str(place.registration_id))


def _subject(place: Place) -> str:
    if place.context_key is not None:
        return place.context_key
    return "everywhere" if place.registration_id is None else f"registration {place.registration_id}"
