"""The API's surface: what it refuses, how it scripts, cuts and counts, and how many it holds at once."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from lti_tool.model_service.command import answer_with
from lti_tool.model_service.prompt_cache import PromptCache
from lti_tool.model_service.scripted import ScriptInvalid, entries_of, load
from lti_tool.model_service.service import Pace
from tests.model_service.asking import SCHEMA, answer, grading
from tests.support.model_service import RunningModelService

GOOD = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello there"}]}
KEY = {"authorization": "Bearer k"}


@pytest.fixture(scope="module")
def _running() -> Iterator[RunningModelService]:
    with RunningModelService() as running:
        yield running


@pytest.fixture
def service(_running: RunningModelService) -> RunningModelService:
    _running.forget()
    _running.script()
    return _running


def _post(service: RunningModelService, **changes: Any) -> requests.Response:
    body = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return requests.post(f"{service.url}/v1/messages", json=body, headers=KEY, timeout=20)


REFUSED: list[dict[str, Any]] = [
    {"temperature": 0},
    {"top_p": 1},
    {"max_tokens": None},
    {"max_tokens": 0},
    {"model": None},
    {"messages": []},
    {"thinking": {"type": "disabled"}},
    {"thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}},
    {"messages": [{"role": "assistant", "content": "I"}]},
    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "{"}]},
    {"messages": [{"role": "system", "content": "Rules"}, {"role": "user", "content": "Hi"}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]},
    {"cache_control": {"type": "ephemeral", "ttl": "2h"}},
    {"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}} for _ in range(5)]},
]


@pytest.mark.parametrize("changes", REFUSED, ids=lambda changes: json.dumps(changes)[:50])
def test_what_the_api_refuses_is_refused(service: RunningModelService, changes: dict[str, Any]) -> None:
    answered = _post(service, **changes)
    assert answered.status_code == 400
    assert answered.json()["error"]["type"] == "invalid_request_error"
    assert service.asked() == []


def test_a_key_and_a_known_address_are_needed(service: RunningModelService) -> None:
    assert requests.post(f"{service.url}/v1/messages", json=GOOD, timeout=5).status_code == 401
    assert requests.get(f"{service.url}/v1/nothing", timeout=5).status_code == 404
    assert requests.post(f"{service.url}/v1/messages", data=b"{", headers=KEY, timeout=5).status_code == 400
    models = requests.get(f"{service.url}/v1/models", timeout=5).json()
    assert "claude-haiku-5-5" in [model["id"] for model in models["data"]]
    assert requests.get(f"{service.url}/v1/models/claude-haiku-5-5", timeout=5).json()["lifecycle"] == "active"
    counted = requests.post(f"{service.url}/v1/messages/count_tokens", json=GOOD, timeout=5).json()
    assert counted["input_tokens"] == _post(service).json()["usage"]["input_tokens"]


def test_the_partner_takes_up_words_and_asks_one_short_question(service: RunningModelService) -> None:
    text = _post(service, messages=[{"role": "user", "content": "It is the data, since new places have no orders."}])
    said = text.json()["content"][-1]["text"]
    assert "It is the data" in said
    assert said.count("?") == 1
    assert len(said.split()) < 60


def test_an_answer_longer_than_max_tokens_is_cut_there(service: RunningModelService) -> None:
    service.script({"text": "x" * 400, "thinking_tokens": 30})
    answered = _post(service, max_tokens=40).json()
    assert (answered["stop_reason"], len(answered["content"][-1]["text"])) == ("max_tokens", 40)
    assert answered["usage"]["output_tokens"] == 40


def test_a_script_is_tried_in_order_and_used_up(service: RunningModelService) -> None:
    service.script(
        {"when": {"last": "second"}, "text": "B"},
        {"when": {"model": "opus", "stream": False, "structured": False}, "text": "O"},
        {"times": 1, "text": "once"},
        {"latency": 0, "stop_reason": "pause_turn"},
    )
    said = [
        _post(service).json(),
        _post(service, messages=[{"role": "user", "content": "the second thing"}]).json(),
        _post(service, model="claude-opus-5-5").json(),
        _post(service).json(),
    ]
    assert [one["content"][-1]["text"] for one in said[:3]] == ["once", "B", "O"]
    assert said[3]["stop_reason"] == "pause_turn"  # the text is the mode's own
    assert "Hello there" in said[3]["content"][-1]["text"]


@pytest.mark.parametrize(
    "told",
    [{}, [1], [{"nonsense": 1}], [{"when": {"nonsense": 1}}], [{"stop_reason": "bored"}]],
)
def test_a_script_that_cannot_be_used_is_refused(told: Any, tmp_path: Path) -> None:
    with pytest.raises(ScriptInvalid):
        entries_of(told)
    file = tmp_path / "script.yaml"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ScriptInvalid):
        load(file)


def test_a_command_may_stand_for_the_model() -> None:
    code = "import json, sys; body = json.load(sys.stdin); print(json.dumps({'n': len(body['messages'])}))"
    assert answer(answer_with(f'{sys.executable} -c "{code}"'), GOOD) == {"n": 1}

    async def fails() -> int | None:
        answered = await answer_with(f'{sys.executable} -c "import sys; sys.exit(3)"')(GOOD)
        return answered.fault and answered.fault.status

    assert asyncio.run(fails()) == 500


def test_a_slow_command_keeps_its_stream_alive() -> None:
    release = threading.Event()

    async def slow(_: Any) -> Any:
        from lti_tool.model_service.answers import Answer

        await asyncio.to_thread(release.wait, 20)
        return Answer("at last")

    with (
        RunningModelService(slow) as service,
        requests.post(
            f"{service.url}/v1/messages", json={**GOOD, "stream": True}, headers=KEY, timeout=20, stream=True
        ) as answered,
    ):
        lines = answered.iter_lines()
        assert next(lines) == b"event: message_start"  # long before there is anything to say
        release.set()
        assert b"message_stop" in b"".join(lines)


def test_three_hundred_streams_at_once_all_come_to_their_end() -> None:
    async def one(url: str) -> int:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        body = json.dumps({**GOOD, "stream": True}).encode()
        head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        got = await reader.readuntil(b"event: message_stop")
        writer.close()
        return got.count(b"text_delta")

    async def all_at_once(url: str) -> list[int]:
        return await asyncio.gather(*(one(url) for _ in range(300)))

    with RunningModelService(pace=Pace(latency=0.3, tokens_per_second=100)) as service:
        counts = asyncio.run(all_at_once(service.url))
        state = requests.get(f"{service.url}/service/state", timeout=5).json()
    assert len(set(counts)) == 1
    assert counts[0] > 10
    assert state["most_in_flight"] == 300


class TestPromptCache:
    """Counted from the bytes, per model, with TTL, minimum, look-back and the first response's beginning."""

    @pytest.fixture
    def moment(self) -> list[float]:
        return [1000.0]

    @pytest.fixture
    def caching(self, moment: list[float]) -> Iterator[RunningModelService]:
        with RunningModelService(cache=PromptCache(now=lambda: moment[0])) as service:
            yield service

    @staticmethod
    def _usage(service: RunningModelService, *marks: tuple[str, str | None], **changes: Any) -> tuple[int, ...]:
        blocks = []
        for text, ttl in marks:
            block: dict[str, Any] = {"type": "text", "text": text}
            if ttl:
                block["cache_control"] = {"type": "ephemeral", "ttl": ttl}
            blocks.append(block)
        usage = _post(service, messages=[{"role": "user", "content": blocks}], **changes).json()["usage"]
        written = usage["cache_creation"]
        assert usage["cache_creation_input_tokens"] == sum(written.values())
        return (
            usage["input_tokens"],
            usage["cache_read_input_tokens"],
            written["ephemeral_5m_input_tokens"],
            written["ephemeral_1h_input_tokens"],
        )

    def test_what_was_written_is_read_by_the_same_bytes_and_model_only(self, caching: RunningModelService) -> None:
        long, other = "a " * 1500, "b " * 1500
        rest, read, written, _ = self._usage(caching, (long, "5m"), ("tail", None))
        assert (read, rest > 0, written > 700) == (0, True, True)
        assert self._usage(caching, (long, "5m"), ("another tail", None))[1:] == (written, 0, 0)
        assert self._usage(caching, (other, "5m"), ("tail", None))[1] == 0
        assert self._usage(caching, (long, "5m"), ("tail", None), model="claude-opus-5-5")[1] == 0
        assert self._usage(caching, (long, "5m"), ("tail", None), system="New rules.")[1] == 0

    def test_an_entry_ends_with_its_time_unless_it_is_read(
        self, caching: RunningModelService, moment: list[float]
    ) -> None:
        long = "a " * 1500
        self._usage(caching, (long, "5m"))
        for _ in range(3):
            moment[0] += 200
            assert self._usage(caching, (long, "5m"))[1] > 0
        moment[0] += 301
        assert self._usage(caching, (long, "1h"))[3] > 0
        moment[0] += 3500
        assert self._usage(caching, (long, "1h"))[1] > 0

    def test_a_short_prefix_is_never_kept(self, caching: RunningModelService) -> None:
        for _ in range(2):
            assert self._usage(caching, ("short " * 50, "5m"))[1:] == (0, 0, 0)

    def test_two_breakpoints_have_lifetimes_of_their_own(self, caching: RunningModelService) -> None:
        rubric, transcript = "r " * 1500, "t " * 1500
        _, read, five, hour = self._usage(caching, (rubric, "1h"), (transcript, "5m"), ("task", None))
        assert (read, five > 700, hour > 700) == (0, True, True)
        _, read, again, _ = self._usage(caching, (rubric, "1h"), ("another " * 400, "5m"), ("task", None))
        assert read == hour
        assert again > 0

    def test_a_growing_conversation_reads_all_but_its_end(self, caching: RunningModelService) -> None:
        whole = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
        _, _, _, first = self._usage(caching, ("a " * 1500, None), **whole)
        _, read, _, grown = self._usage(caching, ("a " * 1500, None), ("b " * 300, None), **whole)
        assert (read, grown > 100) == (first, True)

    def test_a_prefix_can_be_read_only_once_its_response_has_begun(self, caching: RunningModelService) -> None:
        caching.script({"when": {"anywhere": "slow"}, "text": "late", "latency": 0.4})
        long = "a " * 1500
        body = {**GOOD, "messages": [{"role": "user", "content": [
            {"type": "text", "text": long, "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": "slow"},
        ]}]}  # fmt: skip
        arrived: list[int] = []

        def ask() -> None:
            said = requests.post(f"{caching.url}/v1/messages", json=body, headers=KEY, timeout=20).json()
            arrived.append(said["usage"]["cache_creation_input_tokens"])

        thread = threading.Thread(target=ask)
        thread.start()
        while not requests.get(f"{caching.url}/service/state", timeout=5).json()["in_flight"]:
            pass
        assert self._usage(caching, (long, "5m"))[1] == 0  # at the same time: pays in full
        thread.join()
        assert arrived[0] > 0
        assert self._usage(caching, (long, "5m"))[1] > 0


def test_a_schema_of_any_kind_is_filled(service: RunningModelService) -> None:
    schema = {
        "type": "object",
        "properties": {
            "kind": {"const": "x"},
            "choice": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "list": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 1},
            "level": {"enum": ["0", "2", "4", "insufficient"]},
            "share": {"type": "number"},
        },
        "$defs": {"part": {"type": "object", "properties": {"yes": {"type": "boolean"}}}},
    }
    body = {**grading("Orders become training examples, and the chain repeats with retraining each week.")}
    for wanted in (schema, SCHEMA):
        body["output_config"] = {"format": {"type": "json_schema", "schema": wanted}}
        said = json.loads(_post(service, **body).json()["content"][-1]["text"])
        assert list(said) == list(wanted["properties"])  # type: ignore[call-overload]
    assert said["level"] in range(5)
