"""AI switched off: no call is made any more, and an answer that is on its way ends."""

import pytest
from sqlalchemy import func, select

from config import clock
from config.database import Database
from course.language_model import switch_watch
from course.language_model.calls import LanguageModel
from course.language_model.client import ModelClient
from course.language_model.errors import ModelSwitchedOff
from course.language_model.ledger import FAILED
from course.language_model.models import ModelCall, ModelSwitch
from course.language_model.switches import Switches
from tests.course.language_model.makers import call_for, ledger, request
from tests.support.model_service import RunningModelService


def switch(database: Database, scope: str, key: str = "") -> None:
    with database.transaction() as session:
        session.add(
            ModelSwitch(scope=scope, key=key, switched_by="ada", switched_at=clock.now(), reason="It says odd things.")
        )


PLACES = {
    ("everywhere", ""): False,
    ("group", "north"): False,
    ("context", "north-1"): False,
    ("group", "south"): True,
    ("context", "north-2"): True,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_switch_holds_in_its_place_alone_and_nothing_is_sent(
    client: ModelClient, service: RunningModelService, sqlite_database: Database, place: tuple[str, str], streamed: bool
) -> None:
    switches = Switches(lambda _session, context: context.partition("-")[0])
    model = LanguageModel(sqlite_database, client, ledger(), switches)
    service.script({"text": "Fine."})
    switch(sqlite_database, *place)
    is_on = PLACES[place]

    def ask() -> None:
        if not streamed:
            model.complete(request(), call_for(context_key="north-1"))
            return
        with model.stream(request(), call_for(context_key="north-1")) as stream:
            stream.follow(lambda _: None)

    if is_on:
        ask()
    else:
        with pytest.raises(ModelSwitchedOff):
            ask()
    with sqlite_database.reading() as session:
        assert model.is_on(session, "north-1") is is_on
        assert session.scalar(select(func.count(ModelCall.id))) == len(service.asked()) == int(is_on)


def test_an_answer_on_its_way_ends_and_costs_what_it_may(
    model: LanguageModel, service: RunningModelService, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch_watch, "LOOK_SECONDS", 0.05)
    service.script({"text": "word " * 200, "tokens_per_second": 20})
    seen: list[str] = []

    def take(text: str) -> None:
        if not seen:
            switch(sqlite_database, "everywhere")
        seen.append(text)

    with pytest.raises(ModelSwitchedOff) as caught, model.stream(request(), call_for()) as stream:
        stream.follow(take)
    assert 0 < len("".join(seen).split()) < 150
    assert caught.value.reply is not None
    with sqlite_database.reading() as session:
        (row,) = session.scalars(select(ModelCall))
    assert (row.state, row.cause) == (FAILED, "switched_off")
    assert row.input_tokens < row.cost <= row.reserved
