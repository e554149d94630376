"""An answer on its way, followed to its end."""

import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx2

from course.language_model.answer import Answer
from course.language_model.arrivals import NOT_WANTED, Arrivals, IsWanted, StreamLost, always
from course.language_model.chunks import Chunks
from course.language_model.errors import LanguageModelError, ModelCut, ModelSwitchedOff
from course.language_model.faults import translated
from course.language_model.messages import Reply
from course.language_model.stream_events import EventReader
from course.language_model.transport import Body


class ReplyStream:
    """An answer on its way: `follow` it to its end, then `reply` is the whole. Close it, or use it as a context
    manager."""

    def __init__(
        self, response: httpx2.Response, answer: Answer, arrivals: Arrivals, *, silence: float, deadline: float
    ) -> None:
        self._response = response
        self._answer = answer
        self._arrivals = arrivals
        self._silence = silence
        self._deadline = deadline
        self._events = EventReader()
        self._reply: Reply | None = None

    @property
    def reply(self) -> Reply:
        """The whole answer, once it has been followed to its end; before that, a RuntimeError."""
        if self._reply is None:
            raise RuntimeError("the stream has not come to its end")
        return self._reply

    def follow(self, on_text: Callable[[str], None], is_wanted: IsWanted = always) -> None:
        """Hand on the text as it comes, several tokens at once where they came together; waits for the end.

        `on_text` may be called on a thread that reads for all streams, so it must not wait for anything. Raises what
        it raised, and a `LanguageModelError` when the answer ends badly: its `reply` holds what had arrived, and a
        refusal (`ModelRefused`) takes back the text before it. `ModelSwitchedOff` once it is not wanted any more.
        """
        body = self._response.extensions.get("body")
        taken_over = body.taken_over() if isinstance(body, Body) else None
        if taken_over:
            connection, begun = taken_over
            self._follow_socket(connection, begun, on_text, is_wanted)
        else:
            self._follow_body(on_text, is_wanted)
        self._reply = self._answer.finished()

    def _follow_socket(
        self, connection: socket.socket, begun: bytes, on_text: Callable[[str], None], is_wanted: IsWanted
    ) -> None:
        chunks = Chunks()

        def take(raw: bytes) -> bool:
            with translated(self._answer):
                text = self._text_of(chunks.take(raw))
            if text:
                on_text(text)
            return chunks.has_ended

        try:
            if not take(begun):
                self._arrivals.follow(
                    connection, take, silence=self._silence, deadline=self._deadline, is_wanted=is_wanted
                )
        except StreamLost as lost:
            raise self._cut(lost.cause) from None

    def _follow_body(self, on_text: Callable[[str], None], is_wanted: IsWanted) -> None:
        with translated(self._answer):
            parts = self._response.iter_bytes()
        while True:
            with translated(self._answer):
                part = next(parts, None)
                if part is None:
                    return
                text = self._text_of(part)
            if text:
                on_text(text)
            if time.monotonic() > self._deadline:  # pings alone would keep it open for ever
                raise self._cut("too_slow")
            if not is_wanted():
                raise self._cut(NOT_WANTED)

    def _text_of(self, part: bytes) -> str:
        """The text in a part of the body; whatever else it tells goes to the answer."""
        pieces = []
        for event in self._events.take(part):
            if isinstance(event, str):
                pieces.append(self._answer.take_text(event))
            else:
                self._answer.take_event(event)
        return "".join(pieces)

    def _cut(self, cause: str) -> LanguageModelError:
        if cause == NOT_WANTED:
            return ModelSwitchedOff(reply=self._answer.so_far(), may_be_billed=True)
        return ModelCut(cause, reply=self._answer.so_far(), may_be_billed=True)

    def close(self) -> None:
        """Give the connection back; what has not arrived is lost, and may be billed all the same."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
