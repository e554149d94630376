"""The platform is away for long: nothing is lost, the student is told the truth, the grade arrives once."""

import time
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from config import clock, outbound
from lti_tool.delivery import Deliverer
from lti_tool.waking import AT_MOST_EVERY
from tests.flows.classroom import Classroom, Turn
from tests.support.stack import wait_until

pytestmark = pytest.mark.processes
SAVED = "Saved, on its way to your gradebook."
TRIES = 10


@pytest.fixture
def no_worker(laptop: Classroom) -> Any:
    """The worker's work is done in this process, by a clock of ours."""
    with laptop.without("worker"):
        yield


def try_ten_times(room: Classroom, turn: Turn, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Deliver as a worker would, at the moments it would; the waits between, in seconds."""
    row = room.newest(turn)
    assert row is not None
    moment: list[datetime] = [clock.now()]
    waits = []
    with monkeypatch.context() as moved, outbound.make_session(allow_private=True) as http:
        moved.setattr(clock, "now", lambda: moment[0])
        deliverer = Deliverer(room.stack.database, http, room.stack.tool)
        for tries in range(1, TRIES + 1):
            deliverer.deliver(row.id)
            row = room.newest(turn)
            assert row is not None
            assert (row.state, row.tries) == ("pending", tries)
            waits.append((row.next_try_at - moment[0]).total_seconds())
            moment[0] = row.next_try_at
    return waits


@pytest.mark.parametrize("how", ["killed", "answering 503", "cutting the line"])
def test_after_ten_tries_at_a_platform_that_is_away_a_launch_brings_the_grade(
    laptop: Classroom, no_worker: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    room, turn = laptop, laptop.next_turn()
    turn.person.open_quiz()
    if how == "killed":
        room.stack.kill("lms")
    else:
        room.stack.control("away", how="503" if how == "answering 503" else "close")
    assert SAVED in turn.person.hand_in(turn.right).text
    body = room.rows(turn.person.user_id)[-1].body

    waits = try_ten_times(room, turn, monkeypatch)
    assert all(later > 1.2 * earlier for earlier, later in pairwise(waits[:7]))
    assert max(waits) <= 18 * 60
    assert SAVED in turn.person.reload()

    if how == "killed":
        room.stack.start("lms")
        turn = Turn(room.person(turn.person.user_id), turn.right)
    else:
        room.stack.control("away", away=False)
    assert room.grade(turn.person.user_id) != turn.right
    page = turn.person.open_and_look()
    assert SAVED in page.text
    row = room.newest(turn)
    assert row is not None
    assert row.next_try_at <= clock.now(), "the launch did not wake the score"
    since = time.monotonic()
    room.stack.start("worker")
    try:
        room.await_arrival(turn, since)
    finally:
        room.stack.kill("worker")
    taken = [post for post in room.received(turn) if post["status"] == 200]
    assert [post["body"] for post in taken] == [body]
    assert "In your gradebook." in turn.person.reload()


def test_a_running_worker_keeps_trying_and_a_launch_makes_it_try_at_once(laptop: Classroom) -> None:
    room, turn = laptop, laptop.next_turn()
    turn.person.open_quiz()
    room.stack.kill("lms")
    assert SAVED in turn.person.hand_in(turn.right).text
    wait_until("a try has failed", lambda: (row := room.newest(turn)) and row.cause and row)
    room.stack.start("beat")
    try:
        wait_until("it tries again by itself", lambda: (row := room.newest(turn)) and row.tries >= 2, 30)
        assert SAVED in turn.person.reload()
    finally:
        room.stack.kill("beat")
    room.stack.start("lms")
    turn = Turn(room.person(turn.person.user_id), turn.right)
    wait_until(
        "the last try is long enough ago to be woken",
        lambda: (row := room.newest(turn)) and row.tried_at and row.tried_at < clock.now() - AT_MOST_EVERY,
    )
    since = time.monotonic()
    turn.person.open_and_look()
    assert room.await_arrival(turn, since) < 5, "the launch did not wake the score"
    assert [post["status"] for post in room.received(turn)] == [200]


def test_a_zero_is_a_grade_and_work_not_handed_in_is_none_and_an_instructors_is_none(
    laptop: Classroom,
) -> None:
    room = laptop
    instructor = room.person("101")
    page = instructor.take_quiz(5)
    assert "Preview" in page.text
    assert SAVED not in page.text
    zero, idle = room.person("205"), room.person("204")
    idle.open_quiz()
    zero.take_quiz(0)
    wait_until("the gradebook holds a zero", lambda: room.grade("205") == 0)
    assert room.grade("204") is None
    assert (room.rows("204"), room.received("204")) == ([], [])
    assert (room.rows("101"), room.received("101")) == ([], [])
    (post,) = room.received("205")
    assert '"scoreGiven":0,' in post["body"]
    assert '"gradingProgress":"FullyGraded"' in post["body"]
