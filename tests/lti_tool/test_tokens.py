import json

import pytest

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.tokens import MAX_BYTES, read_token
from tests.lti_tool.fake_platform import encode

HEADER = encode({"alg": "RS256"})
PAYLOAD = encode({"iss": "x"})


def cause_of(token: str) -> Cause:
    with pytest.raises(LaunchRefused) as caught:
        read_token(token)
    return caught.value.cause


def test_a_token_is_read_into_header_and_payload() -> None:
    token = read_token(f"{HEADER}.{PAYLOAD}.{encode(b'signature')}")
    assert (token.header, token.payload) == ({"alg": "RS256"}, {"iss": "x"})


@pytest.mark.parametrize(
    "token",
    [
        "x", ".", "..", "...", f"{HEADER}.{PAYLOAD}", f"{HEADER}.{PAYLOAD}.AA.AA", f"{HEADER}..AA", f".{PAYLOAD}.AA",
        f"{HEADER}.{PAYLOAD}.AA==", f"{HEADER}=.{PAYLOAD}.AA", f"{HEADER}.{PAYLOAD}.A+/A", f" {HEADER}.{PAYLOAD}.AA",
        f"{HEADER}.{PAYLOAD}.AA\n", f"{HEADER}.{PAYLOAD}.A", f"{HEADER}.{PAYLOAD}.ä", f"{HEADER}.{PAYLOAD}.\ud800",
    ],
)  # fmt: skip
def test_anything_but_three_parts_in_base64url_is_malformed(token: str) -> None:
    assert cause_of(token) is Cause.TOKEN_MALFORMED


def test_a_second_spelling_of_the_same_signature_is_malformed() -> None:
    assert cause_of(f"{HEADER}.{PAYLOAD}.AB") is Cause.TOKEN_MALFORMED  # AA and AB are the same byte


@pytest.mark.parametrize(
    "part",
    [
        b"", b"null", b"[]", b'"x"', b"1", b"{", b"{}x", b"\xff", b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"),
        b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b"{'a':1}",
        b'{"a":' + b"9" * 5000 + b"}", b'{"a":' + b"[" * 12_000 + b"]" * 12_000 + b"}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["header", "payload"])
def test_a_part_that_is_no_plain_json_object_is_malformed(part: bytes, where: str) -> None:
    token = f"{encode(part)}.{PAYLOAD}.AA" if where == "header" else f"{HEADER}.{encode(part)}.AA"
    assert cause_of(token) is Cause.TOKEN_MALFORMED


def test_no_token_is_missing_and_a_huge_one_too_large() -> None:
    assert cause_of("") is Cause.TOKEN_MISSING
    huge = encode(json.dumps({"a": "x" * MAX_BYTES}).encode())
    assert cause_of(f"{HEADER}.{huge}.AA") is Cause.TOKEN_TOO_LARGE
