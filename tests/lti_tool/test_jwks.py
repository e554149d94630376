import gzip
from typing import Any

import pytest
import requests

from config import outbound
from config.outbound import make_session
from lti_tool.errors import PlatformError, PlatformRefused, PlatformUnavailable
from lti_tool.jwks import PrivateAddress, fetch_keys, usable_keys
from tests.lti_tool.fake_platform import KeySetServer, jwk


def kids(*entries: Any) -> list[str]:
    return [key["kid"] for key in usable_keys({"keys": list(entries)})]


def test_a_key_is_kept_with_its_public_numbers_only() -> None:
    [key] = usable_keys({"keys": [{**jwk("a"), "d": "AQAB", "p": "AQAB", "x5c": ["…"], "key_ops": ["verify"]}]})
    assert sorted(key) == ["e", "kid", "kty", "n"]


def test_a_key_may_leave_its_algorithm_and_use_out() -> None:
    assert kids(jwk("a", alg=None, use=None)) == ["a"]


@pytest.mark.parametrize(
    "entry",
    [
        None, 5, "key", [], {}, {"kid": "a"},
        jwk("a", kid=None), jwk(""), jwk("a", kid=5), jwk("a\x00"), jwk("k" * 256), jwk("\ud800"),
        jwk("a", alg="RS512"), jwk("a", alg="HS256"), jwk("a", alg=5), jwk("a", alg=["RS256"]),
        jwk("a", use="enc"), jwk("a", use=["sig"]),
        jwk("a", kty="EC"), jwk("a", kty="oct", k="c2VjcmV0"), jwk("a", kty=None),
        jwk("a", n=None), jwk("a", n=5), jwk("a", n=""), jwk("a", n="ä"), jwk("a", n="A" * 3001),
        jwk("a", e=None), jwk("a", e="AQ"), jwk("a", e="AA"), jwk("a", e="Ag"),
        jwk("a", 0, bits=1024),
    ],
)  # fmt: skip
def test_an_entry_that_is_no_usable_key_is_passed_over(entry: Any) -> None:
    assert kids(entry, jwk("good")) == ["good"]


def test_of_two_keys_with_one_name_neither_is_used() -> None:
    assert kids(jwk("a"), jwk("a", 1), jwk("b")) == ["b"]


@pytest.mark.parametrize("document", [None, [], "x", {}, {"keys": None}, {"keys": {"a": 1}}, {"keys": "x"}])
def test_a_document_that_is_no_key_set_is_refused(document: object) -> None:
    with pytest.raises(PlatformRefused):
        usable_keys(document)


def test_a_key_set_may_be_empty_and_is_read_to_a_limit() -> None:
    assert usable_keys({"keys": []}) == []
    assert len(usable_keys({"keys": [{**jwk("a"), "kid": f"{number}"} for number in range(150)]})) == 100


def answering(server: KeySetServer, status: int, body: bytes = b"", **headers: str) -> None:
    server.answer = lambda: (status, headers, body)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_platform_that_is_down_may_be_asked_again(
    http: requests.Session, key_server: KeySetServer, status: int
) -> None:
    answering(key_server, status)
    with pytest.raises(PlatformUnavailable) as caught:
        fetch_keys(http, key_server.url)
    assert str(status) in caught.value.reason


@pytest.mark.parametrize("status", [204, 301, 302, 307, 401, 403, 404])
def test_another_answer_is_no_key_set_and_no_redirect_is_followed(
    http: requests.Session, key_server: KeySetServer, status: int
) -> None:
    answering(key_server, status, Location=key_server.url)
    with pytest.raises(PlatformRefused):
        fetch_keys(http, key_server.url)
    assert key_server.fetches == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe\xff", b"[" * 100_000, b"9" * 10_000, b'{"keys":[]' + b" " * 1_000_000 + b"}"]
)
def test_a_body_that_is_no_json_or_too_long_is_refused(
    http: requests.Session, key_server: KeySetServer, body: bytes
) -> None:
    answering(key_server, 200, body)
    with pytest.raises(PlatformRefused):
        fetch_keys(http, key_server.url)


def test_a_body_that_ends_too_early_is_refused(http: requests.Session, key_server: KeySetServer) -> None:
    answering(key_server, 200, b'{"keys":[]}', **{"Content-Length": "500"})
    with pytest.raises(PlatformError):
        fetch_keys(http, key_server.url)


def test_a_body_that_drips_is_given_up(
    http: requests.Session, key_server: KeySetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.3)
    key_server.drip_seconds = 0.05
    with pytest.raises(PlatformUnavailable, match="too long"):
        fetch_keys(http, key_server.url)


def test_a_compressed_body_is_read(http: requests.Session, key_server: KeySetServer) -> None:
    answering(key_server, 200, gzip.compress(b'{"keys":[]}'), **{"Content-Encoding": "gzip"})
    assert fetch_keys(http, key_server.url) == []
    answering(key_server, 200, b"no gzip", **{"Content-Encoding": "gzip"})
    with pytest.raises(PlatformUnavailable):
        fetch_keys(http, key_server.url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/jwks", "http://no-such-host.invalid/", "http://a..b/", "http://é\udcff/"]
)
def test_an_address_that_does_not_answer_is_unavailable(http: requests.Session, url: str) -> None:
    with pytest.raises(PlatformUnavailable):
        fetch_keys(http, url)


def test_a_private_address_is_not_gone_to_where_that_is_forbidden(key_server: KeySetServer) -> None:
    with make_session(allow_private=False) as guarded, pytest.raises(PrivateAddress):
        fetch_keys(guarded, key_server.url)
    assert key_server.fetches == 0
