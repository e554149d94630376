"""A reply as server-sent events: everything arrives once and in order, whoever comes and goes in between."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.conversations import DONE, STREAMING
from course.live_replies import LiveReply, Sight
from lti_tool.web import reply_events
from lti_tool.web.reply_events import event_stream


class OneReply:
    """Stands in for `course.replies.Replies`: one reply, written by the test."""

    def __init__(self) -> None:
        self.live = LiveReply(1)
        self.readers = threading.BoundedSemaphore(1)

    @contextmanager
    def following(self, turn_id: int) -> Iterator[LiveReply]:
        yield self.live


def events(chunks: Iterator[bytes]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, id and data of each event of a stream."""
    for block in b"".join(chunks).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            yield fields["event"], fields.get("id", ""), json.loads(fields["data"])


def read(replies: OneReply, last_event_id: str = "") -> list[tuple[str, str, dict[str, str]]]:
    return list(events(event_stream(replies, 1, last_event_id).response))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_events, "SMALLEST_GAP", 0.0)


def test_the_text_arrives_and_then_the_end() -> None:
    replies = OneReply()
    replies.live.show(Sight(1, "Which step", STREAMING))
    reader: list[list[tuple[str, str, dict[str, str]]]] = []
    thread = threading.Thread(target=lambda: reader.append(read(replies)))
    thread.start()
    replies.live.show(Sight(1, "Which step?", DONE))
    thread.join(5)
    (seen,) = reader
    assert seen[-1][0] == "end"
    assert "Which step?".startswith("".join(data["text"] for name, _, data in seen if name == "text"))


def test_a_reader_who_comes_back_gets_the_rest_and_no_word_twice() -> None:
    replies = OneReply()
    replies.live.show(Sight(1, "Which step", STREAMING))
    stream = event_stream(replies, 1, "1.5").response  # type: ignore[arg-type]
    next(stream)  # type: ignore[call-overload]
    assert list(events(iter([next(stream)]))) == [("text", "1.10", {"text": " step"})]  # type: ignore[call-overload]


def test_a_reader_of_an_earlier_take_is_told_to_forget_it() -> None:
    replies = OneReply()
    replies.live.show(Sight(2, "Anew", STREAMING))
    stream = event_stream(replies, 1, "1.5").response  # type: ignore[arg-type]
    next(stream)  # type: ignore[call-overload]
    first, second = (next(events(iter([next(stream)]))) for _ in range(2))  # type: ignore[call-overload]
    assert first[:2] == ("again", "2.0")
    assert second == ("text", "2.4", {"text": "Anew"})


def test_a_stream_says_that_it_lives_while_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_events, "HEARTBEAT_SECONDS", 0.01)
    stream = event_stream(OneReply(), 1, "").response  # type: ignore[arg-type]
    assert next(stream).startswith(b"retry:")  # type: ignore[call-overload]
    next(stream)  # type: ignore[call-overload]
    assert next(stream).startswith(b":")  # type: ignore[call-overload]


def test_where_too_many_follow_already_the_reader_is_asked_to_come_back() -> None:
    replies = OneReply()
    first = event_stream(replies, 1, "")  # type: ignore[arg-type]
    assert event_stream(replies, 1, "").status_code == 503  # type: ignore[arg-type]
    first.close()
    assert event_stream(replies, 1, "").status_code == 200  # type: ignore[arg-type]


@given(st.text(max_size=30))
def test_any_last_event_id_is_taken_for_a_beginning_or_a_place(last_event_id: str) -> None:
    replies = OneReply()
    replies.live.show(Sight(1, "Which step?", DONE))
    assert read(replies, last_event_id)[-1][0] == "end"
