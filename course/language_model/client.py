"""The one place that knows the provider's SDK. Plain values in, plain values out, every ending named.

A call is made exactly once: a repeated one is billed twice, and the ledger would not know. Whoever calls decides about
another try. No transaction may be open meanwhile: a call takes seconds, and a row locked that long stops others.
"""

import logging
import os
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx2
from anthropic.types import Message as SdkMessage

from config.database import transaction_is_open
from course.language_model.answer import Answer
from course.language_model.arrivals import Arrivals
from course.language_model.errors import ModelCut, ModelNotConfigured
from course.language_model.faults import translated
from course.language_model.messages import Message, Part, Reply, Request
from course.language_model.reply_stream import ReplyStream
from course.language_model.transport import StreamTransport

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 60.0  # a stream that says nothing for so long has stalled


@dataclass(frozen=True, slots=True)
class _Made:
    """What a process has made for its calls."""

    pid: int
    sdk: anthropic.Anthropic
    for_streams: anthropic.Anthropic
    arrivals: Arrivals = field(default_factory=Arrivals)

    def close(self) -> None:
        self.sdk.close()
        self.for_streams.close()


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
        self._made: _Made | None = None

    def complete(self, request: Request) -> Reply:
        """The whole answer. Raises a `LanguageModelError` unless the model came to its own end."""
        answer = _begin(request)
        with translated():
            message = self._here().sdk.messages.create(**_arguments(request, silence=request.timeout_seconds))
        if not isinstance(message, SdkMessage):  # a proxy's page, say: the SDK hands on whatever came with a 200
            raise ModelCut("unreadable_reply", may_be_billed=True)
        answer.take_message(message)
        return answer.finished()

    def stream(self, request: Request) -> ReplyStream:
        """The answer as it comes; see `ReplyStream`. The request is sent here. Raises like `complete`."""
        answer = _begin(request)
        here, silence = self._here(), min(SILENCE_SECONDS, request.timeout_seconds)
        with translated():
            events = here.for_streams.messages.create(**_arguments(request, silence=silence), stream=True)
        answer.request_id = events.response.headers.get("request-id")
        deadline = time.monotonic() + request.timeout_seconds
        return ReplyStream(events.response, answer, here.arrivals, silence=silence, deadline=deadline)

    def close(self) -> None:
        """Close the connections of this process."""
        with self._lock:
            if self._made:
                self._made.close()
            self._made = None

    def _here(self) -> _Made:
        with self._lock:
            if self._made is None or self._made.pid != os.getpid():
                # The SDK's DEBUG lines hold whole requests, and with them what students wrote.
                for name in ("anthropic", "httpx2", "httpcore2"):
                    logging.getLogger(name).setLevel(logging.WARNING)
                # A proxy on the way out is the SDK's business; then each stream is read by the thread that follows it.
                transport = None if urllib.request.getproxies() else StreamTransport()
                self._made = _Made(os.getpid(), self._make(), self._make(transport))
            return self._made

    def _make(self, transport: httpx2.BaseTransport | None = None) -> anthropic.Anthropic:
        # A redirect would carry what students wrote to an address that nobody configured.
        if transport:
            http = anthropic.DefaultHttpxClient(follow_redirects=False, transport=transport)
        else:
            http = anthropic.DefaultHttpxClient(follow_redirects=False)
        return anthropic.Anthropic(
            api_key=self._key,
            base_url=self._base_url,
            max_retries=0,
            open_telemetry={"traces": False, "propagation": False},
            http_client=http,
        )


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
