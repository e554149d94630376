"""Replies followed from the server that `coursewright serve` runs: whole, once, and lost with nobody's connection."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
import requests
from sqlalchemy import select

from config.public_ids import new_public_id
from course.attempts import start_attempt
from course.conversations import DONE, MODEL, begin_conversation
from course.models import Turn
from lti_tool.sessions import Occupant, open_session
from lti_tool.web.cookies import SESSION
from lti_tool.web.reply_pump import FRAME_SECONDS
from tests.support.factory import make_person, make_placement, make_registration
from tests.support.labs import LABS
from tests.support.model_service import KEY, RunningModelService
from tests.support.stack import Stack, wait_until

pytestmark = pytest.mark.processes

LAB = LABS[0]
REPLY = (
    "You name the loss, and you say that it pays for the next order. Take a place that opened on Monday and has two "
    "orders by now. What would have to change in the training before it could ever come first?"
)
PACE = 40  # words a second: the reply takes a second


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("streams")
    with RunningModelService() as service:
        service.script({"text": REPLY, "tokens_per_second": PACE})
        stack = Stack(folder, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=service.url)
        try:
            stack.start("tool")
            yield stack
        finally:
            stack.stop()


@dataclass
class Student:
    """Somebody in a lab, without a browser."""

    tool: Stack
    path: str
    headers: dict[str, str]
    attempt_id: int

    def say(self) -> str:
        """Say something; where the reply is to be followed."""
        page = requests.get(self.tool.tool + self.path, headers=self.headers, timeout=10).text
        csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"csrf_token": csrf, "action": "say", "number": "2", "text": "It is the loss."}
        headers = {**self.headers, "Accept": "application/json"}
        answer = requests.post(self.tool.tool + self.path, data=form, headers=headers, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["events"])

    def follow(self, events: str, last_event_id: str = "") -> Iterator[tuple[str, str, dict[str, str]]]:
        """Name, id and data of each event, as they come."""
        headers = {**self.headers, "Last-Event-ID": last_event_id} if last_event_id else self.headers
        with closing(http.client.HTTPConnection("127.0.0.1", self.tool.tool_port, timeout=20)) as connection:
            connection.request("GET", events, headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200
            fields: dict[str, str] = {}
            while line := answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields:
                    yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
                    fields = {}

    def reply(self) -> Turn:
        """The reply's row as it stands."""
        with self.tool.database.reading() as session:
            query = select(Turn).where(Turn.attempt_id == self.attempt_id).order_by(Turn.number.desc())
            return session.scalars(query.limit(1)).one()


@pytest.fixture
def student(tool: Stack) -> Student:
    with tool.database.transaction() as session:
        platform = make_registration(session, issuer=f"https://{new_public_id()}.example.org")
        placement, learner = make_placement(session, item_id=LAB.id), make_person(session, platform.id).learner
        attempt = start_attempt(session, placement, learner.id, LAB, is_preview=False)
        begin_conversation(session, attempt, LAB, MODEL)
        token = open_session(session, Occupant(placement.id, learner.id, "learner", None, "en"), cookie_token=None)
        path = f"/in/{placement.key}/{learner.key}/labs/{attempt.key}"
    return Student(tool, path, {"Cookie": f"{SESSION}={token}"}, attempt.id)


def text_of(events: list[tuple[str, str, dict[str, str]]]) -> str:
    return "".join(data["text"] for name, _, data in events if name == "text")


def test_a_reply_is_followed_from_its_first_word_to_its_end(student: Student) -> None:
    begun = time.monotonic()
    *growing, end = student.follow(student.say())
    took = time.monotonic() - begun
    assert {name for name, _, _ in growing} == {"text"}
    assert REPLY.startswith(text_of(growing))
    places = [int(event_id.removeprefix("1.")) for _, event_id, _ in growing]
    assert places == sorted(set(places))
    assert places[-1] == len(text_of(growing))
    assert 1 < len(growing) <= took / FRAME_SECONDS + 1
    assert end[0] == "end"
    assert (end[2]["status"], end[2]["text"]) == (DONE, REPLY)


def test_a_reader_who_comes_back_gets_the_rest_and_nothing_twice(student: Student) -> None:
    events = student.say()
    following = student.follow(events)
    before = [next(following)]
    following.close()  # type: ignore[attr-defined]  # a generator: this closes the connection
    *after, end = student.follow(events, before[-1][1])
    assert "again" not in {name for name, _, _ in after}
    assert REPLY.startswith(text_of(before) + text_of(after))
    assert end[2]["text"] == REPLY


def test_a_reader_who_leaves_in_mid_reply_loses_nothing(student: Student) -> None:
    events = student.say()
    following = student.follow(events)
    next(following)
    following.close()  # type: ignore[attr-defined]
    wait_until("the reply is whole", lambda: student.reply().status == DONE)
    assert (student.reply().text, student.reply().takes) == (REPLY, 1)
    ((name, _, state),) = student.follow(events)
    assert (name, state["text"]) == ("end", REPLY)
