"""Whatever the order of openings, endings and deaths, counters equal the ledger and no budget is overspent."""

from collections.abc import Iterator
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, func, select

from config import clock
from config.database import Database
from course.language_model.budgets import BudgetSpent
from course.language_model.calls import abandon_overdue
from course.language_model.errors import ModelUnavailable
from course.language_model.ledger import OPEN
from course.language_model.models import ModelCall, ModelSpend
from tests.course.language_model.makers import PRICES, call_for, ledger, reply, request

WORST = PRICES.worst_case(request())
CONTEXTS = ("context-1", "context-2")
LIMITS = {"context": WORST * 3, "month": WORST * 4}

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(CONTEXTS)),
        st.tuples(st.sampled_from(["settle", "fail", "fail-billed", "break-off"]), st.integers(0, 20)),
        st.tuples(st.just("die"), st.just(0)),
    ),
    max_size=25,
)


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[timedelta]]:
    start, shift = clock.now(), [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: start + shift[0])
    return shift


@given(steps=STEPS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counters_and_ledger_never_part(
    sqlite_database: Database, moved: list[timedelta], steps: list[tuple[str, str | int]]
) -> None:
    book = ledger(**LIMITS)
    with sqlite_database.transaction() as session:
        session.execute(delete(ModelCall))
        session.execute(delete(ModelSpend))
    moved[0] = timedelta(0)
    opened: list[int] = []
    for step, value in steps:
        if step == "open":
            try:
                with sqlite_database.transaction() as session:
                    opened.append(book.open(session, request(), call_for(context_key=value)))
            except BudgetSpent:
                _assert_full(sqlite_database, str(value))
        elif step == "die":
            moved[0] += timedelta(minutes=5)
            abandon_overdue(sqlite_database, book.budgets)
        elif opened:
            call_id = opened[int(value) % len(opened)]
            with sqlite_database.transaction() as session:
                if step == "settle":
                    book.settle(session, call_id, reply(input=int(value), output=3))
                elif step == "break-off":
                    book.break_off(session, call_id, "left_early")
                else:
                    error = ModelUnavailable("read_timeout", may_be_billed=step == "fail-billed")
                    book.fail(session, call_id, request(), error)
        _assert_true(sqlite_database)


def _assert_full(database: Database, context: str) -> None:
    with database.reading() as session:
        counters = {(row.scope, row.key): row.spent + row.reserved for row in session.scalars(select(ModelSpend))}
    month = max((total for (scope, _), total in counters.items() if scope == "month"), default=0)
    assert counters.get(("context", context), 0) + WORST > LIMITS["context"] or month + WORST > LIMITS["month"]


def _assert_true(database: Database) -> None:
    with database.reading() as session:
        for counter in session.scalars(select(ModelSpend)):
            mine = (
                ModelCall.context_key == counter.key if counter.scope == "context" else ModelCall.month == counter.key
            )
            spent = session.scalar(select(func.coalesce(func.sum(ModelCall.cost), 0)).where(mine))
            reserved = session.scalar(
                select(func.coalesce(func.sum(ModelCall.reserved), 0)).where(mine, ModelCall.state == OPEN)
            )
            assert (counter.spent, counter.reserved) == (spent, reserved)
            assert counter.spent + counter.reserved <= LIMITS[counter.scope]
