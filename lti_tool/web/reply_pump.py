"""Sends many replies as they grow, from one thread: to each reader what is new, at most every 40 ms.

With one thread a reader, hundreds of them would wake at every token, and waking costs more than sending. Here a
reader's own thread sleeps until its reply ends. The pump writes to the server's socket itself, behind the response's
head and in its framing, and never waits for a slow reader: whoever cannot take the next bytes at once goes on in its
own thread.
"""

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course.live_replies import LiveReply, Sight
from lti_tool.web.reply_frames import HEARTBEAT, HEARTBEAT_SECONDS, Place

FRAME_SECONDS = 0.04  # between two frames of a reader: at most 25 a second
TICK_SECONDS = 0.01  # how often it is asked who has news; so a frame waits no longer than this for its turn


@dataclass(slots=True, eq=False)
class Reader:
    """One reader of a reply. `seen`: what the pump has looked at last. `rest`: bytes of ours that its socket has not
    taken, to be sent before anything else."""

    live: LiveReply
    place: Place
    connection: socket.socket
    is_chunked: bool
    seen: Sight | None = None
    rest: bytes = b""
    sent_at: float = field(default_factory=time.monotonic)
    is_over: threading.Event = field(default_factory=threading.Event)


def reader_of(environ: Mapping[str, Any], live: LiveReply, place: Place) -> Reader | None:
    """A reader whose socket may be written to; None under another server than gunicorn."""
    connection = environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket) or environ.get("wsgi.url_scheme") != "http":
        return None
    return Reader(live, place, connection, is_chunked=environ.get("SERVER_PROTOCOL") == "HTTP/1.1")


class Pump:
    """The one of a process. Its thread runs while there are readers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: list[Reader] = []
        self._thread: threading.Thread | None = None

    def carry(self, reader: Reader) -> None:
        """Send the reply as it grows; returns when it has ended, the reader is gone, or cannot follow so fast."""
        with self._lock:
            self._readers.append(reader)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reply-pump", daemon=True)
                self._thread.start()
        reader.is_over.wait()

    def _run(self) -> None:
        while True:
            begun = time.monotonic()
            with self._lock:
                if not self._readers:
                    self._thread = None
                    return
                due = [reader for reader in self._readers if _is_due(reader, begun)]
            over = [reader for reader in due if not _send_news(reader, begun)]
            if over:
                with self._lock:
                    self._readers = [reader for reader in self._readers if reader not in over]
                for reader in over:
                    reader.is_over.set()
            time.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - begun)))


def _is_due(reader: Reader, now: float) -> bool:
    waited = now - reader.sent_at
    if reader.live.sight is reader.seen:
        return waited >= HEARTBEAT_SECONDS
    return waited >= FRAME_SECONDS


def _send_news(reader: Reader, now: float) -> bool:
    """Send what is new; whether the pump goes on with this reader."""
    sight = reader.seen = reader.live.sight
    news = reader.place.frames(sight)
    if not news and now - reader.sent_at >= HEARTBEAT_SECONDS:
        news = HEARTBEAT
    if news:
        framed = b"%x\r\n%s\r\n" % (len(news), news) if reader.is_chunked else news
        reader.sent_at = now
        try:
            sent = reader.connection.send(framed, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            return False  # gone: its thread finds that out as well
        if sent < len(framed):
            reader.rest = framed[sent:]
            return False
    return not sight.has_ended
