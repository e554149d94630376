"""What language models have cost: one report, as the console and `coursewright spend` show it."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from config import clock
from config.database import Database
from config.settings import Settings
from course.conversations import FAILED, PARTNER
from course.language_model.budgets import month_of_now
from course.models import Attempt, Turn
from grading.assessments import PERSON
from grading.models import RubricAssessment
from grading.votes import Reason
from lti_tool.app import create_app
from lti_tool.cli import main
from lti_tool.spend_report import overview, spent_by
from tests.course.language_model.makers import CHEAP, DEAR, DOLLAR, call_for, ledger, reply, request
from tests.support.admins import sign_in
from tests.support.factory import Classroom

BOOK = ledger(student=DOLLAR, lab=2 * DOLLAR)


class World:
    """Two platforms with a context each. Ada of the first has spent what she may; one context is not known any more."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            rooms = [Classroom(session, issuer=f"https://{name}.example", name=name) for name in ("North", "South")]
            self.north, self.south = (room.placement.context_key for room in rooms)
            self.platforms = [str(room.registration.id) for room in rooms]
            ada = rooms[0].person("ada")
            self.learner_id, self.learner_key = ada.learner_id, ada.learner.key
            rooms[0].handed_in(ada, 3)
        self.call(self.north, CHEAP, DOLLAR, learner_id=self.learner_id)
        self.call(self.north, DEAR, DOLLAR // 2)
        self.call(self.south, CHEAP, 2 * DOLLAR)
        self.call("context-99", CHEAP, 1)

    def call(self, context_key: str, model: str, cost: int, **whose: int) -> None:
        with self.database.transaction() as session:
            call_id = BOOK.open(session, request(model=model), call_for(context_key=context_key, **whose))
        with self.database.transaction() as session:
            BOOK.settle(session, call_id, reply(input=cost))

    def be_stopped(self) -> None:
        """A partner's reply that a budget stopped, and a lab that a person decides for it."""
        with self.database.transaction() as session:
            attempt = session.scalars(select(Attempt)).one()
            attempt.submitted_at = None
            now = clock.now()
            session.add(
                Turn(
                    attempt_id=attempt.id,
                    number=1,
                    role=PARTNER,
                    text="",
                    status=FAILED,
                    cause="budget",
                    created_at=now,
                )
            )
            row = {"attempt_id": attempt.id, "state": PERSON, "cause": Reason.BUDGET.value, "delimiter": "x"}
            times = {"next_try_at": now, "created_at": now}
            session.add(RubricAssessment(**row, **times, rubric_hash="", prompt_hash=""))


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_spending_is_added_up_by_platform_context_and_model(world: World) -> None:
    with world.database.reading() as session:
        by_platform = {row.title or row.spent.key: row.spent.cost for row in spent_by(session, "platform")}
        by_model = {row.spent.key: row.spent.calls for row in spent_by(session, "model")}
        found = overview(session, BOOK.budgets)
        assert overview(session, BOOK.budgets, "1999-01").platforms == ()
    assert by_platform == {"": 1, "North": 1_500_000, "South": 2 * DOLLAR}
    assert by_model == {CHEAP: 3, DEAR: 1}
    assert [(row.spent.key, row.title) for row in found.contexts] == [
        (world.south, "C"), (world.north, "C"), ("context-99", ""),
    ]  # fmt: skip
    assert (found.months, found.standing.spent) == (((month_of_now(), 3_500_001),), 3_500_001)


def test_budgets_that_run_short_and_what_they_stopped_are_told(world: World) -> None:
    world.be_stopped()
    with world.database.reading() as session:
        found = overview(session, BOOK.budgets)
        raised = overview(session, ledger().budgets)
    (near,) = found.near
    assert (near.scope, near.subject, near.context_key, near.standing.share) == (
        "student", world.learner_key, world.north, 1.0,
    )  # fmt: skip
    assert raised.near == ()
    assert [(one.context_key, one.replies, one.labs) for one in found.stops] == [(world.north, 1, 1)]


def test_page_and_command_say_the_same(
    sqlite_database: Database, settings: Settings, cheap_passwords: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite_database)
    world.be_stopped()
    client = sign_in(create_app(replace(settings, budgets=BOOK.budgets), sqlite_database).test_client())
    page = client.get("/admin/spend").text
    for words in ("North", "$1.50", "$3.50 of $1,000.00", "One learner’s labs in a course", world.learner_key,
                  "1 reply of a partner did not come. 1 lab waits for a person.", DEAR):  # fmt: skip
        assert words in page
    assert "No language model was called in this month." in client.get("/admin/spend?month=1999-01").text
    assert client.get("/admin/spend?month=x").text.count("$3.50") == page.count("$3.50")
    monkeypatch.setenv("COURSEWRIGHT_DATABASE_URL", sqlite_database.engine.url.render_as_string())
    told = CliRunner().invoke(main, ["spend", "--by", "platform", "--json"]).output
    assert {(row["key"], row["title"], row["usd"]) for row in json.loads(told)["rows"]} == {
        ("", "", 0.000001), (world.platforms[0], "North", 1.5), (world.platforms[1], "South", 2.0),
    }  # fmt: skip
    assert f"{world.platforms[0]} North" in CliRunner().invoke(main, ["spend", "--by", "platform"]).output
