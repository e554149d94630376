"""The platform's key set: fetched when it must be, never more, and whatever stands in it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Response

from tests.conformance.platform import KID, Platform
from tests.conformance.visitor import Visitor, assert_refused
from tests.lti_tool.fake_platform import jwk

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def restored(platform: Platform) -> Iterator[None]:
    keys = list(platform.keys)
    yield
    platform.keys, platform.key_set = keys, None


def test_a_warm_launch_fetches_nothing(visitor: Visitor) -> None:
    visitor.enter()
    before = visitor.platform.fetches["/jwks"]
    for _ in range(3):
        visitor.enter()
    assert visitor.platform.fetches["/jwks"] == before


def test_forged_key_names_do_not_make_the_tool_hammer_the_platform(visitor: Visitor) -> None:
    visitor.enter()
    before = visitor.platform.fetches["/jwks"]
    begun = [visitor.begin() for _ in range(25)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(
                lambda pair: visitor.post(pair[1].state, visitor.token(pair[1], header={"kid": f"forged-{pair[0]}"})),
                enumerate(begun),
            )
        )
    assert all(400 <= answer.status_code < 500 for answer in answers)
    assert visitor.platform.fetches["/jwks"] - before <= 2
    visitor.enter()


SETS: dict[str, Any] = {
    "no JSON": lambda: "<html>", "a list": lambda: Response("[]"), "null": lambda: Response("null"),
    "keys no list": lambda: Response('{"keys": {}}'), "keys of text": lambda: Response('{"keys": ["a", 7, null]}'),
    "500": lambda: ("", 500), "403": lambda: ("", 403),
    "302": lambda: Response(status=302, headers={"Location": "/token"}),
    "too long": lambda: Response(b'{"keys": [' + b" " * 2_000_000 + b"]}"), "deep": lambda: Response("[" * 50_000),
    "the number of a key no number": lambda: Response('{"keys": [{"kty": "RSA", "kid": "x", "n": 7, "e": []}]}'),
}  # fmt: skip


def test_a_key_set_that_is_none_is_the_platforms_fault_and_said_so(tool: str, platform: Platform) -> None:
    # One login per set; the tool asks at most twice a minute, so most of these meet its patience and not its parser.
    # tests/lti_tool/test_key_sets.py puts every set before the parser.
    visitor = Visitor(tool, platform)
    for answer in SETS.values():
        platform.key_set = answer
        began = time.monotonic()
        assert_refused(visitor.launch(header={"kid": "unknown"}))
        assert time.monotonic() - began < 10, "not for as long as a request may take"
    platform.key_set = None
    visitor.enter()


def test_a_key_too_small_or_of_another_use_signs_nothing(visitor: Visitor) -> None:
    visitor.platform.keys = [jwk("weak", bits=1024), jwk("for-encryption", use="enc"), jwk(KID)]
    for kid in ("weak", "for-encryption"):
        assert_refused(visitor.launch(header={"kid": kid}))
