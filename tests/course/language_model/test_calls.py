"""Every call stands in the ledger before it is made and is settled after it, whatever happened."""

import threading
from typing import Any

import pytest
import requests
from sqlalchemy import select

from config.database import Database
from course.language_model.calls import LanguageModel, language_model
from course.language_model.errors import LanguageModelError, ModelBusy, ModelCut, ModelNotPriced
from course.language_model.ledger import FAILED, OPEN, SETTLED
from course.language_model.models import ModelCall, ModelSpend
from tests.course.language_model.makers import PRICES, call_for, request
from tests.support.model_service import RunningModelService


def _calls(database: Database) -> list[ModelCall]:
    with database.reading() as session:
        return list(session.scalars(select(ModelCall).order_by(ModelCall.id)))


def test_a_call_is_in_the_ledger_while_it_runs_and_settled_after_it(
    model: LanguageModel, service: RunningModelService, sqlite_database: Database
) -> None:
    service.script({"text": "Fine.", "latency": 0.5})
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(model.complete(request(), call_for()).reply.text))
    thread.start()
    while not requests.get(f"{service.url}/service/state", timeout=5).json()["in_flight"]:
        pass
    (row,) = _calls(sqlite_database)
    assert (row.state, row.reserved) == (OPEN, PRICES.worst_case(request()))
    thread.join()
    (row,) = _calls(sqlite_database)
    assert (row.state, seen) == (SETTLED, ["Fine."])
    assert row.cost == row.input_tokens + row.output_tokens > 0


def test_a_stream_is_settled_at_its_end(
    model: LanguageModel, service: RunningModelService, sqlite_database: Database
) -> None:
    service.script({"text": "one two"})
    states: list[str] = []
    with model.stream(request(), call_for()) as stream:
        stream.follow(lambda _: states.extend(row.state for row in _calls(sqlite_database)))
    assert set(states) == {OPEN}
    (row,) = _calls(sqlite_database)
    assert (row.id, row.state, row.cost) == (stream.call_id, SETTLED, stream.answered.cost)
    assert stream.answered.reply.text == "one two"


def test_a_stream_that_we_leave_early_keeps_its_worst_case(
    model: LanguageModel, service: RunningModelService, sqlite_database: Database
) -> None:
    service.script({"text": "one two three", "tokens_per_second": 50})

    def leave(_: str) -> None:
        raise EOFError("enough")

    with pytest.raises(EOFError, match="enough"), model.stream(request(), call_for()) as stream:
        stream.follow(leave)
    (row,) = _calls(sqlite_database)
    assert (row.state, row.cost, row.cause) == (FAILED, row.reserved, "left_early")
    with pytest.raises(RuntimeError):
        _ = stream.answered


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "expected",
    [
        ({"status": 400}, "invalid_request_error", True),
        ({"status": 500}, "api_error", True),
        ({"stop_reason": "refusal", "stop_category": "bio"}, "refusal_bio", False),
        ({"text": "half", "stop_reason": "max_tokens"}, "max_tokens", False),
    ],
)
def test_a_call_that_fails_is_recorded_with_its_cause(
    model: LanguageModel,
    service: RunningModelService,
    sqlite_database: Database,
    expected: tuple[dict[str, Any], str, bool],
    streamed: bool,
) -> None:
    script, cause, is_free = expected
    service.script(script)
    with pytest.raises(LanguageModelError) as caught:
        if streamed:
            with model.stream(request(), call_for()) as stream:
                stream.follow(lambda _: None)
        else:
            model.complete(request(), call_for())
    (row,) = _calls(sqlite_database)
    assert (row.state, row.cause, caught.value.cause) == (FAILED, cause, cause)
    assert (row.cost == 0) is is_free
    with sqlite_database.reading() as session:
        assert session.get_one(ModelSpend, ("month", row.month)).reserved == 0


def test_a_fault_of_our_own_is_recorded_too(
    model: LanguageModel, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model._client, "complete", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.complete(request(), call_for())
    (row,) = _calls(sqlite_database)
    assert (row.state, row.cost, row.cause) == (FAILED, row.reserved, "KeyboardInterrupt")


def test_one_refused_call_holds_everybody_back(model: LanguageModel, service: RunningModelService) -> None:
    service.script({"status": 429, "headers": {"retry-after": "30"}, "times": 1})
    for _ in range(3):
        with pytest.raises(ModelBusy):
            model.complete(request(), call_for())
    assert len(service.asked()) == 1


def test_a_broken_stream_costs_its_input_and_all_it_may_have_written(
    model: LanguageModel, service: RunningModelService, sqlite_database: Database
) -> None:
    service.script({"text": "one two three", "cut_after": 1})
    with pytest.raises(ModelCut), model.stream(request(), call_for()) as stream:
        stream.follow(lambda _: None)
    (row,) = _calls(sqlite_database)
    assert row.cost == row.input_tokens + request().max_tokens
    assert row.cost <= row.reserved


def test_settings_say_whether_there_is_a_language_model(
    sqlite_database: Database, service: RunningModelService
) -> None:
    made = language_model(service.settings(), sqlite_database)
    assert made is not None
    assert made.complete(request(), call_for()).cost > 0
    made.close()
    assert language_model(service.settings(COURSEWRIGHT_AI="off"), sqlite_database) is None
    with pytest.raises(ModelNotPriced, match="No price is listed for the model claude-nobody"):
        language_model(service.settings(COURSEWRIGHT_PARTNER_MODEL="claude-nobody"), sqlite_database)
