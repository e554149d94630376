"""Two platforms with two courses each, people with work in all of them, and requests to every route there is.

Routes come from the application's own map. One with a parameter that is not known here fails the tests that use this,
until somebody has said what may stand there: so no new route goes untried.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import clock
from config.database import Database
from config.settings import from_environment
from config.task_queue import Nudger
from course.attempts import start_attempt
from course.conversations import DONE, SCRIPTED, STUDENT
from course.models import Conversation, Placement, Turn
from lti_tool.app import create_app
from lti_tool.handing_in import hand_in
from lti_tool.models import Context, Deployment, LtiUser, Registration, ResourceLink
from lti_tool.roles import INSTRUCTOR, LEARNER
from tests.support.factory import BUILT_IN, QUIZ, answer_quiz, make_learner, make_registration
from tests.support.labs import LABS
from tests.support.visit import Browser, seat

LAB = LABS[0]
GUARDED = ("learner_page", "learner_action")
# Answers that never end are not read by these tests; that they ask for a seat is.
ENDLESS = {"labs.events"}


@dataclass
class Person:
    """Somebody with a seat, and what they have done: ids as they stand in addresses, and words that only they wrote."""

    name: str
    role: str
    user: LtiUser
    browser: Browser
    secret: str
    attempts: dict[str, str] = field(default_factory=dict)


@dataclass
class Place:
    """A course of a platform, with a link to the whole of ours."""

    name: str
    placement: Placement
    people: dict[str, Person] = field(default_factory=dict)


class Tenants:
    """All of them."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database
        self.places: list[Place] = []
        with database.transaction() as session:
            for platform in ("p1", "p2"):
                registration = make_registration(
                    session, issuer=f"https://{platform}.example", auth_login_url=f"https://{platform}.example/auth"
                )
                deployment = Deployment(registration_id=registration.id, deployment_id="1", created_at=clock.now())
                session.add(deployment)
                session.flush()
                self.places += [self._place(session, registration, deployment, course) for course in ("c1", "c2")]
        for place in self.places:
            for name, role in (("ada", LEARNER), ("alan", LEARNER), ("grace", INSTRUCTOR)):
                place.people[name] = self._person(place, name, role)

    @staticmethod
    def _place(session: Session, registration: Registration, deployment: Deployment, course: str) -> Place:
        now = clock.now()
        context = Context(deployment_id=deployment.id, lti_context_id=course, title=course, created_at=now)
        session.add(context)
        session.flush()
        placement = Placement(
            course_id=BUILT_IN.id, item_id=None, context_key=f"context-{context.id}", created_at=now, opened_at=now
        )
        session.add(placement)
        session.flush()
        session.add(
            ResourceLink(
                context_id=context.id, lti_resource_link_id="whole", placement_id=placement.id, title="", created_at=now
            )
        )
        return Place(f"{registration.issuer} {course}", placement)

    def _person(self, place: Place, name: str, role: str) -> Person:
        secret = f"written-by-{name}-of-{place.placement.key}"
        with self.database.transaction() as session:
            link = session.scalars(select(ResourceLink).where(ResourceLink.placement_id == place.placement.id)).one()
            deployment = session.get_one(Deployment, link.context.deployment_id)
            user = LtiUser(
                registration_id=deployment.registration_id, sub=secret, name=secret, learner=make_learner(session),
                created_at=clock.now(),
            )  # fmt: skip
            session.add(user)
            session.flush()
            attempts = self._work(session, place, user, secret) if role == LEARNER else {}
        browser = seat(self.app.test_client(), self.database, place.placement, user.learner, role)
        return Person(name, role, user, browser, secret, attempts)

    @staticmethod
    def _work(session: Session, place: Place, user: LtiUser, secret: str) -> dict[str, str]:
        """A quiz handed in, another one open, and a lab that waits for a person."""
        placement = session.get_one(Placement, place.placement.id)
        quiz = start_attempt(session, placement, user.learner_id, QUIZ, is_preview=False)
        answer_quiz(session, quiz, 3)
        hand_in(session, quiz)
        lab = start_attempt(session, placement, user.learner_id, LAB, is_preview=False)
        session.add(Conversation(attempt_id=lab.id, partner=SCRIPTED, draft=""))
        session.flush()
        turn = Turn(attempt_id=lab.id, number=1, role=STUDENT, text=secret, status=DONE, created_at=clock.now())
        session.add(turn)
        session.flush()
        hand_in(session, lab)
        return {"quiz": quiz.key, "lab": lab.key}

    def rules(self, *guards: str) -> Iterator[tuple[Rule, str]]:
        """Every route behind one of these guards, once for each of its methods."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda one: one.rule):
            if getattr(self.app.view_functions[rule.endpoint], "guard", None) in guards:
                for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}):
                    yield rule, method


@contextmanager
def opened_tenants(template: Path, folder: Path) -> Iterator[Tenants]:
    """All of them on a database of their own in `folder`, copied from a migrated template. Nobody works there."""
    file = folder / "coursewright.sqlite"
    shutil.copy(template, file)
    settings = from_environment(
        {
            "COURSEWRIGHT_DATA_DIR": str(folder),
            "COURSEWRIGHT_DATABASE_URL": f"sqlite:///{file}",
            "COURSEWRIGHT_BASE_URL": "http://localhost:5000",
            "COURSEWRIGHT_RATE_LIMITS": "off",
        }
    )
    database = Database(settings.database_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Nudger, "nudge", lambda *_: None)
        yield Tenants(create_app(settings, database), database)
    database.dispose()


def tails(rule: Rule, person: Person) -> list[str]:
    """The addresses of a route below a placement, with everything of `person` that may stand in them."""
    values = {
        "attempt_key": list(person.attempts.values()),
        "item_id": [QUIZ.id, LAB.id],
        "criterion_id": [LAB.rubric.criteria[0].id],
        "number": ["1"],
        "path": ["images/none.svg"],
        "link_key": [person.browser.base.split("/")[2]],
    }
    found = [rule.rule.removeprefix("/in/<placement_key>/<learner_key>")]
    for name in re.findall(r"<(?:\w+:)?(\w+)>", found[0]):
        assert name in values, f"say in tests/support/tenants.py what may stand for <{name}> in {rule.rule}"
        found = [re.sub(rf"<(?:\w+:)?{name}>", value, tail) for tail in found for value in values[name]]
    return found


def ask(actor: Person, base: str, tail: str, method: str, csrf: str) -> TestResponse:
    """A request of an actor's browser, with fields that would be taken."""
    criteria = {f"level.{one.id}": "4" for one in LAB.rubric.criteria}
    reasons = {f"why.{one.id}": "Because I say so." for one in LAB.rubric.criteria}
    fields: dict[str, Any] = {
        "csrf_token": csrf, "action": "submit", "section": "none", "language": "en", "text": "Mine now.",
        "reason": "So.", "answer": "No.", "level": "4", "consent": "yes", **criteria, **reasons,
    }  # fmt: skip
    data = {} if method == "GET" else {"data": fields}
    return actor.browser.client.open(base + tail, method=method, **data)  # type: ignore[arg-type]  # passed through
