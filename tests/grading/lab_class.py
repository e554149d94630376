"""A lab placed in a course with its column, learners who hand in conversations, and a grader for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from config import clock
from config.database import Database
from config.settings import MODEL_PRICES
from course.attempts import start_attempt
from course.conversations import DONE, MODEL, NO_PARTNER, PARTNER, STUDENT
from course.items import Lab
from course.language_model.calls import LanguageModel
from course.language_model.client import ModelClient
from course.language_model.ledger import Ledger
from course.language_model.prices import load_prices
from course.models import Attempt, Conversation, Placement, Turn
from grading.grader import Grader
from grading.models import CriterionAssessment, CriterionReading, Outcome, RubricAssessment
from grading.readings import ReaderModels
from lti_tool.handing_in import hand_in
from lti_tool.lab_grading import owe_for
from lti_tool.models import LtiUser, OutboxScore
from tests.course.language_model.makers import PLENTY
from tests.grading.labs import lab
from tests.support.factory import Classroom
from tests.support.model_service import RunningModelService

PRICES = load_prices(MODEL_PRICES)
FIRST, SECOND = "claude-haiku-5-5", "claude-sonnet-5-5"
GOOD = (
    "It is the loss. The loss pays for guessing the next order, so the favorites are the safe guess and fill the list, "
    "and a newcomer that opened Monday is hardly ever the next order, so ranking it only costs.",
    "The test asks for the next order as well, so naming the favorites scores 91. It rewards the very habit that users "
    "complain about.",
    "I let the architecture go, because any network trained on this target would learn the same list. Missing data is "
    "not it either: more records about newcomers change nothing under this loss. Still the loss.",
    "Score a rule that repeats each user's top five on the same test; if it is far below 91, I am wrong. The fix is to "
    "pay more for a newcomer that gets ordered, and regulars will lose some handy suggestions.",
)


class LabClass:
    """Every method is a transaction of its own. `changes` are rules of the lab, such as `release`."""

    def __init__(
        self, database: Database, service: RunningModelService | None, number: int = 1, issuer: str = "", **changes: Any
    ) -> None:
        self.database = database
        self.lab: Lab = replace(lab(number), policy=replace(lab(number).policy, **changes))
        with database.transaction() as session:
            self.room = Classroom(session, **({"issuer": issuer} if issuer else {}))
            self.room.placement.item_id = self.lab.id
            self.room.placement.takes_grades = True
            self.room.line_item.item_id = self.lab.id
            self.placement_id, self.context_key = self.room.placement.id, self.room.placement.context_key
        self.people: dict[str, LtiUser] = {}
        self.service = service
        self.budgets = PLENTY

    def hand_in(
        self, *student: str, sub: str = "ada", partner: str = MODEL, is_preview: bool = False, lines: Any = None
    ) -> int:
        """An attempt in which the student said this, handed in; its id."""
        with self.database.transaction() as session:
            if sub not in self.people:
                self.room.session = session
                self.people[sub] = self.room.person(sub)
            placement = session.get_one(Placement, self.placement_id)
            attempt = start_attempt(session, placement, self.people[sub].learner_id, self.lab, is_preview=is_preview)
            session.add(Conversation(attempt_id=attempt.id, partner=partner, draft=student[0] if student else ""))
            session.flush()
            for number, (role, text) in enumerate(lines or self._lines(student, partner), start=1):
                session.add(
                    Turn(
                        attempt_id=attempt.id, number=number, role=role, text=text, status=DONE, created_at=clock.now()
                    )
                )
            session.flush()
            hand_in(session, attempt)
            return attempt.id

    def _lines(self, student: tuple[str, ...], partner: str) -> Iterator[tuple[str, str]]:
        if partner == NO_PARTNER:
            return
        yield PARTNER, self.lab.opening_move
        for number, text in enumerate(student):
            yield STUDENT, text
            yield PARTNER, self.lab.follow_ups[number % len(self.lab.follow_ups)].text

    @contextmanager
    def grader(self, *, third: str | None = None) -> Iterator[Grader]:
        client = ModelClient(key="test", base_url=self.service.url) if self.service else None
        made = Grader(
            self.database,
            LanguageModel(self.database, client, Ledger(PRICES, self.budgets)) if client else None,
            ReaderModels(FIRST, SECOND, third),
            lambda session, attempt, _outcome: owe_for(session, attempt),
        )
        try:
            yield made
        finally:
            made.close()
            if client:
                client.close()

    def grade(self, *attempt_ids: int, **how: Any) -> None:
        with self.grader(**how) as grader:
            for attempt_id in attempt_ids:
                grader.grade(attempt_id)

    def attempt(self, attempt_id: int) -> Attempt:
        with self.database.reading() as session:
            return session.get_one(Attempt, attempt_id)

    def assessment(self, attempt_id: int) -> RubricAssessment:
        with self.database.reading() as session:
            return session.scalars(select(RubricAssessment).where(RubricAssessment.attempt_id == attempt_id)).one()

    def criteria(self, attempt_id: int) -> dict[str, CriterionAssessment]:
        row = self.assessment(attempt_id)
        with self.database.reading() as session:
            query = select(CriterionAssessment).where(CriterionAssessment.assessment_id == row.id)
            return {one.criterion_id: one for one in session.scalars(query)}

    def readings(self, attempt_id: int) -> list[CriterionReading]:
        row = self.assessment(attempt_id)
        with self.database.reading() as session:
            return list(session.scalars(select(CriterionReading).where(CriterionReading.assessment_id == row.id)))

    def outcomes(self, attempt_id: int) -> list[Outcome]:
        with self.database.reading() as session:
            query = select(Outcome).where(Outcome.attempt_id == attempt_id).order_by(Outcome.number)
            return list(session.scalars(query))

    def owed(self) -> list[OutboxScore]:
        with self.database.reading() as session:
            return list(session.scalars(select(OutboxScore).order_by(OutboxScore.id)))
