"""What may change while the tool runs: lost nudges, a killed web process, keys on both sides, new platforms."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from lti_tool.cli.demo_student import StudentFailed
from lti_tool.keys import signing_key
from tests.flows.classroom import Classroom
from tests.support.servers import redis_server
from tests.support.stack import Stack, running_stack, wait_until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def unnudged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """A stack with a clock whose tool has a broker of its own, which is gone by the time of the first test."""
    with running_stack(tmp_path_factory.mktemp("unnudged"), "lms", "worker", "beat") as stack:
        files = stack.environment["COURSEWRIGHT_BROKER_URL"]
        with redis_server() as broker:
            stack.environment["COURSEWRIGHT_BROKER_URL"] = broker
            stack.start("tool")
        stack.environment["COURSEWRIGHT_BROKER_URL"] = files
        yield Classroom(stack)


def current_kid(room: Classroom) -> str:
    with room.stack.database.transaction() as session:
        return signing_key(session)[0]


# Keys


def test_a_platform_changes_its_keys_and_the_next_launch_just_works(laptop: Classroom) -> None:
    room, turn = laptop, laptop.next_turn()
    turn.person.open_and_look()
    room.stack.control("signing-key", keep_old=False)
    room.forget_requests()
    turn.person.open_and_look()
    assert room.stack.control("requests")["/lti/certs"] == 1
    since = time.monotonic()
    turn.person.take_quiz(turn.right)
    room.await_arrival(turn, since)


def test_a_warm_launch_asks_the_platform_for_nothing(laptop: Classroom) -> None:
    room, turn = laptop, laptop.next_turn()
    turn.person.open_and_look()
    room.forget_requests()
    for _ in range(2):
        turn.person.open_and_look()
    seen = room.stack.control("requests")
    assert seen.pop("/lti/auth") == 2
    assert seen == {"/activity/quiz-1": 2}


def test_our_keys_change_in_mid_flow_and_scores_are_still_taken(laptop: Classroom) -> None:
    room = laptop
    kids = [current_kid(room)]
    for _ in range(2):  # the second time, the platform has never seen the key that signs
        turn = room.next_turn()
        turn.person.open_quiz()
        room.command("keys", "rotate")
        kids.append(current_kid(room))
        room.revoke_tokens()
        room.forget_requests()
        since = time.monotonic()
        turn.person.hand_in(turn.right)
        room.await_arrival(turn, since)
        assert room.stack.control("requests")["/lti/token"] == 1, "the old key's token was used"
        assert room.received(turn)[-1]["status"] == 200
    assert len(set(kids)) == 3


# Platforms


def test_a_platform_added_while_the_tool_runs_can_launch_at_once(laptop: Classroom, tmp_path: Path) -> None:
    room = laptop
    other = Stack(tmp_path / "other")
    other.tool = room.stack.tool
    try:
        other.start("lms")
        newcomers = Classroom(other)
        with pytest.raises(StudentFailed, match="answered 4"):
            newcomers.person("201").open_quiz()
        lms = other.lms
        added = room.command(
            "platforms", "add", "--issuer", lms, "--client-id", "coursewright-practice", "--name", "Other",
            "--auth-login-url", f"{lms}/lti/auth", "--auth-token-url", f"{lms}/lti/token",
            "--jwks-url", f"{lms}/lti/certs",
        )  # fmt: skip
        assert added.startswith("Added platform")
        newcomers.person("201").take_quiz(4)
        wait_until("the new platform has the grade", lambda: newcomers.grade("201") == 4)
    finally:
        other.stop()


# Nudges and the web process


def test_a_nudge_that_is_lost_costs_seconds_and_holds_nobody_up(unnudged: Classroom) -> None:
    room, turn = unnudged, unnudged.next_turn()
    turn.person.open_quiz()
    since = time.monotonic()
    page = turn.person.hand_in(turn.right)
    assert time.monotonic() - since < 5
    assert "Saved, on its way to your gradebook." in page.text
    wait_until("the nudge is lost", lambda: "nudge lost" in room.stack.log("tool"))
    room.await_arrival(turn, since)
    assert [post["status"] for post in room.received(turn)] == [200]


@pytest.mark.kills
def test_a_web_process_killed_right_after_the_commit_has_done_its_work(unnudged: Classroom) -> None:
    room, warm, turn = unnudged, unnudged.next_turn(), unnudged.next_turn()
    warm.person.take_quiz(warm.right)  # a token must be there: no platform gives one while our key set is away
    wait_until("the score before it has arrived", lambda: room.has_arrived(warm))
    turn.person.open_quiz()

    def hand_in() -> None:
        with suppress(requests.RequestException, StudentFailed):
            turn.person.hand_in(turn.right)

    handing_in = threading.Thread(target=hand_in)
    handing_in.start()
    while room.newest(turn) is None:  # as fast as it can be asked: the kill should hit before the answer
        assert handing_in.is_alive() or room.newest(turn)
    room.stack.kill("tool")
    since = time.monotonic()
    handing_in.join()
    room.await_arrival(turn, since)
    room.stack.start("tool")
    assert "In your gradebook." in turn.person.open_and_look().text
    assert [post["status"] for post in room.received(turn)] == [200]
