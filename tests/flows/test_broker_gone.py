"""Redis goes away while a worker is at work: the worker survives it, and grades go on arriving."""

import time
from pathlib import Path

import pytest

from lti_tool.cli.processes import free_port
from tests.flows.classroom import Classroom
from tests.support.servers import redis_server
from tests.support.stack import running_stack, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.kills]


def test_a_worker_survives_that_redis_goes_away_in_the_middle_of_a_delivery(tmp_path: Path) -> None:
    port = free_port(0)
    address = f"redis://127.0.0.1:{port}/0"
    with running_stack(tmp_path / "stack", COURSEWRIGHT_BROKER_URL=address) as stack:
        with redis_server(port):
            stack.start("lms", "tool", "worker", "beat")
            room = Classroom(stack)
            turn = room.next_turn()
            room.forget_requests()
            room.stack.control("score-faults", status=None, write=True, delay_after=3)
            turn.person.take_quiz(turn.right)
            wait_until("the platform has the score before it", lambda: room.score_posts_begun() == 1)
        room.await_arrival(turn, time.monotonic())
        with redis_server(port):
            later = room.next_turn()
            since = time.monotonic()
            later.person.take_quiz(later.right)
            room.await_arrival(later, since, within=30)
        assert "worker" in stack.running, "the worker did not survive"
