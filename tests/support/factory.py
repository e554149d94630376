"""One maker per table, each with plain defaults; Ada is the learner, Grace the instructor, Mallory the attacker."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from config import clock
from config.public_ids import new_public_id
from config.settings import BUILT_IN_COURSE
from course.attempts import give_response, start_attempt, submit_attempt
from course.catalog import load_course
from course.items import Quiz, SingleChoice
from course.models import Attempt, Learner, Placement
from grading.models import Outcome
from grading.service import record_quiz_outcome
from lti_tool.models import Context, Deployment, LineItem, LtiUser, Registration, ResourceLink

BUILT_IN = load_course(Path(BUILT_IN_COURSE))
QUIZ = next(item for item in BUILT_IN.items if isinstance(item, Quiz))


def make_registration(session: Session, **values: Any) -> Registration:
    fields = {
        "name": "A platform",
        "issuer": "https://lms.example.org",
        "client_id": "client-1",
        "auth_login_url": "https://lms.example.org/auth",
        "auth_token_url": "https://lms.example.org/token",
        "jwks_url": "https://lms.example.org/keys",
        "created_at": clock.now(),
        **values,
    }
    return _add(session, Registration(**fields))


def make_placement(session: Session, **values: Any) -> Placement:
    fields = {
        "course_id": BUILT_IN.id, "item_id": QUIZ.id, "context_key": "context-1", "created_at": clock.now(), **values,
    }  # fmt: skip
    return _add(session, Placement(**fields))


def make_learner(session: Session) -> Learner:
    return _add(session, Learner(created_at=clock.now()))


def make_person(session: Session, registration_id: int, sub: str | None = None) -> LtiUser:
    """Somebody a platform knows, with the learner they are to us."""
    return _add(
        session,
        LtiUser(
            registration_id=registration_id,
            sub=sub or new_public_id(),
            name=sub or "Somebody",
            learner=make_learner(session),
            created_at=clock.now(),
        ),
    )


class Classroom:
    """A registration with a course, a placed quiz with its column, and people: everything a grade needs."""

    def __init__(self, session: Session, **registration: Any) -> None:
        self.session = session
        now = clock.now()
        self.registration = make_registration(session, **registration)
        self.deployment = _add(
            session, Deployment(registration_id=self.registration.id, deployment_id="1", created_at=now)
        )
        self.context = _add(
            session, Context(deployment_id=self.deployment.id, lti_context_id="course-1", title="C", created_at=now)
        )
        self.placement = make_placement(session, context_key=f"context-{self.context.id}")
        self.resource_link = _add(
            session,
            ResourceLink(
                context_id=self.context.id,
                lti_resource_link_id="link-1",
                title="Quiz",
                placement_id=self.placement.id,
                created_at=now,
            ),
        )
        self.line_item = _add(
            session,
            LineItem(
                resource_link_id=self.resource_link.id,
                item_id=QUIZ.id,
                url="https://lms.example.org/lineitems/1/lineitem?type_id=1",
                scopes=[],
                updated_at=now,
            ),
        )

    def person(self, sub: str = "ada") -> LtiUser:
        return make_person(self.session, self.registration.id, sub)

    def handed_in(self, person: LtiUser, right: int) -> tuple[Attempt, Outcome]:
        attempt = start_attempt(self.session, self.placement, person.learner_id, QUIZ, is_preview=False)
        answer_quiz(self.session, attempt, right)
        submit_attempt(self.session, attempt)
        return attempt, record_quiz_outcome(self.session, attempt)


def answers(right: int, quiz: Quiz = QUIZ) -> dict[str, str]:
    """Question id → choice id, with the first `right` questions answered rightly and the others wrongly."""
    given = {}
    for position, question in enumerate(quiz.questions):
        assert isinstance(question, SingleChoice)
        wrong = next(choice for choice in question.choices if not choice.is_key)
        given[question.id] = (question.key if position < right else wrong).id
    return given


def answer_quiz(session: Session, attempt: Attempt, right: int) -> None:
    for question_id, choice_id in answers(right).items():
        give_response(session, attempt, question_id, [choice_id])


def points(value: int) -> Decimal:
    return Decimal(value)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row
