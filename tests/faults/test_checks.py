"""Each fault that the checks look for, planted in a sound database: they find it, and nothing where there is none."""

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.database import Database
from course.language_model.models import ModelCall, ModelSpend
from course.models import Turn
from grading.models import CriterionAssessment, CriterionReading, Outcome, RubricAssessment
from lti_tool.models import OutboxScore
from tests.faults.checks import repeated_calls, violations_of
from tests.faults.students import Told
from tests.grading.lab_class import GOOD, LabClass
from tests.support.model_service import RunningModelService


def _set(table: type[Any], **values: Any) -> Callable[[Session], object]:
    first = select(table.__mapper__.primary_key[0]).limit(1).scalar_subquery()
    return lambda session: session.execute(update(table).where(table.__mapper__.primary_key[0] == first).values(values))


def _second_outcome(session: Session) -> None:
    one = session.scalars(select(Outcome)).one()
    session.add(
        Outcome(
            attempt_id=one.attempt_id,
            number=2,
            decided_by="rules",
            points=one.points,
            points_possible=one.points_possible,
            evidence=one.evidence,
            decided_at=one.decided_at,
        )
    )


def _no_outcome(session: Session) -> None:
    for row in (*session.scalars(select(OutboxScore)), *session.scalars(select(Outcome))):
        session.delete(row)
        session.flush()


def _call_counted_twice(session: Session) -> None:
    one, other = session.scalars(select(CriterionReading).order_by(CriterionReading.id).limit(2))
    other.calls = one.calls


def _call_lost(session: Session) -> None:
    session.delete(session.scalars(select(ModelCall).order_by(ModelCall.id)).first())


PLANTED: dict[str, Callable[[Session], object]] = {
    "is still waiting": _set(RubricAssessment, state="waiting"),
    "waits for a person and has an outcome": _set(RubricAssessment, state="person", cause="after-review"),
    "released without an outcome": _no_outcome,
    "2 outcomes of a machine": _second_outcome,
    "a quote is not in the student's words": lambda session: session.execute(
        update(Turn).where(Turn.role == "student").values(text=Turn.text + "!!", number=Turn.number + 100)
    ),
    "but the votes say": _set(CriterionAssessment, level=0),
    "the outcome and the row differ": _set(CriterionAssessment, quotes=[]),
    "but its levels are worth": _set(Outcome, points=Decimal("99.5")),
    "is open": _set(ModelCall, state="open"),
    "costs -1": _set(ModelCall, cost=-1),
    "stand in the ledger": _call_lost,
    "reserved, its calls cost": _set(ModelSpend, reserved=5),
    "is counted twice": _call_counted_twice,
    "which the ledger tells otherwise": _set(ModelCall, state="abandoned"),
    "is pending": _set(OutboxScore, state="pending"),
    "a turn that was confirmed is not kept": lambda session: session.execute(
        update(Turn).where(Turn.number == 2).values(text="something else")
    ),
    "was kept twice": lambda session: session.execute(update(Turn).where(Turn.number == 4).values(text=GOOD[0])),
}


@pytest.fixture(scope="module")
def room(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClass]:
    """One graded lab for all tests: what they plant is rolled back."""
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("checks")))
    database = Database(f"sqlite:///{file}")
    with RunningModelService() as service:
        made = LabClass(database, service)
        made.grade(made.hand_in(*GOOD))
    with database.transaction() as session:
        session.execute(update(OutboxScore).values(state="delivered"))
    yield made
    database.dispose()


def _found(session: Session, **changes: float) -> list[str]:
    outcome = session.scalars(select(Outcome).order_by(Outcome.number)).first()
    held = {("ada", "lab-1"): float(outcome.points)} if outcome else {}
    told = Told("ada", "lab-1", said=list(GOOD), has_handed_in=True)
    return violations_of(session, {**held, **changes}, [told], calls_let_through=20)  # type: ignore[dict-item]


def test_nothing_is_found_where_all_is_as_it_must_be(room: LabClass) -> None:
    with room.database.reading() as session:
        assert _found(session) == []
        assert repeated_calls(session) == 0


@pytest.mark.parametrize("told", PLANTED)
def test_what_is_not_as_it_must_be_is_found(room: LabClass, told: str) -> None:
    with Session(room.database.engine) as session:
        PLANTED[told](session)
        session.flush()
        found = _found(session)
    assert any(told in line for line in found), found
