"""Rules and accommodations by command: what they print, what they change, and what a mistake is told."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from config import clock
from config.database import Database
from course.attempts import start_attempt
from course.models import Accommodation, Attempt, PolicyOverride
from lti_tool.cli import main
from lti_tool.gradebook import owe_score
from lti_tool.models import OutboxScore
from tests.support.factory import BUILT_IN, QUIZ, Classroom

Run = Callable[..., Result]


class Office:
    """A database with a class in it, and the commands of whoever runs it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.classroom = Classroom(session)
            self.ada = self.classroom.person("17")
            start_attempt(session, self.classroom.placement, self.ada.learner_id, QUIZ, is_preview=False)
        self.context = self.classroom.placement.context_key

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    def policy(self, verb: str, *rules: str, item: str = QUIZ.id) -> Result:
        return self.run("policy", verb, "--context", self.context, "--item", item, *rules)

    def accommodate(self, verb: str, *options: str, learner: str = "17") -> Result:
        return self.run("accommodations", verb, "--context", self.context, "--learner", learner, *options)

    def attempt(self) -> Attempt:
        with self.database.reading() as session:
            return session.scalars(select(Attempt).order_by(Attempt.id)).all()[-1]

    def count(self, table: type[PolicyOverride | Accommodation]) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(table)).all())


@pytest.fixture
def office(tmp_path: Path, sqlite_url: str, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name in ("ENV", "BASE_URL", "BROKER_URL", "COURSES", "SECRET_KEY"):
        monkeypatch.delenv(f"COURSEWRIGHT_{name}", raising=False)
    monkeypatch.setenv("COURSEWRIGHT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COURSEWRIGHT_DATABASE_URL", sqlite_url)
    return Office(sqlite_database)


def ok(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def test_contexts_and_people_are_listed_by_the_names_that_commands_take(office: Office) -> None:
    (context,) = json.loads(ok(office.run("contexts", "list", "--json")))
    assert (context["key"], context["course_ids"]) == (office.context, ["deep-learning"])
    assert office.context in ok(office.run("contexts", "list"))
    (link,) = json.loads(ok(office.run("contexts", "links", office.context, "--json")))
    assert (link["course_id"], link["item_id"], link["columns"], link["trouble"]) == (BUILT_IN.id, QUIZ.id, 1, None)
    assert f"{BUILT_IN.id}/{QUIZ.id}  1 column(s)" in ok(office.run("contexts", "links", office.context))
    (person,) = json.loads(ok(office.run("people", "list", "--context", office.context, "--json")))
    assert (person["platform_user_id"], person["key"]) == ("17", office.ada.learner.key)
    assert person["key"] in ok(office.run("people", "list", "--context", office.context.removeprefix("context-")))


def test_rules_are_set_shown_and_cleared_and_move_the_end_of_what_runs(office: Office) -> None:
    told = ok(office.policy("set", "time_limit_minutes=30", "unlock_after=[quiz-2]", "due_at=2126-09-30T23:59+02:00"))
    assert "time_limit_minutes     30" in told
    assert office.attempt().ends_at == office.attempt().started_at + timedelta(minutes=30)
    shown = json.loads(ok(office.policy("show", "--json")))
    assert shown["set_here"]["unlock_after"] == ["quiz-2"]
    assert shown["rules"]["due_at"] == "2126-09-30T21:59+00:00"
    assert shown["rules"]["attempts"] == QUIZ.policy.attempts
    left = json.loads(ok(office.policy("clear", "time_limit_minutes", "due_at", "--json")))
    assert left["set_here"] == {"unlock_after": ["quiz-2"]}
    assert office.attempt().ends_at is None
    ok(office.policy("clear"))
    assert office.count(PolicyOverride) == 0


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (["attemts=2"], ["unknown key `attemts`", "Did you mean `attempts`?", "The rules are: points, attempts"]),
        (["attempts=0"], ["must be a whole number from 1 to 1000"]),
        (["due_at=2026-09-30"], ["with its zone, such as 2026-09-30T23:59+02:00"]),
        (["due_at=2026-02-30T10:00Z"], ["no such date"]),
        (["late=deduct"], ["nothing is deducted", "late_percent_per_day"]),
        (["unlock_after=[lesson-1]"], ["not graded"]),
        (["attempts"], ["write RULE=VALUE"]),
        (["unlock_after=[quiz-2"], ["unlock_after:"]),
        (["attempts=2", "closes_at=never"], ["closes_at"]),
    ],
)
def test_a_rule_that_cannot_be_is_told_and_changes_nothing(office: Office, rules: list[str], told: list[str]) -> None:
    result = office.policy("set", *rules)
    assert result.exit_code == 2
    for words in told:
        assert words in result.output
    assert office.count(PolicyOverride) == 0


def test_what_does_not_exist_is_told_with_what_does(office: Office) -> None:
    for result, code, words in (
        (office.policy("show", item="quizz-1"), 2, "Did you mean quiz-1?"),
        (office.policy("show", item="introduction"), 2, "no graded item"),
        (office.policy("clear", "attemts"), 2, "The rules are:"),
        (office.run("policy", "show", "--context", "99", "--item", QUIZ.id), 1, "contexts list"),
        (office.run("people", "list", "--context", "nowhere"), 1, "contexts list"),
        (office.accommodate("set", "--extra-days", "3", learner="nobody"), 1, "people list"),
        (office.accommodate("set"), 2, "--time-percent"),
        (office.accommodate("set", "--time-percent", "50"), 2, "from 100 to 1000"),
        (office.accommodate("set", "--due-at", "2026-09-30T10:00Z"), 2, "name the item"),
        (office.accommodate("set", "--item", QUIZ.id, "--due-at", "tomorrow"), 2, "with its zone"),
        (office.accommodate("set", "--item", "lesson-1", "--extra-attempts", "1"), 2, "no graded item"),
        (office.accommodate("clear"), 1, "no accommodation"),
    ):
        assert (result.exit_code, words in result.output) == (code, True), result.output
    assert office.count(Accommodation) == 0


def test_an_accommodation_is_set_by_either_name_listed_and_cleared(office: Office) -> None:
    ok(office.policy("set", "time_limit_minutes=40"))
    told = ok(office.accommodate("set", "--time-percent", "150", "--extra-attempts", "1", "--extra-days", "3"))
    assert "all items: 150 % of the time, 1 extra attempts, 3 extra days" in told
    assert office.attempt().ends_at == office.attempt().started_at + timedelta(minutes=60)
    due = ["--item", QUIZ.id, "--due-at", "2126-09-30T23:59+02:00"]
    assert "due_at 2126-09-30T21:59:00+00:00" in ok(office.accommodate("set", *due, learner=office.ada.learner.key))
    rows = json.loads(ok(office.run("accommodations", "list", "--context", office.context, "--json")))
    assert [(row["item"], row["time_percent"], row["extra_days"]) for row in rows] == [
        (None, 150, 3),
        (QUIZ.id, 100, 0),
    ]
    assert "nothing more" in ok(office.accommodate("set", "--item", QUIZ.id, "--due-at", "none"))
    ok(office.accommodate("clear"))
    ok(office.accommodate("clear", "--item", QUIZ.id))
    assert office.count(Accommodation) == 0
    assert office.attempt().ends_at == office.attempt().started_at + timedelta(minutes=40)
    assert "Nobody has" in ok(office.run("accommodations", "list", "--context", office.context))


def test_days_given_after_a_late_hand_in_send_the_better_grade(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    ok(office.policy("set", f"due_at={_text(now)}", "late=deduct", "late_percent_per_day=20"))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1, hours=1))
    with office.database.transaction() as session:
        office.classroom.session = session
        home = office.classroom.placement = session.merge(office.classroom.placement)
        office.classroom.handed_in(office.ada, right=5)
        owe_score(session, home, office.ada.learner_id, QUIZ.id)
    ok(office.accommodate("set", "--extra-days", "1"))
    with office.database.reading() as session:
        given = session.scalars(select(OutboxScore.score_given).order_by(OutboxScore.id)).all()
    assert given == [Decimal(3), Decimal(4)]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
