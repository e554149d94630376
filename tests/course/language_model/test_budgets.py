"""Money is reserved before a call, counted after it, and never overspent, however many call at once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from config import clock
from config.database import Database
from course.language_model import pauses
from course.language_model.budgets import BudgetSpent, standings
from course.language_model.errors import (
    LanguageModelError,
    ModelBusy,
    ModelCut,
    ModelRejected,
    ModelUnavailable,
    SpendLimit,
)
from course.language_model.ledger import ABANDONED, FAILED, OPEN, SETTLED, Ledger, abandon, overdue_ids
from course.language_model.models import BudgetOverride, ModelCall, ModelSpend
from tests.course.language_model.makers import CHEAP, DEAR, PRICES, call_for, ledger, reply, request
from tests.support.factory import Classroom

WORST = PRICES.worst_case(request())


def _open(database: Database, book: Ledger, **values: object) -> int:
    with database.transaction() as session:
        return book.open(session, request(), call_for(**values))


def _call(database: Database, call_id: int) -> ModelCall:
    with database.reading() as session:
        return session.get_one(ModelCall, call_id)


def _counters(database: Database) -> dict[str, tuple[int, int]]:
    with database.reading() as session:
        return {row.scope: (row.spent, row.reserved) for row in session.scalars(select(ModelSpend))}


def _assert_counters_agree_with_calls(database: Database) -> None:
    with database.reading() as session:
        costs = session.scalar(select(func.sum(ModelCall.cost)))
        reserved = session.scalar(select(func.sum(ModelCall.reserved)).where(ModelCall.state == OPEN))
    assert _counters(database)["month"] == (costs, reserved or 0)


def test_a_call_is_reserved_then_counted_at_its_cost(database: Database) -> None:
    book = ledger()
    with database.transaction() as session:
        room = Classroom(session)
        attempt, _ = room.handed_in(room.person(), 3)
        attempt_id, learner_id = attempt.id, attempt.learner_id
    call_id = _open(database, book, attempt_id=attempt_id, learner_id=learner_id, lab_id="lab-1", prompt_hash="p")
    row = _call(database, call_id)
    assert (row.state, row.reserved, row.cost) == (OPEN, WORST, 0)
    assert _counters(database) == dict.fromkeys(("lab", "student", "context", "month"), (0, WORST))
    with database.transaction() as session:
        assert book.settle(session, call_id, reply(input=10, cache_read=5, output=20, thinking=8)) == 35
    row = _call(database, call_id)
    assert (row.state, row.cost, row.latency, row.answered_by, row.stop_reason) == (
        SETTLED,
        35,
        1250,
        CHEAP,
        "end_turn",
    )
    assert (row.input_tokens, row.cache_read_tokens, row.output_tokens, row.thinking_tokens) == (10, 5, 20, 8)
    assert _counters(database) == dict.fromkeys(("lab", "student", "context", "month"), (35, 0))


@pytest.mark.parametrize("scope", ["context", "month"])
def test_at_once_on_many_threads_no_budget_is_overspent(database: Database, scope: str) -> None:
    fits = 7
    book = ledger(**{scope: WORST * fits + WORST // 2})
    outcomes: list[str] = []

    def knock() -> None:
        try:
            _open(database, book)
            outcomes.append("made")
        except BudgetSpent as spent:
            outcomes.append(spent.scope if spent.retryable else "for good")  # only running calls stand in the way

    threads = [threading.Thread(target=knock) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("made") == fits
    assert outcomes.count(scope) == 24 - fits
    assert _counters(database)["month"] == (0, WORST * fits)
    _assert_counters_agree_with_calls(database)


def test_calls_that_open_and_settle_at_once_keep_the_counters_true(database: Database) -> None:
    book = ledger()
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            call_id = _open(database, book, context_key=f"context-{number % 3}")
            with database.transaction() as session:
                if number % 2:
                    book.settle(session, call_id, reply(input=number, output=1))
                else:
                    book.fail(session, call_id, request(), ModelUnavailable("read_timeout", may_be_billed=True))
        except BaseException as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    _assert_counters_agree_with_calls(database)
    assert _counters(database)["month"][1] == 0


def test_a_spent_budget_refuses_for_good_in_words_for_the_learner(sqlite_database: Database) -> None:
    book = ledger(context=WORST + 10)
    call_id = _open(sqlite_database, book)
    with sqlite_database.transaction() as session:
        book.settle(session, call_id, reply(output=11))
    with pytest.raises(BudgetSpent, match="Your course has used up") as caught:
        _open(sqlite_database, book)
    assert not caught.value.retryable
    assert caught.value.cause == "budget_context"
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count(ModelCall.id))) == 1  # a refused call leaves nothing behind
    _assert_counters_agree_with_calls(sqlite_database)


def test_a_context_may_have_budgets_of_its_own(sqlite_database: Database) -> None:
    book = ledger(context=0)
    with pytest.raises(BudgetSpent):
        _open(sqlite_database, book)
    with sqlite_database.transaction() as session:
        session.add(BudgetOverride(context_key="context-1", context=WORST))
    assert _open(sqlite_database, book)
    with pytest.raises(BudgetSpent):
        _open(sqlite_database, book, context_key="context-2")


def test_a_budget_warns_once_when_four_fifths_are_spent(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    book = ledger(context=WORST * 10)
    costs = [WORST * 4, WORST * 4, WORST]
    near = []
    for cost in costs:
        call_id = _open(sqlite_database, book)
        with sqlite_database.transaction() as session:
            book.settle(session, call_id, reply(output=cost))
        with sqlite_database.reading() as session:
            near.append([one.is_near for one in standings(session, book.budgets, context_key="context-1")])
    assert near == [[False, False], [True, False], [True, False]]
    assert [record.message for record in caplog.records] == ["a budget is nearly spent"]


def test_a_failure_costs_nothing_unless_it_may_have_been_billed(sqlite_database: Database) -> None:
    book = ledger()
    faults = {
        ModelRejected("invalid_request_error"): 0,
        ModelUnavailable("api_error"): 0,
        ModelUnavailable("read_timeout", may_be_billed=True): WORST,
        ModelCut("max_tokens", reply=reply(input=10, output=500)): 510,
        # The input is known; how much was written before the stream broke is not.
        ModelCut("cut_stream", reply=reply(input=10, output=1), may_be_billed=True): 510,
    }
    for fault, cost in faults.items():
        call_id = _open(sqlite_database, book)
        with sqlite_database.transaction() as session:
            assert book.fail(session, call_id, request(), fault) == cost
        row = _call(sqlite_database, call_id)
        assert (row.state, row.cause, row.cost) == (FAILED, fault.cause, cost)
    _assert_counters_agree_with_calls(sqlite_database)


def test_a_call_whose_process_died_keeps_its_worst_case(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    book = ledger()
    call_id, other = _open(database, book), _open(database, book)
    with database.transaction() as session:
        assert overdue_ids(session) == []
        abandon(session, book.budgets, call_id)  # not before its lease has ended
    assert _call(database, call_id).state == OPEN
    later = clock.now() + timedelta(seconds=81)
    monkeypatch.setattr(clock, "now", lambda: later)
    with database.transaction() as session:
        assert overdue_ids(session) == [call_id, other]
    for _ in range(2):  # twice is once
        with database.transaction() as session:
            abandon(session, book.budgets, call_id)
    row = _call(database, call_id)
    assert (row.state, row.cost, row.cause) == (ABANDONED, WORST, "process_died")
    assert _counters(database)["month"] == (WORST, WORST)
    # It was only slow: the truth replaces the worst case.
    with database.transaction() as session:
        book.settle(session, call_id, reply(input=3, output=4))
    assert _call(database, call_id).cost == 7
    assert _counters(database)["month"] == (7, WORST)


@pytest.mark.parametrize("fault", [ModelBusy, SpendLimit])
def test_a_model_that_asked_for_time_is_left_alone_by_everybody(
    database: Database, monkeypatch: pytest.MonkeyPatch, fault: type[LanguageModelError]
) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    book = ledger()
    with database.transaction() as session:
        call_id = book.open(session, request(model=DEAR), call_for())
    with database.transaction() as session:
        error = fault("rate_limit_error", retry_after=timedelta(seconds=30))
        book.fail(session, call_id, request(model=DEAR), error)
        pauses.note(session, DEAR, fault("later_told", retry_after=timedelta(seconds=10)))  # the later moment counts
    with pytest.raises(fault) as caught, database.transaction() as session:
        book.open(session, request(model=DEAR), call_for())
    assert caught.value.retry_after == timedelta(seconds=30)
    assert _open(database, book)  # another model is not concerned
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=30))
    with database.transaction() as session:
        assert book.open(session, request(model=DEAR), call_for())
