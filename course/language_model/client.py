"""The one place that knows the provider's SDK. Plain values in, plain values out, every ending named.

A call is made exactly once: a repeated one is billed twice, and the ledger would not know. Whoever calls decides about
another try. No transaction may be open meanwhile: a call takes seconds, and a row locked that long stops others.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import anthropic
import httpx2
from anthropic.types import Message as SdkMessage

from config.database import transaction_is_open
from course.language_model.answer import Answer
from course.language_model.errors import ModelCut, ModelNotConfigured
from course.language_model.faults import translated
from course.language_model.messages import Message, Part, Reply, Request
from course.language_model.stream_events import events_of

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 60.0  # a stream that says nothing for so long has stalled


class ModelClient:
    """Calls the Messages API. One per process, shared by its threads; the SDK is made at the first call, so a process
    may fork before that, and a forked child makes its own.

    Raises `ModelNotConfigured` at once without a key: the SDK would only notice at the first call.
    """

    def __init__(self, *, key: str, base_url: str) -> None:
        if not key:
            raise ModelNotConfigured("no_key")
        self._key = key
        self._base_url = base_url
        self._lock = threading.Lock()
        self._made: tuple[int, anthropic.Anthropic] | None = None

    def complete(self, request: Request) -> Reply:
        """The whole answer. Raises a `LanguageModelError` unless the model came to its own end."""
        answer = _begin(request)
        with translated():
            message = self._sdk().messages.create(**_arguments(request, silence=request.timeout_seconds))
        if not isinstance(message, SdkMessage):  # a proxy's page, say: the SDK hands on whatever came with a 200
            raise ModelCut("unreadable_reply", may_be_billed=True)
        answer.take_message(message)
        return answer.finished()

    def stream(self, request: Request) -> "ReplyStream":
        """The answer piece by piece; see `ReplyStream`. The request is sent here. Raises like `complete`."""
        answer = _begin(request)
        silence = min(SILENCE_SECONDS, request.timeout_seconds)
        with translated():
            events = self._sdk().messages.create(**_arguments(request, silence=silence), stream=True)
        answer.request_id = events.response.headers.get("request-id")
        events.response.stream = _Impatient(
            events.response.stream, answer, deadline=time.monotonic() + request.timeout_seconds
        )
        return ReplyStream(events, answer)

    def close(self) -> None:
        """Close the connections of this process."""
        with self._lock:
            if self._made:
                self._made[1].close()
            self._made = None

    def _sdk(self) -> anthropic.Anthropic:
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), self._make())
            return self._made[1]

    def _make(self) -> anthropic.Anthropic:
        # The SDK's DEBUG lines hold whole requests, and with them what students wrote.
        for name in ("anthropic", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)
        return anthropic.Anthropic(
            api_key=self._key,
            base_url=self._base_url,
            max_retries=0,
            open_telemetry={"traces": False, "propagation": False},
            # A redirect would carry what students wrote to an address that nobody configured.
            http_client=anthropic.DefaultHttpxClient(follow_redirects=False),
        )


class ReplyStream:
    """An answer on its way. Iterate it for pieces of text; then `reply` is the whole.

    The iteration raises a `LanguageModelError` when the answer ends badly; its `reply` holds what had arrived, and a
    refusal (`ModelRefused`) takes back the pieces before it. Close it, or use it as a context manager.
    """

    def __init__(self, events: "anthropic.Stream[Any]", answer: Answer) -> None:
        self._events = events
        self._answer = answer
        self._reply: Reply | None = None

    @property
    def reply(self) -> Reply:
        """The whole answer, once the iteration has come to its end; before that, a RuntimeError."""
        if self._reply is None:
            raise RuntimeError("the stream has not come to its end")
        return self._reply

    @property
    def so_far(self) -> Reply:
        """What has arrived by now, with `stop_reason` None until the end."""
        return self._answer.so_far()

    def __iter__(self) -> Iterator[str]:
        with translated(self._answer):
            for event in events_of(self._bytes()):
                if not isinstance(event, str):
                    self._answer.take_event(event)
                elif piece := self._answer.take_text(event):
                    yield piece
        self._reply = self._answer.finished()

    def _bytes(self) -> Iterator[bytes]:
        # Without an encoding, which is the rule for streams, they need not go through a decoder.
        response = self._events.response
        return response.iter_bytes() if response.headers.get("content-encoding") else response.iter_raw()

    def close(self) -> None:
        """Give the connection back; what has not arrived is lost, and may be billed all the same."""
        self._events.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _Impatient(httpx2.SyncByteStream):
    """The bytes of a stream until its time is over, whatever they say: pings alone would keep it open for ever."""

    def __init__(self, stream: Any, answer: Answer, *, deadline: float) -> None:
        self._stream = stream
        self._answer = answer
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._deadline:
                raise ModelCut("too_slow", reply=self._answer.so_far(), may_be_billed=True)
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _begin(request: Request) -> Answer:
    if transaction_is_open():
        raise RuntimeError("a language model must not be called while a transaction is open")
    return Answer(request.model, any(part.cache == "1h" for part in request.parts()), time.monotonic())


def _arguments(request: Request, *, silence: float) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": [_message(message) for message in request.messages],
        "timeout": anthropic.Timeout(silence, connect=CONNECT_SECONDS),
    }
    if request.system:
        arguments["system"] = [_block(part) for part in request.system]
    if request.cache_conversation:
        arguments["cache_control"] = {"type": "ephemeral", "ttl": request.cache_conversation}
    if request.between_tools:
        arguments["thinking"] = {"type": "between_tools"}
    output: dict[str, Any] = {}
    if request.effort:
        output["effort"] = request.effort
    if request.schema is not None:
        output["format"] = {"type": "json_schema", "schema": dict(request.schema)}
    if output:
        arguments["output_config"] = output
    return arguments


def _message(message: Message) -> dict[str, Any]:
    return {"role": message.role, "content": [_block(part) for part in message.parts]}


def _block(part: Part) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": part.text}
    if part.cache:
        block["cache_control"] = {"type": "ephemeral", "ttl": part.cache}
    return block
