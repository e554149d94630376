"""The service: routes, pace, caching and the endings of streams."""

import asyncio
import dataclasses
import itertools
import json
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from lti_tool.model_service import events, http_server, tokens
from lti_tool.model_service.answers import Answer, Answerer, Fault
from lti_tool.model_service.demands import fault_of
from lti_tool.model_service.http_server import Exchange
from lti_tool.model_service.prompt_cache import Lookup, PromptCache, blocks_of
from lti_tool.model_service.scripted import Script, ScriptInvalid, entries_of

EARLY_SECONDS = 1.0  # an answer that takes longer to find has its stream begun before it
PING_SECONDS = 10.0
REMEMBERED = 2000  # requests kept for whoever asks what was sent
MODELS = ("claude-fable-5-1", "claude-haiku-5-5", "claude-opus-5-5", "claude-sonnet-5-5")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds before an answer begins, and tokens a second once a stream has begun (0: all at once)."""

    latency: float = 0.0
    tokens_per_second: float = 0.0


class ModelService:
    """Answers with `answerer`; counts and remembers what it was asked."""

    def __init__(self, answerer: Answerer, pace: Pace | None = None, cache: PromptCache | None = None) -> None:
        self._base = answerer
        self._answerer: Answerer = answerer
        self._pace = pace or Pace()
        self._cache = cache or PromptCache()
        self._numbers = itertools.count(1)
        self._asked: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self._statuses: Counter[int] = Counter()
        self._in_flight = self._most_in_flight = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
        """Listen; port 0 takes any."""
        return await http_server.start(self.handle, host, port)

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request, whatever it asks for."""
        request_id = f"req_{next(self._numbers):08d}"
        route = (exchange.method, exchange.path.removesuffix("/"))
        if route == ("POST", "/v1/messages"):
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
            try:
                await self._message(exchange, request_id)
            finally:
                self._in_flight -= 1
        elif route == ("POST", "/v1/messages/count_tokens"):
            body = self._read(exchange) or {}
            await self._send(exchange, 200, {"input_tokens": sum(tokens.count(one.data) for one in blocks_of(body))})
        elif route == ("GET", "/v1/models"):
            models = [_model(name) for name in MODELS]
            listed = {"data": models, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]}
            await self._send(exchange, 200, listed)
        elif exchange.method == "GET" and exchange.path.startswith("/v1/models/"):
            await self._send(exchange, 200, _model(exchange.path.rpartition("/")[2]))
        elif exchange.path.startswith("/service/"):
            await self._control(exchange, exchange.path.removeprefix("/service/"))
        else:
            await self._refuse(exchange, Fault(status=404, message="there is no such address here"), request_id)

    async def _control(self, exchange: Exchange, what: str) -> None:
        if what == "requests":
            await self._send(exchange, 200, list(self._asked))
        elif what == "state":
            state = {"in_flight": self._in_flight, "most_in_flight": self._most_in_flight, "answered": self._statuses}
            await self._send(exchange, 200, state)
        elif what == "script" and exchange.method == "POST":
            try:
                self._answerer = Script(entries_of(self._read(exchange)), self._base)
            except ScriptInvalid as invalid:
                await self._send(exchange, 400, {"error": str(invalid)})
            else:
                await self._send(exchange, 200, {})
        elif what == "forget" and exchange.method == "POST":
            self._asked.clear()
            self._statuses.clear()
            self._cache.forget()
            self._most_in_flight = self._in_flight
            await self._send(exchange, 200, {})
        else:
            await self._send(exchange, 404, {"error": "requests, state, script (POST) or forget (POST)"})

    async def _message(self, exchange: Exchange, request_id: str) -> None:
        body = self._read(exchange)
        if not (exchange.headers.get("authorization") or exchange.headers.get("x-api-key")):
            await self._refuse(exchange, Fault(status=401, message="a key is required"), request_id)
        elif (reason := fault_of(body)) is not None or body is None:
            await self._refuse(exchange, Fault(status=400, message=reason or "no JSON"), request_id)
        else:
            self._asked.append({"request_id": request_id, "headers": _without_key(exchange), "body": body})
            lookup = self._cache.look_up(body["model"], blocks_of(body))
            answering = asyncio.ensure_future(self._answerer(body))
            try:
                if body.get("stream"):
                    await self._stream(exchange, request_id, body, lookup, answering)
                else:
                    await self._whole(exchange, request_id, body, lookup, await answering)
            finally:
                answering.cancel()

    async def _whole(
        self, exchange: Exchange, request_id: str, body: dict[str, Any], lookup: Lookup, answer: Answer
    ) -> None:
        await asyncio.sleep(self._pace.latency if answer.latency is None else answer.latency)
        if answer.fault and answer.fault.status:
            await self._refuse(exchange, answer.fault, request_id)
            return
        if answer.fault:
            exchange.drop()
        answer = _within(answer, body["max_tokens"])
        self._cache.begin(lookup)
        whole = events.message(f"msg_{request_id}", body["model"], answer, _usage(lookup, answer))
        await self._send(exchange, 200, whole, {"request-id": request_id})

    async def _stream(
        self,
        exchange: Exchange,
        request_id: str,
        body: dict[str, Any],
        lookup: Lookup,
        answering: "asyncio.Future[Answer]",
    ) -> None:
        done, _ = await asyncio.wait({answering}, timeout=EARLY_SECONDS)
        if done:
            answer = answering.result()
            await asyncio.sleep(self._pace.latency if answer.latency is None else answer.latency)
            if answer.fault and answer.fault.status:
                await self._refuse(exchange, answer.fault, request_id)
                return
            if answer.fault and answer.fault.drop:
                exchange.drop()
        self._cache.begin(lookup)
        self._statuses[200] += 1
        await exchange.begin_stream({"content-type": "text/event-stream", "request-id": request_id})
        beginning = events.message(
            f"msg_{request_id}", body["model"], Answer(), _usage(lookup, Answer()), is_beginning=True
        )
        await exchange.send_piece(events.event("message_start", message=beginning))
        while not answering.done():
            await asyncio.wait({answering}, timeout=PING_SECONDS)
            await exchange.send_piece(events.event("ping"))
        await self._send_text(exchange, request_id, _within(answering.result(), body["max_tokens"]), lookup)

    async def _send_text(self, exchange: Exchange, request_id: str, answer: Answer, lookup: Lookup) -> None:
        fault = answer.fault or Fault()
        if fault.status:  # the stream had begun before the fault was known
            await exchange.send_piece(events.event("error", **_error_fields(fault, request_id)))
            await exchange.end_stream()
            return
        index = 0
        if answer.thinking_tokens:
            thinking = {"type": "thinking", "thinking": "", "signature": ""}
            start = events.event("content_block_start", index=0, content_block=thinking)
            await exchange.send_piece(start + events.event("content_block_stop", index=0))
            index = 1
        if answer.text:
            block = {"type": "text", "text": ""}
            await exchange.send_piece(events.event("content_block_start", index=index, content_block=block))
        rate = self._pace.tokens_per_second if answer.tokens_per_second is None else answer.tokens_per_second
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for sent, piece in enumerate(tokens.pieces(answer.text)):
            if rate:
                await asyncio.sleep(begun + sent / rate - loop.time())
            if await self._ends_badly(exchange, request_id, fault, sent):
                return
            await exchange.send_piece(events.text_event(piece, index))
        if await self._ends_badly(exchange, request_id, fault, None):
            return
        ending = events.event("content_block_stop", index=index) if answer.text else b""
        ending += events.event("message_delta", delta=events.end_of(answer), usage=_usage(lookup, answer))
        await exchange.send_piece(ending + events.event("message_stop"))
        await exchange.end_stream()

    async def _ends_badly(self, exchange: Exchange, request_id: str, fault: Fault, sent: int | None) -> bool:
        """Carry out a fault that is due after `sent` pieces; None: after the last, where all that wait are due."""

        def is_due(after: int | None) -> bool:
            return after is not None and (sent is None or sent >= after)

        if is_due(fault.drop_after):
            exchange.drop()
        if is_due(fault.error_after):
            await exchange.send_piece(events.event("error", **_error_fields(fault, request_id)))
        elif not is_due(fault.cut_after):
            return False
        await exchange.end_stream()
        return True

    async def _refuse(self, exchange: Exchange, fault: Fault, request_id: str) -> None:
        status = fault.status or 500
        headers = {"request-id": request_id, **fault.headers}
        if fault.body is not None:
            self._statuses[status] += 1
            await exchange.send(status, fault.body.encode(), {"content-type": "text/html", **headers})
        else:
            await self._send(exchange, status, events.error(fault, request_id), headers)

    async def _send(self, exchange: Exchange, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        if not exchange.path.startswith("/service/"):
            self._statuses[status] += 1
        await exchange.send_json(status, value, headers)

    @staticmethod
    def _read(exchange: Exchange) -> Any:
        try:
            return json.loads(exchange.body)
        except (ValueError, RecursionError):
            return None


def _within(answer: Answer, max_tokens: int) -> Answer:
    """The answer as far as `max_tokens` lets it come; thinking counts."""
    room = max(0, max_tokens - answer.thinking_tokens)
    if tokens.count(answer.text) <= room:
        return answer
    text = answer.text.encode()[: room * tokens.BYTES_PER_TOKEN].decode("utf-8", "ignore")
    thinking = min(answer.thinking_tokens, max_tokens)
    return dataclasses.replace(answer, text=text, thinking_tokens=thinking, stop_reason="max_tokens")


def _usage(lookup: Lookup, answer: Answer) -> dict[str, Any]:
    return {
        **lookup.usage(),
        "output_tokens": tokens.count(answer.text) + answer.thinking_tokens,
        "output_tokens_details": {"thinking_tokens": answer.thinking_tokens},
        "service_tier": "standard",
    }


def _error_fields(fault: Fault, request_id: str) -> dict[str, Any]:
    return {name: value for name, value in events.error(fault, request_id).items() if name != "type"}


def _without_key(exchange: Exchange) -> dict[str, str]:
    return {name: value for name, value in exchange.headers.items() if name not in {"authorization", "x-api-key"}}


def _model(name: str) -> dict[str, Any]:
    return {
        "type": "model", "id": name, "display_name": name, "created_at": "2026-09-28T00:00:00Z", "lifecycle": "active",
        "max_input_tokens": 1_000_000, "max_tokens": 128_000,
    }  # fmt: skip
