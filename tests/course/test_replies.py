"""Replies are written away from any request: none is lost with its reader or its writer, and none is written twice."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from config import clock
from config.database import Database
from course import reply_rows
from course.attempts import start_attempt
from course.conversations import (
    DONE,
    FAILED,
    HANDED_IN,
    SCRIPTED,
    STREAMING,
    begin_conversation,
    close_conversation,
    retry,
    say,
    turns_left,
    turns_of,
)
from course.lab_refusals import NothingToRetry
from course.live_replies import LiveReply, Sight
from course.models import Attempt, Turn
from course.partners import Partners
from course.replies import Replies
from course.reply_rows import DIED, LEASE, ReplyTask
from course.written_replies import ReplyBroken, WrittenReply
from tests.support.factory import make_learner, make_placement
from tests.support.labs import LABS
from tests.support.stack import wait_until

LAB = LABS[0]
SOON = 60.0
Process = Callable[[Partners], Replies]


class Slow(Partners):
    """A partner that says one word, waits to be let on, and says the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.has_begun = threading.Event()
        self.asked = 0
        self.breaks_with: str | None = None

    def write(self, task: ReplyTask, live: LiveReply) -> WrittenReply:
        self.asked += 1
        live.show(Sight(live.sight.take, "Which", STREAMING))
        self.has_begun.set()
        assert self.go_on.wait(SOON)
        if self.breaks_with:
            raise ReplyBroken(self.breaks_with)
        return WrittenReply("Which step?", "model")


@pytest.fixture
def partner() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.go_on.set()


@pytest.fixture
def process(database: Database) -> Iterator[Process]:
    """Makes the replies of one process more."""
    made: list[Replies] = []

    def make(partners: Partners) -> Replies:
        made.append(Replies(database, partners))
        return made[-1]

    yield make
    for replies in made:
        replies.close()


@pytest.fixture
def attempt(database: Database) -> Attempt:
    with database.transaction() as session:
        placement, learner = make_placement(session, item_id=LAB.id), make_learner(session)
        begun = start_attempt(session, placement, learner.id, LAB, is_preview=False)
        begin_conversation(session, begun, LAB, SCRIPTED)
        return begun


def owe(database: Database, attempt: Attempt, number: int = 2) -> int:
    """Say something; the id of the reply that is owed."""
    with database.transaction() as session:
        return say(session, session.merge(attempt), LAB, "The loss.", number).id


def row(database: Database, turn_id: int) -> Turn:
    with database.reading() as session:
        return session.get_one(Turn, turn_id)


def test_the_reply_comes_though_nobody_follows_it(
    database: Database, attempt: Attempt, process: Process, partner: Slow
) -> None:
    turn_id = owe(database, attempt)
    process(partner).start(turn_id)
    partner.go_on.set()
    wait_until("the reply is done", lambda: row(database, turn_id).status == DONE)
    done = row(database, turn_id)
    assert (done.text, done.origin, done.lease_owner, done.takes) == ("Which step?", "model", None, 1)


def test_many_who_start_it_at_once_have_it_written_once(
    database: Database, attempt: Attempt, process: Process, partner: Slow
) -> None:
    turn_id = owe(database, attempt)
    processes = [process(partner) for _ in range(3)]
    for replies in processes * 2:
        replies.start(turn_id)
    partner.go_on.set()
    for replies in processes:
        replies.wait_for(turn_id, SOON)
    assert row(database, turn_id).text == "Which step?"
    assert partner.asked == 1


def test_the_text_so_far_is_stored_while_it_grows_and_can_be_followed_from_another_process(
    database: Database, attempt: Attempt, process: Process, partner: Slow
) -> None:
    turn_id = owe(database, attempt)
    here, elsewhere = process(partner), process(partner)
    here.start(turn_id)
    with elsewhere.following(turn_id) as live:
        wait_until("its beginning is seen", lambda: live.sight.text == "Which")
        assert row(database, turn_id).text == "Which"
        partner.go_on.set()
        wait_until("its end is seen", lambda: live.sight.has_ended)
        assert live.sight.text == "Which step?"
    assert partner.asked == 1


def test_a_reply_whose_writer_died_is_taken_up_once_and_then_waits_for_the_student(
    database: Database, attempt: Attempt, process: Process, partner: Slow
) -> None:
    turn_id = owe(database, attempt)

    def die() -> ReplyTask | None:
        with database.transaction() as session:
            task = reply_rows.claim(session, turn_id)
            session.execute(update(Turn).values(lease_until=clock.now() - timedelta(seconds=1)))
            return task

    first, second = die(), die()
    assert first
    assert second
    assert (first.take, second.take) == (1, 2)
    assert die() is None
    assert (row(database, turn_id).status, row(database, turn_id).cause) == (FAILED, DIED)
    with database.transaction() as session:
        assert not reply_rows.finish(session, first, WrittenReply("Too late?", "model"))
        retry(session, session.merge(attempt), 3)
    replies = process(partner)
    partner.go_on.set()
    replies.wait_for(turn_id, SOON)
    assert row(database, turn_id).text == "Which step?"


def test_whoever_comes_next_takes_up_what_a_dead_writer_left(
    database: Database, attempt: Attempt, process: Process, partner: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = owe(database, attempt)
    with database.transaction() as session:
        reply_rows.claim(session, turn_id)
    partner.go_on.set()
    replies = process(partner)
    with replies.following(turn_id) as live:
        assert not live.sight.has_ended
        later = clock.now() + LEASE + timedelta(seconds=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        wait_until("its end is seen", lambda: live.sight.has_ended)
    assert row(database, turn_id).text == "Which step?"


def test_a_reply_that_does_not_come_costs_no_turn_and_can_be_asked_for_again(
    database: Database, attempt: Attempt, process: Process, partner: Slow
) -> None:
    turn_id = owe(database, attempt)
    replies = process(partner)
    partner.breaks_with = "away"
    partner.go_on.set()
    replies.wait_for(turn_id, SOON)
    failed = row(database, turn_id)
    assert (failed.status, failed.cause, failed.text) == (FAILED, "away", "")
    with database.transaction() as session:
        assert turns_left(LAB, turns_of(session, attempt.id)) == LAB.max_turns
        retry(session, session.merge(attempt), 3)
    partner.breaks_with = None
    replies.wait_for(turn_id, SOON)
    with database.transaction() as session:
        assert turns_left(LAB, turns_of(session, attempt.id)) == LAB.max_turns - 1
        with pytest.raises(NothingToRetry):
            retry(session, session.merge(attempt), 3)


def test_a_partner_that_breaks_leaves_a_reply_that_failed(
    database: Database, attempt: Attempt, process: Process
) -> None:
    class Broken(Partners):
        def write(self, task: ReplyTask, live: LiveReply) -> WrittenReply:
            raise ZeroDivisionError

    turn_id = owe(database, attempt)
    process(Broken()).wait_for(turn_id, SOON)
    assert (row(database, turn_id).status, row(database, turn_id).cause) == (FAILED, "failed")


def test_handing_in_ends_a_reply_and_nothing_is_written_after_it(
    database: Database, attempt: Attempt, process: Process, partner: Slow
) -> None:
    turn_id = owe(database, attempt)
    replies = process(partner)
    replies.start(turn_id)
    assert partner.has_begun.wait(SOON)
    with database.transaction() as session:
        close_conversation(session, session.merge(attempt))
    with replies.following(turn_id) as live:
        partner.go_on.set()
        wait_until("its end is seen", lambda: live.sight.has_ended)
    ended = row(database, turn_id)
    assert (ended.status, ended.cause, ended.text) == (FAILED, HANDED_IN, "")


def test_two_tabs_that_speak_at_once_make_one_turn(database: Database, attempt: Attempt, process: Process) -> None:
    heard: list[str] = []

    def speak(text: str) -> None:
        try:
            with database.transaction() as session:
                locked = session.scalars(select(Attempt).with_for_update(of=Attempt)).one()
                say(session, locked, LAB, text, 2)
                heard.append(text)
        except Exception as refused:  # noqa: BLE001 - which one it is depends on who was faster
            heard.append(refused.__class__.__name__)

    threads = [threading.Thread(target=speak, args=(f"Reason {number}.",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.count("ConversationMovedOn") == 4
    with database.reading() as session:
        assert [turn.number for turn in turns_of(session, attempt.id)] == [1, 2, 3]
