"""A reply as server-sent events: everything arrives once and in order, whoever comes and goes in between."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request

from course.conversations import DONE, STREAMING
from course.live_replies import LiveReply, Sight
from lti_tool.web import reply_events
from lti_tool.web.reply_events import event_stream
from lti_tool.web.reply_frames import Place
from lti_tool.web.reply_pump import Pump, reader_of


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


def asking(last_event_id: str) -> Request:
    return Request({"HTTP_LAST_EVENT_ID": last_event_id})


def read(replies: OneReply, last_event_id: str = "") -> list[tuple[str, str, dict[str, str]]]:
    return list(events(event_stream(replies, 1, asking(last_event_id), dict).response))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_events, "FRAME_SECONDS", 0.0)


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
    stream = event_stream(replies, 1, asking("1.5"), dict).response  # type: ignore[arg-type]
    next(stream)  # type: ignore[call-overload]
    assert list(events(iter([next(stream)]))) == [("text", "1.10", {"text": " step"})]  # type: ignore[call-overload]


def test_a_reader_of_an_earlier_take_is_told_to_forget_it() -> None:
    replies = OneReply()
    replies.live.show(Sight(2, "Anew", STREAMING))
    stream = event_stream(replies, 1, asking("1.5"), dict).response  # type: ignore[arg-type]
    next(stream)  # type: ignore[call-overload]
    first, second = events(iter([next(stream)]))  # type: ignore[call-overload]
    assert first[:2] == ("again", "2.0")
    assert second == ("text", "2.4", {"text": "Anew"})


def test_a_stream_says_that_it_lives_while_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_events, "HEARTBEAT_SECONDS", 0.01)
    stream = event_stream(OneReply(), 1, asking(""), dict).response  # type: ignore[arg-type]
    assert next(stream).startswith(b"retry:")  # type: ignore[call-overload]
    next(stream)  # type: ignore[call-overload]
    assert next(stream).startswith(b":")  # type: ignore[call-overload]


def test_where_too_many_follow_already_the_reader_is_asked_to_come_back() -> None:
    replies = OneReply()
    first = event_stream(replies, 1, asking(""), dict)  # type: ignore[arg-type]
    assert event_stream(replies, 1, asking(""), dict).status_code == 503  # type: ignore[arg-type]
    first.close()
    assert event_stream(replies, 1, asking(""), dict).status_code == 200  # type: ignore[arg-type]


@given(st.text(max_size=30))
def test_any_last_event_id_is_taken_for_a_beginning_or_a_place(last_event_id: str) -> None:
    replies = OneReply()
    replies.live.show(Sight(1, "Which step?", DONE))
    assert read(replies, last_event_id)[-1][0] == "end"


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def received(connection: socket.socket) -> bytes:
    """The bytes of a chunked body that have arrived, without their framing."""
    body, raw = b"", connection.recv(65536)
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        body, raw = body + raw[: int(size, 16)], raw[int(size, 16) + 2 :]
    return body


def test_the_pump_sends_to_all_readers_what_is_new_and_ends_with_the_reply(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = sockets
    live = LiveReply(1)
    environ = {"gunicorn.socket": ours, "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1"}
    reader = reader_of(environ, live, Place())
    assert reader
    carrying = threading.Thread(target=Pump().carry, args=(reader,))
    carrying.start()
    for text in ("Which", "Which step"):
        live.show(Sight(1, text, STREAMING))
        assert list(events(iter([received(theirs)])))[-1][1] == f"1.{len(text)}"
    live.show(Sight(1, "Which step?", DONE))
    carrying.join(5)
    assert not carrying.is_alive()


def test_a_reader_who_cannot_follow_goes_on_in_its_own_thread_and_misses_nothing(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = sockets
    live, text = LiveReply(1), "long " * 200_000
    environ = {"gunicorn.socket": ours, "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.0"}
    reader = reader_of(environ, live, Place())
    assert reader
    live.show(Sight(1, text, STREAMING))
    Pump().carry(reader)
    assert reader.rest
    threading.Thread(target=ours.sendall, args=(reader.rest,), daemon=True).start()
    body = b""
    while not body.endswith(b"\n\n"):
        body += theirs.recv(1 << 20)
    assert list(events(iter([body]))) == [("text", f"1.{len(text)}", {"text": text})]


def test_a_reader_who_is_gone_is_let_go(sockets: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = sockets
    theirs.close()
    live = LiveReply(1)
    live.show(Sight(1, "Which", STREAMING))
    environ = {"gunicorn.socket": ours, "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1"}
    reader = reader_of(environ, live, Place())
    assert reader
    Pump().carry(reader)
    assert reader.is_over.is_set()


def test_under_another_server_each_reader_has_its_own_thread() -> None:
    assert reader_of({"wsgi.url_scheme": "http"}, LiveReply(1), Place()) is None
