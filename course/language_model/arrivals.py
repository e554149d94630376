"""Reads what arrives on many sockets, from one thread: every 10 ms, of each, all that has come.

With one thread a stream, hundreds of them would wake at every token, and waking costs more than reading. Here whoever
follows a stream sleeps until its end.
"""

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

TICK_SECONDS = 0.01
LOOK_SECONDS = 0.1  # how often it is asked whose time is over
READ_BYTES = 65536

Take = Callable[[bytes], bool]
"""Takes the bytes that have arrived; whether these were the last."""

IsWanted = Callable[[], bool]
"""Whether the rest is still wanted. Asked often, so it must not wait."""

NOT_WANTED = "not_wanted"


def always() -> bool:
    """Wanted to its end."""
    return True


class StreamLost(Exception):
    """A stream ended before its last byte. `cause`: "connection_lost"; "read_timeout", nothing came for too long;
    "too_slow", it was not over in time, whatever came; `NOT_WANTED`, nobody wants the rest."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


@dataclass(slots=True, eq=False)
class _Stream:
    connection: socket.socket
    take: Take
    silence: float
    deadline: float
    is_wanted: IsWanted
    heard_at: float = field(default_factory=time.monotonic)
    is_over: threading.Event = field(default_factory=threading.Event)
    fault: BaseException | None = None


class Arrivals:
    """The one of a process. Its thread runs while there are streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[_Stream] = []
        self._thread: threading.Thread | None = None

    def follow(
        self, connection: socket.socket, take: Take, *, silence: float, deadline: float, is_wanted: IsWanted = always
    ) -> None:
        """Give `take` what arrives until it has had the last; waits for that. `take` is called on the thread of all
        streams, so it must not wait for anything. `silence`: seconds; `deadline`: a moment of `time.monotonic`.

        Raises what `take` raised, and `StreamLost`.
        """
        stream = _Stream(connection, take, silence, deadline, is_wanted)
        with self._lock:
            self._new.append(stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="arrivals", daemon=True)
                self._thread.start()
        stream.is_over.wait()
        if stream.fault is not None:
            raise stream.fault

    def _run(self) -> None:
        looked_at = 0.0
        with selectors.DefaultSelector() as selector:
            while self._take_up_new(selector):
                begun = time.monotonic()
                for key, _ in selector.select(TICK_SECONDS):
                    if _has_ended(key.data, begun):
                        _let_go(selector, key.data)
                if begun - looked_at >= LOOK_SECONDS:
                    looked_at = begun
                    for key in list(selector.get_map().values()):
                        if _is_out_of_time(key.data, begun):
                            _let_go(selector, key.data)
                time.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - begun)))

    def _take_up_new(self, selector: selectors.BaseSelector) -> bool:
        """Whether there is anything to read."""
        with self._lock:
            new, self._new = self._new, []
            if not new and not selector.get_map():
                self._thread = None
                return False
        for stream in new:
            try:
                selector.register(stream.connection, selectors.EVENT_READ, stream)
            except (OSError, ValueError, KeyError):  # it is closed by now
                stream.fault = StreamLost("connection_lost")
                stream.is_over.set()
                continue
            if _has_ended(stream, time.monotonic()):  # TLS may hold what no socket tells of, see `_read`
                _let_go(selector, stream)
        return True


def _has_ended(stream: _Stream, now: float) -> bool:
    """Read what has arrived; whether it was the last."""
    stream.heard_at = now
    try:
        return _read(stream)
    except Exception as error:  # noqa: BLE001 - handed to the thread that follows this stream
        stream.fault = error
        return True


def _read(stream: _Stream) -> bool:
    while True:
        try:
            part = stream.connection.recv(READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            part = b""
        if not part:
            raise StreamLost("connection_lost")
        if stream.take(part):
            return True
        # TLS keeps what it has deciphered, and then the socket does not tell that there is more.
        if not (isinstance(stream.connection, ssl.SSLSocket) and stream.connection.pending()):
            return False


def _is_out_of_time(stream: _Stream, now: float) -> bool:
    if now > stream.deadline:
        stream.fault = StreamLost("too_slow")
    elif now - stream.heard_at > stream.silence:
        stream.fault = StreamLost("read_timeout")
    elif not stream.is_wanted():
        stream.fault = StreamLost(NOT_WANTED)
    return stream.fault is not None


def _let_go(selector: selectors.BaseSelector, stream: _Stream) -> None:
    selector.unregister(stream.connection)
    stream.is_over.set()
