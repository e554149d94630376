"""The partner played by a language model: the real SDK against the loopback service."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from course.attempts import start_attempt
from course.conversations import BY_AUTHOR, BY_MODEL, DONE, FAILED, MODEL, begin_conversation, say
from course.language_model import switch_watch
from course.language_model.calls import LanguageModel
from course.language_model.client import ModelClient
from course.language_model.ledger import PARTNER
from course.language_model.models import ModelCall, ModelSwitch
from course.live_replies import LiveReply, Sight
from course.model_partner import ModelPartner
from course.models import Turn
from course.partners import Partners
from course.replies import Replies
from lti_tool.model_service.service import Pace
from tests.course.language_model.makers import DEAR, ledger
from tests.support.factory import make_learner, make_placement
from tests.support.labs import LABS
from tests.support.model_service import KEY, RunningModelService

LAB = LABS[0]
SOON = 60.0
GOOD = {"text": "You name the loss. What does it pay for on one Tuesday?"}
VERDICT = {"text": "You’re right, it is the loss. What else?"}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningModelService]:
    with RunningModelService() as made:
        yield made


@pytest.fixture
def service(running: RunningModelService) -> RunningModelService:
    running.forget()
    return running


class Talk:
    """A student's conversation with the model, within `budgets`."""

    def __init__(self, database: Database, service: RunningModelService, **budgets: int) -> None:
        self.database = database
        self.client = ModelClient(key=KEY, base_url=service.url)
        model = LanguageModel(database, self.client, ledger(**budgets))
        self.replies = Replies(database, Partners(ModelPartner(model, DEAR)))
        with database.transaction() as session:
            placement, learner = make_placement(session, item_id=LAB.id), make_learner(session)
            self.attempt = start_attempt(session, placement, learner.id, LAB, is_preview=False)
            begin_conversation(session, self.attempt, LAB, MODEL)
        self.next = 2

    def say(self, text: str = "The loss, because it pays for the next order.") -> Turn:
        """Say something and wait for what becomes of the reply."""
        with self.database.transaction() as session:
            turn_id = say(session, session.merge(self.attempt), LAB, text, self.next).id
        self.next += 2
        self.replies.wait_for(turn_id, SOON)
        with self.database.reading() as session:
            return session.get_one(Turn, turn_id)

    def close(self) -> None:
        self.replies.close()
        self.client.close()

    def calls(self) -> list[ModelCall]:
        with self.database.reading() as session:
            return list(session.scalars(select(ModelCall).order_by(ModelCall.id)))


@pytest.fixture
def talk(sqlite_database: Database, service: RunningModelService) -> Iterator[Talk]:
    made = Talk(sqlite_database, service)
    yield made
    made.close()


def test_a_reply_is_kept_with_the_call_that_wrote_it(talk: Talk, service: RunningModelService) -> None:
    service.script(GOOD)
    turn = talk.say()
    (call,) = talk.calls()
    assert (turn.status, turn.text, turn.origin, turn.model_call_id) == (DONE, GOOD["text"], BY_MODEL, call.id)
    assert (call.purpose, call.attempt_id, call.lab_id, call.state) == (PARTNER, talk.attempt.id, LAB.id, "settled")
    (asked,) = service.asked()
    assert asked["stream"] is True
    assert "name" not in asked.get("metadata", {})


def test_the_second_turn_reads_what_the_first_has_put_into_the_cache(talk: Talk, service: RunningModelService) -> None:
    service.script(GOOD)
    talk.say()
    talk.say("Still the loss, because the logs follow it.")
    assert talk.calls()[1].cache_read_tokens > talk.calls()[1].input_tokens


def test_a_verdict_is_not_shown_and_asked_for_anew(talk: Talk, service: RunningModelService) -> None:
    service.script({**VERDICT, "times": 1}, GOOD)
    turn = talk.say()
    assert (turn.status, turn.text) == (DONE, GOOD["text"])
    assert "not shown" in service.asked()[1]["messages"][-1]["content"][0]["text"]


def test_after_two_verdicts_the_authors_own_question_is_asked(talk: Talk, service: RunningModelService) -> None:
    service.script(VERDICT)
    turn = talk.say()
    assert (turn.status, turn.origin) == (DONE, BY_AUTHOR)
    assert turn.text in {one.text for one in LAB.follow_ups}
    assert turn.follow_up_id
    assert len(service.asked()) == 2


def test_a_reply_that_is_switched_off_halfway_gives_way_to_the_authors_question(
    talk: Talk, service: RunningModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch_watch, "LOOK_SECONDS", 0.05)
    service.script({"text": "word " * 100, "tokens_per_second": 20})
    written = LiveReply.show

    def show(live: LiveReply, sight: Sight) -> None:
        written(live, sight)
        if sight.text and sight.take == 1:
            with talk.database.transaction() as session:
                off = ModelSwitch(scope="everywhere", key="", switched_by="ada", switched_at=clock.now(), reason="x")
                session.merge(off)

    monkeypatch.setattr(LiveReply, "show", show)
    for _ in range(2):
        turn = talk.say()
        assert (turn.status, turn.origin, turn.text in {one.text for one in LAB.follow_ups}) == (DONE, BY_AUTHOR, True)
    assert len(service.asked()) == 1


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.model_partner.time.sleep", lambda _: None)


FAULTS = [
    ({"status": 500}, "away"),
    ({"drop": True}, "away"),
    ({"text": "It begins well and", "cut_after": 2}, "stalled"),
    ({"text": "It begins well and", "stop_reason": "max_tokens"}, "stalled"),
]


@pytest.mark.parametrize(("fault", "cause"), [*FAULTS, ({"status": 529}, "busy")])
@pytest.mark.usefixtures("no_pause")
def test_a_fault_that_stays_says_so(
    talk: Talk, service: RunningModelService, fault: dict[str, object], cause: str
) -> None:
    service.script(fault)
    turn = talk.say()
    assert (turn.status, turn.cause, turn.text) == (FAILED, cause, "")


@pytest.mark.parametrize("fault", [fault for fault, _ in FAULTS])
@pytest.mark.usefixtures("no_pause")
def test_a_fault_that_passes_is_not_noticed(talk: Talk, service: RunningModelService, fault: dict[str, object]) -> None:
    service.script({**fault, "times": 1}, GOOD)
    turn = talk.say()
    assert (turn.status, turn.text) == (DONE, GOOD["text"])


def test_a_refusal_takes_back_what_came_before_it(talk: Talk, service: RunningModelService) -> None:
    service.script({"text": "I will not", "stop_reason": "refusal"})
    turn = talk.say()
    assert (turn.status, turn.cause, turn.text) == (FAILED, "refused", "")
    assert len(service.asked()) == 1


def test_a_spent_budget_is_a_friendly_stop(sqlite_database: Database, service: RunningModelService) -> None:
    talk = Talk(sqlite_database, service, lab=1)
    turn = talk.say()
    assert (turn.status, turn.cause) == (FAILED, "budget")
    assert service.asked() == []
    talk.close()


def test_words_of_distress_do_not_go_to_the_model(talk: Talk, service: RunningModelService) -> None:
    turn = talk.say("I want to die")
    assert (turn.status, turn.origin, turn.cause) == (DONE, BY_AUTHOR, "support")
    assert service.asked() == []


def test_the_last_turn_is_answered_without_a_question(talk: Talk, service: RunningModelService) -> None:
    service.script({"text": "Thank you for the argument. Shall we go on?"})
    for _ in range(LAB.max_turns):
        turn = talk.say("The loss, because it pays for the next order.")
    assert turn.text == "Thank you for the argument."
    assert "ask nothing" in service.asked()[-1]["messages"][-1]["content"][0]["text"]


def test_a_slow_reply_is_seen_as_it_grows(sqlite_database: Database) -> None:
    with RunningModelService(pace=Pace(0.0, 40.0)) as service:
        service.script(GOOD)
        talk = Talk(sqlite_database, service)
        with sqlite_database.transaction() as session:
            turn_id = say(session, session.merge(talk.attempt), LAB, "The loss.", 2).id
        talk.replies.start(turn_id)
        seen = []
        with talk.replies.following(turn_id) as live:
            sight = live.sight
            while not sight.has_ended:
                sight = live.wait_for_change(sight, SOON)
                seen.append(sight.text)
        assert len(seen) > 3
        assert all(GOOD["text"].startswith(text) for text in seen)
        assert seen[-1] == GOOD["text"]
        talk.close()
