"""`coursewright grades check`: silent about a sound installation, and each fault that is planted in it is named."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import Database
from course.attempts import start_attempt
from course.items import Late
from course.models import Attempt, Turn
from grading.models import Outcome
from lti_tool.cli import main
from lti_tool.grade_checks import check_grades
from lti_tool.handing_in import hand_in
from lti_tool.models import OutboxScore
from lti_tool.reviewing import decide
from tests.grading.lab_class import GOOD, LabClass
from tests.support.factory import QUIZ, Classroom
from tests.support.model_service import RunningModelService

Plant = Callable[[Session], object]


def _evidence(change: Callable[[dict[str, Any]], object], number: int = 1) -> Plant:
    """Change the evidence of the lab's first or second outcome."""

    def plant(session: Session) -> None:
        query = select(Outcome).where(Outcome.decided_by.in_(("rubric", "person")), Outcome.number == number)
        outcome = session.scalars(query.order_by(Outcome.id)).first()
        assert outcome
        evidence = deepcopy(outcome.evidence)
        change(evidence)
        outcome.evidence = evidence

    return plant


def _quoted(evidence: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in evidence["criteria"] if one["quotes"])


def _again(session: Session) -> None:
    one = session.scalars(select(Outcome).where(Outcome.decided_by == "key")).one()
    values = {"points": one.points, "points_possible": one.points_possible, "evidence": one.evidence}
    session.add(Outcome(attempt_id=one.attempt_id, number=2, decided_by="key", decided_at=one.decided_at, **values))


def _never_owed(session: Session) -> None:
    for row in session.scalars(select(OutboxScore)):
        session.delete(row)


PLANTED: dict[str, Plant] = {
    "a quote is not in the student's words": _evidence(lambda told: _quoted(told)["quotes"][0].update(text="My own.")),
    "of a model without a quote": _evidence(lambda told: _quoted(told).update(quotes=[])),
    "but its levels are worth": _evidence(lambda told: told["criteria"][0].update(level=0)),
    "other points than level": _evidence(lambda told: told["criteria"][0].update(points="0.1")),
    "before the deduction 3, but": _evidence(lambda told: told["late"].update(points_before="3"), number=2),
    "its criteria are not those of its rubric": _evidence(lambda told: told["criteria"].pop()),
    "but its answers are worth": lambda session: session.execute(
        update(Outcome).where(Outcome.decided_by == "key").values(points=Decimal("4.5"))
    ),
    "decided twice by a machine": _again,
    "decided before it was handed in": lambda session: session.execute(update(Attempt).values(submitted_at=None)),
    "was never owed to the gradebook": _never_owed,
    "but the gradebook is owed 3": lambda session: session.execute(update(OutboxScore).values(score_given=3)),
    "does not belong to it": lambda session: session.execute(update(Attempt).values(is_preview=True)),
    "is 3000.0000 of": lambda session: session.execute(update(OutboxScore).values(score_given=3000)),
}


@pytest.fixture(scope="module")
def database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A lab that a model graded, late, and that a person then decided otherwise; and a quiz."""
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("grades")))
    made = Database(f"sqlite:///{file}")
    rules = {"due_at": clock.now() - timedelta(days=1), "late": Late.DEDUCT, "late_percent_per_day": 7}
    with RunningModelService() as service:
        lab_class = LabClass(made, service, **rules, late_percent_at_most=50)
        attempt_id = lab_class.hand_in(*GOOD)
        lab_class.grade(attempt_id)
    with made.transaction() as session:
        attempt = session.get_one(Attempt, attempt_id)
        other = Classroom(session, issuer="https://other.example.org")
        grace, eve = (other.person(name).learner_id for name in ("grace", "eve"))
        assert decide(session, attempt, grace, {"mechanism": 1}, {"mechanism": "Because."})
        hand_in(session, start_attempt(session, other.placement, eve, QUIZ, is_preview=False))
    yield made
    made.dispose()


def _told(database: Database, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("COURSEWRIGHT_DATABASE_URL", database.engine.url.render_as_string())
    done = CliRunner().invoke(main, ["grades", "check", *words])
    return done.exit_code, done.output


def test_sound_grades_are_counted_and_nothing_is_wrong(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    status, told = _told(database, monkeypatch)
    assert status == 0, told
    assert "Looked at 3 outcomes" in told
    assert "Each is borne out" in told
    status, told = _told(database, monkeypatch, "--json")
    counted = json.loads(told)
    assert (status, counted["faults"], counted["scores"]) == (0, [], 3)
    assert counted["quotes"] >= 5


@pytest.mark.parametrize("told", PLANTED)
def test_each_planted_fault_is_found(database: Database, told: str) -> None:
    with Session(database.engine) as session:
        PLANTED[told](session)
        session.flush()
        found = [str(one) for one in check_grades(session).faults]
    assert any(told in line for line in found), found


def test_a_fault_is_named_by_ids_without_a_word_of_the_students(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(str(database.engine.url.database)) as now, sqlite3.connect(tmp_path / "copy.sqlite") as then:
        now.backup(then)
    copy = Database(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    with copy.transaction() as session:
        session.execute(update(Turn).where(Turn.role == "student").values(text="Something else was said here."))
        attempt_id = session.scalar(select(Turn.attempt_id))
    status, told = _told(copy, monkeypatch)
    copy.dispose()
    assert status == 1
    assert f"attempt {attempt_id}, mechanism: a quote is not in the student's words" in told
    assert "Something else" not in told
    assert not any(sentence in told for text in GOOD for sentence in text.split(". "))
