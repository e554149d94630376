"""The doors. Every view stands behind exactly one: `public`, `learner_page`, `learner_action`, or one of
`picker_guards`; a test checks it.

A page reads, in a transaction that cannot write; an action writes, in one transaction committed before anything is
sent. What is to happen after the commit (a nudge, say) is put into `Visit.after_commit`.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.public_ids import is_public_id
from course.errors import UnknownCourse
from course.items import Course
from course.models import Learner, Placement
from lti_tool.models import Context, Deployment, LtiUser, Registration, ResourceLink
from lti_tool.permission import ACTIVE
from lti_tool.sessions import Occupant, find_occupant
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.i18n import prefer
from lti_tool.web.security_headers import allow_frames
from lti_tool.web.visit_addresses import learner_and_token

View = Callable[..., Any]


@dataclass(slots=True)
class Visit:
    """A guarded request: who is here, at which placement, in which course, and the transaction to work in."""

    session: Session
    occupant: Occupant
    placement: Placement
    course: Course
    placement_key: str
    learner_key: str
    csrf_token: str
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @property
    def learner_id(self) -> int:
        """The learner at work."""
        return self.occupant.learner_id

    def url(self, endpoint: str, **values: Any) -> str:
        """An address that stays at this placement, for this learner."""
        return url_for(endpoint, placement_key=self.placement_key, learner_key=self.learner_key, **values)


def public(view: View) -> View:
    """Open to anyone: LTI's own endpoints, health, and pages that hold nothing of anybody's."""
    view.guard = "public"  # type: ignore[attr-defined]  # read by the rule test
    return view


def learner_page(view: View) -> View:
    """A page for whoever holds a seat at the placement in the address. Reads only."""

    @functools.wraps(view)
    def guarded(placement_key: str, learner_key: str, **rest: Any) -> Any:
        with services().database.reading() as session:
            return view(_admit(session, placement_key, learner_key), **rest)

    guarded.guard = "learner_page"  # type: ignore[attr-defined]  # read by the rule test
    return guarded


def learner_action(view: View) -> View:
    """A form of one of our own pages, from whoever holds a seat at the placement in the address. Writes."""

    @functools.wraps(view)
    def guarded(placement_key: str, learner_key: str, **rest: Any) -> Any:
        with services().database.transaction() as session:
            visit = _admit(session, placement_key, learner_key)
            sent = request.form.get("csrf_token", "")
            if not hmac.compare_digest(sent.encode("utf-8", "replace"), visit.csrf_token.encode()):
                raise PageRefused("foreign_form")
            answer = view(visit, **rest)
        for effect in visit.after_commit:
            effect()
        return answer

    guarded.guard = "learner_action"  # type: ignore[attr-defined]  # read by the rule test
    return guarded


def _admit(session: Session, placement_key: str, in_address: str) -> Visit:
    learner_key, token = learner_and_token(in_address)
    is_possible = token and is_public_id(placement_key) and is_public_id(learner_key)
    occupant = find_occupant(session, token, placement_key, learner_key) if is_possible else None
    if occupant is None:
        raise PageRefused("no_seat")
    placement = session.get_one(Placement, occupant.placement_id)
    registration, is_switched_off = _platform(session, occupant)
    allow_frames(registration, occupant.return_url)
    chosen = session.get_one(Learner, occupant.learner_id).locale or ""
    prefer(chosen=chosen, launch=occupant.locale)
    if is_switched_off:
        raise PageRefused("switched_off")
    course = _course(placement.course_id)
    prefer(chosen=chosen, launch=occupant.locale, course=course.language)
    return Visit(
        session=session,
        occupant=occupant,
        placement=placement,
        course=course,
        placement_key=placement_key,
        learner_key=in_address,
        csrf_token=_csrf_token(placement_key, in_address),
    )


def _course(course_id: str) -> Course:
    try:
        return services().catalog.course(course_id)
    except UnknownCourse as unknown:
        raise PageRefused("no_such_item") from unknown


def _platform(session: Session, occupant: Occupant) -> tuple[Registration, bool]:
    """The platform that a visit came from, and whether it or the deployment of its course is switched off by now."""
    row = session.execute(
        select(Registration, Deployment.state)
        .join(LtiUser, LtiUser.registration_id == Registration.id)
        .outerjoin(ResourceLink, ResourceLink.placement_id == occupant.placement_id)
        .outerjoin(Context, Context.id == ResourceLink.context_id)
        .outerjoin(Deployment, Deployment.id == Context.deployment_id)
        .where(LtiUser.learner_id == occupant.learner_id)
    ).one_or_none()
    if row is None:  # the platform was removed while somebody sat in one of its courses
        raise PageRefused("no_seat")
    registration, deployment_state = row
    return registration, registration.state != ACTIVE or deployment_state not in {None, ACTIVE}


def _csrf_token(placement_key: str, learner_key: str) -> str:
    # Bound to the person and the place, not to the cookie: a launch in another tab brings a fresh cookie, and forms
    # that are open in this one must stay good. Nobody else can work it out, and without a seat it opens nothing.
    message = f"csrf|{placement_key}|{learner_key}".encode()
    return hmac.new(services().settings.secret_key.encode(), message, hashlib.sha256).hexdigest()
