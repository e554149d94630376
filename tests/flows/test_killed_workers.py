"""A grade from the quiz to the gradebook, and what a killed worker does to it: nothing. On both brokers."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from course.attempts import GRACE
from course.items import Page
from course.policies import clear_override, set_override
from lti_tool.policy_changes import apply_changes
from tests.flows.classroom import ARRIVES_IN, Classroom, Turn
from tests.support.factory import BUILT_IN, QUIZ
from tests.support.stack import wait_until

pytestmark = pytest.mark.processes
CONTEXT = "context-1"  # the practice LMS has one course


# On a laptop's stack a grade's whole way is in test_running_tool.py and in the demo's check.
@pytest.fixture(scope="module", params=[pytest.param("laptop", marks=pytest.mark.kills), "server_room"])
def room(request: pytest.FixtureRequest) -> Classroom:
    """A stack on SQLite and files, then one on PostgreSQL and Redis."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def sent_alike(room: Classroom, turn: Turn, times: int) -> list[int]:
    """That the score was sent so many times, the same to the byte; what was answered."""
    posts = wait_until(f"{times} posts are logged", lambda: len(room.received(turn)) >= times and room.received(turn))
    assert len(posts) == times
    assert len({post["body"] for post in posts}) == 1
    assert len({json.loads(post["body"])["timestamp"] for post in posts}) == 1
    assert len({post["path"] for post in posts}) == 1
    return [post["status"] for post in posts]


def test_a_lesson_read_and_a_quiz_taken_bring_a_grade(room: Classroom) -> None:
    turn = room.next_turn()
    lesson = next(item for item in BUILT_IN.items if isinstance(item, Page) and item.sections)
    page = turn.person.launch(lesson.id)
    for section in lesson.sections:
        page = turn.person.send(page, f"/items/{lesson.id}/read", section=section.id)
    turn.person.open_quiz()
    since = time.monotonic()
    turn.person.hand_in(turn.right)
    assert room.await_arrival(turn, since) < 5, "the nudge was of no use"
    assert "In your gradebook." in turn.person.reload()
    (row,) = room.rows(turn.person.user_id)
    (post,) = room.received(turn)
    assert (post["body"], post["status"]) == (row.body, 200)


def test_a_worker_killed_before_it_took_the_score_up_loses_nothing(room: Classroom) -> None:
    turn = room.next_turn()
    with room.without("worker") as gone:
        page = turn.person.take_quiz(turn.right)
        assert "Saved, on its way to your gradebook." in page.text
        assert room.grade(turn.person.user_id) is None
    room.await_arrival(turn, gone.restarted_at)
    assert sent_alike(room, turn, 1) == [200]


@pytest.mark.kills
def test_a_worker_killed_while_the_platform_has_not_written_yet_loses_nothing(room: Classroom) -> None:
    turn = room.next_turn()
    room.forget_requests()
    room.stack.control("score-faults", status=None, write=True, delay_before=1.5)
    turn.person.take_quiz(turn.right)
    wait_until("the platform has the score before it", lambda: room.score_posts_begun() == 1)
    assert room.grade(turn.person.user_id) is None
    with room.without("worker") as gone:
        pass
    room.await_arrival(turn, gone.restarted_at)
    assert sorted(sent_alike(room, turn, 2)) == [200, 409]


@pytest.mark.kills
def test_a_worker_killed_before_the_platform_refuses_loses_nothing(room: Classroom) -> None:
    turn = room.next_turn()
    room.forget_requests()
    room.stack.control("score-faults", status=500, delay_before=1.5)
    turn.person.take_quiz(turn.right)
    wait_until("the platform has the score before it", lambda: room.score_posts_begun() == 1)
    with room.without("worker") as gone:
        pass
    room.await_arrival(turn, gone.restarted_at)
    assert sent_alike(room, turn, 2) == [500, 200]


def test_a_worker_killed_between_the_platforms_yes_and_our_mark_changes_nothing(room: Classroom) -> None:
    turn = room.next_turn()
    room.stack.control("score-faults", status=None, write=True, delay_after=2)
    turn.person.take_quiz(turn.right)
    wait_until("the platform has written the score", lambda: room.grade(turn.person.user_id) == turn.right)
    row = room.newest(turn)
    assert row is not None
    assert row.state == "pending"
    with room.without("worker") as gone:
        pass
    room.await_arrival(turn, gone.restarted_at)
    assert sorted(sent_alike(room, turn, 2)) == [200, 409]
    assert room.rows(turn.person.user_id)[-1].body == row.body
    assert "In your gradebook." in turn.person.reload()


def test_an_attempt_whose_time_ran_out_while_no_worker_ran_is_handed_in_once_one_does(room: Classroom) -> None:
    turn = room.next_turn()
    turn.person.open_quiz()
    turn.person.save(turn.right)
    with room.without("worker") as gone:
        past = (datetime.now(UTC) - GRACE - timedelta(minutes=1)).isoformat(timespec="seconds")
        with room.stack.database.transaction() as session:
            set_override(session, CONTEXT, BUILT_IN, QUIZ, {"closes_at": past})
            assert apply_changes(session, CONTEXT) == []
    room.await_arrival(turn, gone.restarted_at, within=2 * ARRIVES_IN)  # it is handed in first, and then sent
    with room.stack.database.transaction() as session:
        clear_override(session, CONTEXT, BUILT_IN, QUIZ)
    assert sent_alike(room, turn, 1) == [200]
    assert "In your gradebook." in turn.person.reload()
