"""The real SDK against the loopback service: every ending of a call has its name, and nothing is repeated."""

import asyncio
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest

from config.database import Database
from course.language_model.client import ModelClient
from course.language_model.errors import (
    LanguageModelError,
    ModelBusy,
    ModelCut,
    ModelNotConfigured,
    ModelRefused,
    ModelRejected,
    ModelUnavailable,
    SpendLimit,
)
from course.language_model.faults import LONGEST_WAIT, retry_after
from course.language_model.messages import Message, Part
from lti_tool.model_service import service as service_module
from lti_tool.model_service.answers import Answer
from tests.course.language_model.makers import CHEAP, DEAR, request
from tests.support.model_service import KEY, RunningModelService

SCHEMA = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "level": {"type": "integer", "enum": [0, 1, 2]}},
    "required": ["reason", "level"],
    "additionalProperties": False,
}


def _streamed(client: ModelClient, **values: Any) -> tuple[list[str], Any]:
    pieces: list[str] = []
    with client.stream(request(**values)) as stream:
        stream.follow(pieces.append)
        return pieces, stream.reply


@pytest.mark.parametrize("streamed", [False, True])
def test_a_reply_comes_with_its_tokens_and_its_end(
    client: ModelClient, service: RunningModelService, streamed: bool
) -> None:
    service.script({"text": "What makes you sure of it?", "thinking_tokens": 9})
    reply = _streamed(client)[1] if streamed else client.complete(request())
    assert reply.text == "What makes you sure of it?"
    assert (reply.stop_reason, reply.stop_category, reply.model) == ("end_turn", None, CHEAP)
    assert (reply.usage.output, reply.usage.thinking) == (7 + 9, 9)
    assert reply.usage.input > 10
    assert reply.request_id
    assert 0 < reply.first_token <= reply.latency < 20


def test_a_stream_comes_in_pieces_and_is_whole_only_at_its_end(
    client: ModelClient, service: RunningModelService
) -> None:
    service.script({"text": "one two three", "tokens_per_second": 10})
    pieces: list[str] = []

    def take(text: str) -> None:
        pieces.append(text)
        with pytest.raises(RuntimeError):
            _ = stream.reply

    with client.stream(request()) as stream:
        stream.follow(take)
        assert len(pieces) > 1
        assert stream.reply.text == "".join(pieces) == "one two three"


def test_a_structured_answer_fits_its_schema(client: ModelClient) -> None:
    answer = json.loads(client.complete(request(schema=SCHEMA)).text)
    assert list(answer) == ["reason", "level"]
    assert answer["level"] in {0, 1, 2}


def test_what_is_sent_is_what_was_asked_and_nothing_more(client: ModelClient, service: RunningModelService) -> None:
    client.complete(
        request(
            model=DEAR,
            system=(Part("Rules.", cache="1h"),),
            messages=(
                Message("user", (Part("First."),)),
                Message("assistant", (Part("And?"),)),
                Message("user", (Part("Second."),)),
                Message("system", (Part("One turn is left."),)),
            ),
            schema=SCHEMA,
            effort="low",
            between_tools=True,
            cache_conversation="5m",
        )
    )
    (body,) = service.asked()
    assert body == {
        "model": DEAR,
        "max_tokens": 500,
        "system": [{"type": "text", "text": "Rules.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "First."}]},
            {"role": "assistant", "content": [{"type": "text", "text": "And?"}]},
            {"role": "user", "content": [{"type": "text", "text": "Second."}]},
            {"role": "system", "content": [{"type": "text", "text": "One turn is left."}]},
        ],
        "cache_control": {"type": "ephemeral", "ttl": "5m"},
        "thinking": {"type": "between_tools"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
    }
    (headers,) = service.headers()
    assert not {"traceparent", "tracestate", "baggage"} & set(headers)
    assert headers["x-stainless-retry-count"] == "0"


ERRORS = [
    ({"status": 429, "headers": {"retry-after": "3"}}, ModelBusy, "rate_limit_error", 3.0),
    ({"status": 429}, ModelBusy, "rate_limit_error", 5.0),
    ({"status": 429, "headers": {"retry-after": "86400"}}, ModelBusy, "rate_limit_error", 300.0),
    ({"status": 529, "headers": {"retry-after-ms": "1500"}}, ModelBusy, "overloaded_error", 1.5),
    ({"status": 402}, SpendLimit, "billing_error", 900.0),
    ({"status": 429, "error_code": "enforced_spend_limit_reached"}, SpendLimit, "enforced_spend_limit_reached", 900.0),
    ({"status": 500}, ModelUnavailable, "api_error", None),
    ({"status": 503, "headers": {"x-should-retry": "true"}}, ModelUnavailable, "api_error", None),
    ({"status": 502, "body": "<html>Bad gateway</html>"}, ModelUnavailable, "http_502", None),
    ({"status": 504}, ModelUnavailable, "timeout_error", None),
    ({"status": 400}, ModelRejected, "invalid_request_error", None),
    ({"status": 404}, ModelRejected, "not_found_error", None),
    ({"status": 413}, ModelRejected, "request_too_large", None),
    ({"status": 307, "body": "", "headers": {"location": "http://127.0.0.1:9/"}}, ModelRejected, "http_307", None),
    ({"status": 401}, ModelNotConfigured, "authentication_error", None),
    ({"status": 403}, ModelNotConfigured, "permission_error", None),
    ({"drop": True}, ModelUnavailable, None, None),
]


@pytest.mark.parametrize(("script", "expected"), [(script, tuple(told)) for script, *told in ERRORS])
@pytest.mark.parametrize("streamed", [False, True])
def test_an_error_has_its_kind_and_is_asked_for_once(
    client: ModelClient,
    service: RunningModelService,
    script: dict[str, Any],
    expected: tuple[type[LanguageModelError], str | None, float | None],
    streamed: bool,
) -> None:
    kind, cause, wait = expected
    service.script({**script, "message": "You wrote: my secret"})
    with pytest.raises(kind) as caught:
        _streamed(client) if streamed else client.complete(request())
    error = caught.value
    assert type(error) is kind
    assert error.retry_after == (None if wait is None else timedelta(seconds=wait))
    assert error.cause == (cause or error.cause)
    assert "secret" not in str(error)
    assert error.__suppress_context__  # nor in what a traceback would show
    assert len(service.asked()) == 1
    assert error.retryable is (kind in {ModelBusy, ModelUnavailable, SpendLimit})


@pytest.mark.parametrize("streamed", [False, True])
def test_a_refusal_is_named_with_its_category(
    client: ModelClient, service: RunningModelService, streamed: bool
) -> None:
    service.script({"stop_reason": "refusal", "stop_category": "frontier_llm"})
    with pytest.raises(ModelRefused) as caught:
        _streamed(client) if streamed else client.complete(request())
    assert caught.value.category == "frontier_llm"
    assert caught.value.reply.text == ""
    assert not caught.value.may_be_billed


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("max_tokens", "max_tokens"),
        ("model_context_window_exceeded", "context_full"),
        ("pause_turn", "stop_pause_turn"),
        ("tool_use", "stop_tool_use"),
    ],
)
def test_an_answer_that_ends_too_soon_is_no_answer(
    client: ModelClient, service: RunningModelService, streamed: bool, reason: str, cause: str
) -> None:
    service.script({"text": '{"level": 3, "rea', "stop_reason": reason})
    with pytest.raises(ModelCut) as caught:
        _streamed(client) if streamed else client.complete(request())
    assert caught.value.cause == cause
    assert caught.value.reply.text == '{"level": 3, "rea'
    assert caught.value.reply.usage.output > 0


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"cut_after": 2}, "cut_stream"),
        ({"drop_after": 2}, None),
        ({"error_after": 2, "error_type": "overloaded_error"}, "overloaded_error"),
    ],
)
def test_a_stream_that_breaks_keeps_what_had_arrived(
    client: ModelClient, service: RunningModelService, fault: dict[str, Any], cause: str | None
) -> None:
    service.script({"text": "one two three four", "tokens_per_second": 200, **fault})
    pieces: list[str] = []
    with client.stream(request()) as stream, pytest.raises(ModelCut) as caught:
        stream.follow(pieces.append)
    assert caught.value.cause == (cause or caught.value.cause)
    assert caught.value.may_be_billed
    kept = caught.value.reply
    assert kept.usage.prompt > 0
    assert kept.text.startswith("".join(pieces))
    assert kept.text in {"one two", "one", ""}  # a reset may overtake what was sent before it
    if cause:
        assert kept.text == "one two"


def test_slow_answers_end_at_their_time_limit(client: ModelClient, service: RunningModelService) -> None:
    service.script({"text": "late", "latency": 5})
    with pytest.raises(ModelUnavailable) as caught:
        client.complete(request(timeout_seconds=0.2))
    assert caught.value.may_be_billed
    service.script({"text": "one two three four five", "tokens_per_second": 10})
    with client.stream(request(timeout_seconds=0.25)) as stream, pytest.raises(ModelCut) as cut:
        stream.follow(lambda _: None)
    assert cut.value.cause in {"too_slow", "read_timeout"}
    assert cut.value.reply.text.startswith("one")


def test_pings_alone_keep_no_stream_open_beyond_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "EARLY_SECONDS", 0.0)
    monkeypatch.setattr(service_module, "PING_SECONDS", 0.05)

    async def never(_: Any) -> Answer:
        await asyncio.sleep(60)
        return Answer()

    with RunningModelService(never) as service:
        client = ModelClient(key=KEY, base_url=service.url)
        with client.stream(request(timeout_seconds=0.3)) as stream, pytest.raises(ModelCut, match="too_slow"):
            stream.follow(lambda _: None)
        client.close()


def test_behind_a_proxy_streams_come_the_sdks_own_way(
    client: ModelClient, service: RunningModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://proxy.example.edu"})
    service.script({"text": "one two three", "times": 1}, {"text": "one two three four", "tokens_per_second": 10})
    pieces, reply = _streamed(client)
    assert reply.text == "".join(pieces) == "one two three"
    with client.stream(request(timeout_seconds=0.25)) as stream, pytest.raises(ModelCut) as cut:
        assert "body" not in stream._response.extensions
        stream.follow(lambda _: None)
    assert cut.value.cause == "too_slow"
    assert cut.value.reply.text.startswith("one")


def test_what_is_no_messages_api_is_an_unreadable_reply(client: ModelClient, service: RunningModelService) -> None:
    for body in ("<html>Welcome to our wifi</html>", "", "[]"):
        service.script({"status": 200, "body": body})
        with pytest.raises(ModelCut, match=r"unreadable|cut_stream"):
            client.complete(request())
        with pytest.raises(ModelCut, match=r"unreadable|cut_stream"):
            _streamed(client)
    service.script({"status": 200, "body": 'event: content_block_delta\ndata: {"type": "content_block_delta"}\n\n'})
    with pytest.raises(ModelCut):
        _streamed(client)


def test_text_that_could_not_be_stored_is_mended(client: ModelClient, service: RunningModelService) -> None:
    service.script({"json": "x"}, {"text": "x"})
    body = (
        '{"id":"m","type":"message","role":"assistant","model":"m","stop_reason":"end_turn","usage":{},'
        '"content":[{"type":"text","text":"a\\u0000b\\ud83d"}]}'
    )
    service.script({"status": 200, "body": body, "headers": {"content-type": "application/json"}})
    assert client.complete(request()).text == "ab?"


def test_nobody_there_is_said_to_be_unavailable_and_costs_nothing() -> None:
    client = ModelClient(key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ModelUnavailable) as caught:
        client.complete(request())
    assert not caught.value.may_be_billed
    client.close()


def test_without_a_key_there_is_no_client() -> None:
    with pytest.raises(ModelNotConfigured):
        ModelClient(key="", base_url="http://127.0.0.1:9")


def test_no_call_is_made_inside_a_transaction(
    client: ModelClient, service: RunningModelService, sqlite_database: Database
) -> None:
    for door in (sqlite_database.transaction, sqlite_database.reading):
        with door(), pytest.raises(RuntimeError, match="transaction"):
            client.complete(request())
        with door(), pytest.raises(RuntimeError, match="transaction"):
            client.stream(request())
    assert service.asked() == []
    assert client.complete(request()).text


def test_threads_share_one_client(client: ModelClient, service: RunningModelService) -> None:
    service.script({"text": "at once", "latency": 0.3})
    replies: list[str] = []
    threads = [threading.Thread(target=lambda: replies.append(client.complete(request()).text)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == ["at once"] * 40


def test_a_forked_child_makes_a_client_of_its_own(client: ModelClient) -> None:
    client.complete(request())
    answers = multiprocessing.get_context("fork").SimpleQueue()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        try:
            answers.put(client.complete(request()).stop_reason)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert answers.get() == "end_turn"
    assert client.complete(request()).stop_reason == "end_turn"


def test_nothing_of_a_request_is_logged_even_when_the_sdk_is_told_to(service: RunningModelService) -> None:
    code = (
        "import logging; logging.basicConfig(level=logging.DEBUG)\n"
        "from course.language_model.client import ModelClient\n"
        "from tests.course.language_model.makers import request\n"
        f"ModelClient(key={KEY!r}, base_url={service.url!r}).complete(request('MY-OWN-WORDS'))\n"
        "print('done')"
    )
    environment = {**os.environ, "ANTHROPIC_LOG": "debug"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "done\n"
    assert "MY-OWN-WORDS" not in told.stderr
    assert KEY not in told.stderr
    assert logging.getLogger("anthropic").level == logging.WARNING


def test_a_key_shows_nowhere(client: ModelClient) -> None:
    assert KEY not in repr(client) + str(vars(client).get("_made"))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, LONGEST_WAIT.total_seconds()),
        ({"retry-after": "1e400"}, LONGEST_WAIT.total_seconds()),
        ({"retry-after": "Wed, 01 Jan 2200 00:00:00 GMT"}, LONGEST_WAIT.total_seconds()),
        ({"retry-after": "Wed, 01 Jan 2020 00:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ],
)
def test_how_long_to_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == (None if seconds is None else timedelta(seconds=seconds))
