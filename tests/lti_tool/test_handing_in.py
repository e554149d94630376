"""Attempts that end, whoever ends them: once, whole, and from what was saved. On both databases."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import func, select

from config import clock
from config.database import Database
from course.accommodations import clear_accommodation, set_accommodation
from course.attempts import (
    GRACE,
    check_response,
    find_attempt,
    give_response,
    is_over,
    start_attempt,
    submit_attempt,
    take_over,
)
from course.feedback import key_shown_from, may_check, may_show_key
from course.items import Feedback, Policy
from course.models import Attempt
from course.policies import rules_of, set_override
from course.refusals import AttemptOver, CheckNotOffered, TakenOver
from grading.models import Outcome
from grading.service import BY_PERSON, outcomes_of, record_outcome
from lti_tool.gradebook import owe_score
from lti_tool.handing_in import hand_in, hand_in_overdue, overdue_ids
from lti_tool.models import LtiUser, OutboxScore
from lti_tool.policy_changes import apply_changes
from tests.support.factory import BUILT_IN, QUIZ, Classroom, answer_quiz, answers

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
FIRST = QUIZ.questions[0].id


class Room:
    """A classroom with rules, a clock that is moved, and Ada."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = database
        self.now = NOON
        monkeypatch.setattr(clock, "now", lambda: self.now)
        with database.transaction() as session:
            self.classroom = Classroom(session)
            self.ada: LtiUser = self.classroom.person("ada")
        self.context = self.classroom.placement.context_key

    def rules(self, **rules: Any) -> None:
        with self.database.transaction() as session:
            set_override(session, self.context, BUILT_IN, QUIZ, rules)
            apply_changes(session, self.context)

    def accommodate(self, item_id: str = "", **values: Any) -> None:
        with self.database.transaction() as session:
            set_accommodation(session, self.context, self.ada.learner_id, item_id, **values)
            apply_changes(session, self.context, learner_id=self.ada.learner_id)

    def start(self, right: int = 0) -> Attempt:
        with self.database.transaction() as session:
            home = session.merge(self.classroom.placement)
            attempt = start_attempt(session, home, self.ada.learner_id, QUIZ, is_preview=False)
            if right:
                answer_quiz(session, attempt, right)
            return attempt

    def submit(self, attempt: Attempt) -> OutboxScore | None:
        with self.database.transaction() as session:
            mine = find_attempt(session, attempt.key, self.ada.learner_id, for_change=True)
            assert mine
            return hand_in(session, mine)

    def sweep(self) -> list[int]:
        with self.database.reading() as session:
            ids = overdue_ids(session)
        for attempt_id in ids:
            with self.database.transaction() as session:
                hand_in_overdue(session, attempt_id)
        return ids

    def outcomes(self) -> list[Outcome]:
        with self.database.reading() as session:
            return list(session.scalars(select(Outcome).order_by(Outcome.id)))

    def owed(self) -> list[Decimal]:
        with self.database.reading() as session:
            return list(session.scalars(select(OutboxScore.score_given).order_by(OutboxScore.id)))

    def attempt(self) -> Attempt:
        with self.database.reading() as session:
            return session.scalars(select(Attempt)).one()


@pytest.fixture
def database(database_url: str) -> Any:
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def room(database: Database, monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(database, monkeypatch)


def at_once(*works: Callable[[], Any]) -> None:
    barrier = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(one, works))


def test_time_is_up_for_saving_after_the_grace_and_the_sweep_hands_in_what_was_saved(room: Room) -> None:
    room.rules(time_limit_minutes=30)
    attempt = room.start(right=3)
    room.now = NOON + timedelta(minutes=30) + GRACE
    assert room.sweep() == []
    with room.database.transaction() as session:
        give_response(
            session, session.get_one(Attempt, attempt.id), FIRST, [answers(0)[FIRST]]
        )  # delivered late, still taken
    room.now += timedelta(seconds=1)
    with room.database.transaction() as session:
        mine = session.get_one(Attempt, attempt.id)
        assert is_over(mine)
        with pytest.raises(AttemptOver, match="ended at 30 September 2026, 12:30 UTC"):
            give_response(session, mine, FIRST, [answers(5)[FIRST]])
        with pytest.raises(AttemptOver):
            check_response(mine, FIRST)
    assert room.sweep() == [attempt.id]
    assert room.sweep() == []
    assert room.attempt().submitted_at == NOON + timedelta(minutes=30)
    assert ([one.points for one in room.outcomes()], room.owed()) == ([Decimal(2)], [Decimal(2)])


def test_a_learner_and_three_sweeps_at_once_hand_in_one_attempt_once(room: Room) -> None:
    room.rules(time_limit_minutes=30)
    attempt = room.start(right=4)
    room.now = NOON + timedelta(hours=1)

    def submit() -> None:
        room.submit(attempt)

    at_once(submit, room.sweep, submit, room.sweep, submit, room.sweep)
    assert ([one.points for one in room.outcomes()], room.owed()) == ([Decimal(4)], [Decimal(4)])


def test_an_answer_saved_while_the_sweep_begins_counts_or_is_refused_but_is_never_lost(room: Room) -> None:
    """Whoever has the row first: what was taken as saved is part of the outcome."""
    room.rules(closes_at=(NOON + timedelta(hours=1)).isoformat())
    attempt = room.start(right=3)
    room.now = NOON + timedelta(hours=1) + GRACE
    saved: list[bool] = []

    def save() -> None:
        with room.database.transaction() as session:
            mine = find_attempt(session, attempt.key, room.ada.learner_id, for_change=True)
            assert mine
            if mine.submitted_at is None:
                answer_quiz(session, mine, 5)
                saved.append(True)

    def close() -> None:
        with room.database.transaction() as session:
            mine = find_attempt(session, attempt.key, room.ada.learner_id, for_change=True)
            assert mine
            hand_in(session, mine)

    at_once(save, close)
    assert [one.points for one in room.outcomes()] == [Decimal(5 if saved else 3)]


def test_a_hand_in_that_fails_half_way_leaves_the_attempt_open_and_nothing_owed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process is killed: the transaction was never committed."""
    room.rules(time_limit_minutes=30)
    room.start(right=4)
    room.now = NOON + timedelta(hours=1)
    with monkeypatch.context() as broken:
        broken.setattr("lti_tool.handing_in.owe_score", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            room.sweep()
    assert (room.attempt().submitted_at, room.outcomes(), room.owed()) == (None, [], [])
    room.sweep()
    assert room.owed() == [Decimal(4)]


HALF_WAY = """
import sys, time
from datetime import datetime
from config import clock
from config.database import Database
from lti_tool.handing_in import hand_in_overdue
url, attempt_id, now = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
clock.now = lambda: now
with Database(url).transaction() as session:
    assert hand_in_overdue(session, attempt_id)
    print("written, not committed", flush=True)
    time.sleep(60)
"""


def test_a_process_killed_while_it_hands_in_leaves_nothing_half_done(room: Room) -> None:
    room.rules(time_limit_minutes=30)
    attempt = room.start(right=4)
    room.now = NOON + timedelta(hours=1)
    address = room.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HALF_WAY, address, str(attempt.id), room.now.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "written, not committed\n"
        worker.kill()
    assert (room.attempt().submitted_at, room.outcomes(), room.owed()) == (None, [], [])
    room.sweep()
    assert (len(room.outcomes()), room.owed()) == (1, [Decimal(4)])


def test_an_accommodation_moves_the_end_of_an_attempt_that_runs(room: Room) -> None:
    room.rules(time_limit_minutes=30)
    attempt = room.start()
    room.accommodate(time_percent=200)
    assert room.attempt().ends_at == NOON + timedelta(hours=1)
    room.now = NOON + timedelta(minutes=50)
    assert room.sweep() == []
    room.rules(closes_at=(NOON + timedelta(minutes=40)).isoformat())
    assert room.attempt().ends_at == NOON + timedelta(minutes=40)
    assert room.sweep() == [attempt.id]
    assert room.attempt().submitted_at == NOON + timedelta(minutes=40)


def test_the_sweep_asks_for_the_rules_of_now(room: Room) -> None:
    """An accommodation given at the very moment the attempt was begun has not moved its end."""
    room.rules(time_limit_minutes=30)
    room.start()
    with room.database.transaction() as session:
        set_accommodation(session, room.context, room.ada.learner_id, time_percent=300)
    room.now = NOON + timedelta(minutes=40)
    room.sweep()
    assert (room.attempt().submitted_at, room.attempt().ends_at) == (None, NOON + timedelta(minutes=90))


def test_late_work_loses_points_with_evidence_and_gets_them_back_with_a_later_due_date(room: Room) -> None:
    room.rules(due_at=NOON.isoformat(), late="deduct", late_percent_per_day=10, late_percent_at_most=50)
    attempt = room.start(right=5)
    room.now = NOON + timedelta(days=1, hours=1)
    room.submit(attempt)
    (first,) = room.outcomes()
    assert (first.points, first.evidence["late"]) == (
        Decimal(4), {"days_late": 2, "percent": 20, "points_before": "5.0000"},
    )  # fmt: skip
    room.accommodate(QUIZ.id, due_at=NOON + timedelta(days=1))
    room.accommodate(extra_attempts=1)  # nothing about dates: nothing new
    assert [(one.number, one.points) for one in room.outcomes()] == [(1, Decimal(4)), (2, Decimal("4.5"))]
    second = room.outcomes()[1]
    assert second.evidence["late"]["days_late"] == 1
    assert second.evidence["reason"] == "late-rules-changed"
    assert second.evidence["questions"] == first.evidence["questions"]
    room.rules(late="accept", late_percent_per_day=0)
    third = room.outcomes()[2]
    assert (third.points, "late" in third.evidence) == (Decimal(5), False)
    with room.database.transaction() as session:
        clear_accommodation(session, room.context, room.ada.learner_id, QUIZ.id)
        apply_changes(session, room.context)
        assert outcomes_of(session, [room.attempt()])[attempt.id].number == 3
    assert room.owed() == [Decimal(4), Decimal("4.5"), Decimal(5)]


def test_what_a_person_decided_stands_above_all_and_is_not_reworked(room: Room) -> None:
    room.rules(due_at=NOON.isoformat(), late="deduct", late_percent_per_day=10)
    attempt = room.start(right=5)
    room.now = NOON + timedelta(hours=1)
    room.submit(attempt)
    with room.database.transaction() as session:
        mine = session.get_one(Attempt, attempt.id)
        values: dict[str, Any] = {"points_possible": Fraction(5), "evidence": {}}
        record_outcome(session, mine, decided_by=BY_PERSON, points=Fraction(3), **values)
        record_outcome(session, mine, decided_by="key", points=Fraction(1), **values)
        home = session.merge(room.classroom.placement)
        owe_score(session, home, room.ada.learner_id, QUIZ.id)
    room.rules(late="accept", late_percent_per_day=0)
    with room.database.reading() as session:
        standing = outcomes_of(session, [attempt])[attempt.id]
    assert (standing.decided_by, standing.points, len(room.outcomes())) == ("person", Decimal(3), 3)
    assert room.owed() == [Decimal("4.5"), Decimal(3)]


def test_a_preview_has_no_end_and_loses_nothing(room: Room) -> None:
    room.rules(time_limit_minutes=1, due_at=NOON.isoformat(), late="deduct", late_percent_per_day=100)
    with room.database.transaction() as session:
        home = session.merge(room.classroom.placement)
        preview = start_attempt(session, home, room.ada.learner_id, QUIZ, is_preview=True)
        answer_quiz(session, preview, 5)
    room.now = NOON + timedelta(days=5)
    assert room.sweep() == []
    assert room.submit(preview) is None
    assert ([one.points for one in room.outcomes()], room.owed()) == ([Decimal(5)], [])


def test_a_page_writes_until_another_one_has_and_may_take_over_once_it_has_seen_it(room: Room) -> None:
    attempt = room.start()
    take_over(attempt, "phone", "")
    take_over(attempt, "phone", "")
    with pytest.raises(TakenOver):
        take_over(attempt, "laptop", "")  # opened before the phone's first save
    take_over(attempt, "laptop-reloaded", "phone")
    for writer, seen in (("phone", ""), ("laptop", ""), ("", ""), ("phone", "phone")):
        with pytest.raises(TakenOver):
            take_over(attempt, writer, seen)
    assert attempt.writer == "laptop-reloaded"
    fresh = Attempt()
    take_over(fresh, "", "")
    assert fresh.writer is None


@pytest.mark.parametrize("feedback", Feedback)
@pytest.mark.parametrize("due_at", [None, NOON])
def test_the_key_is_never_shown_before_its_time(feedback: Feedback, due_at: datetime | None) -> None:
    policy = Policy(points=1, feedback=feedback, due_at=due_at)
    is_open, done = Attempt(submitted_at=None), Attempt(submitted_at=NOON - timedelta(hours=2))
    before, after = NOON - timedelta(seconds=1), NOON
    assert may_check(policy, is_open) is (feedback == Feedback.AFTER_ANSWER)
    assert not may_check(policy, done)
    assert not may_show_key(policy, is_open, after)
    waits = feedback == Feedback.AFTER_DUE and due_at is not None
    assert key_shown_from(policy) == (NOON if waits else None)
    assert may_show_key(policy, done, before) is (feedback != Feedback.NEVER and not waits)
    assert may_show_key(policy, done, after) is (feedback != Feedback.NEVER)


def test_answers_are_checked_only_where_the_rules_of_now_say_so(room: Room) -> None:
    attempt = room.start(right=5)
    room.rules(feedback="after-submit")
    with room.database.transaction() as session:
        mine = session.get_one(Attempt, attempt.id)
        with pytest.raises(CheckNotOffered):
            check_response(mine, FIRST, rules_of(session, mine))
        assert mine.responses[0].checked_at is None
        submit_attempt(session, mine)
        assert session.scalar(select(func.count(Outcome.id))) == 0
