"""The outer form of a signed message: three parts, canonical base64url, strict JSON (RFC 7515, RFC 7519).

The library's own reader takes padding, bytes after the signature, and the last of two equal keys; what it reads and
what its signature check reads could then differ. Nothing here is trusted yet: the signature is checked later.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from config.words import N_
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused

MAX_BYTES = 262_144  # an assignment's whole text comes along as the description of its link
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class ReadToken:
    """A token's header and payload, read and not yet believed."""

    header: dict[str, Any]
    payload: dict[str, Any]


def read_token(token: str) -> ReadToken:
    """The parts of a compact JWS of at most 256 KB. Raises `LaunchRefused` with a TOKEN_… cause.

    The third part may be empty here, so that `alg: none` is refused under its own name.
    """
    if not token:
        raise LaunchRefused(Cause.TOKEN_MISSING)
    if len(token) > MAX_BYTES:
        raise LaunchRefused(Cause.TOKEN_TOO_LARGE)
    parts = _COMPACT.fullmatch(token)
    if not parts:
        raise _malformed("it does not consist of three parts in base64url")
    header, payload, signature = parts.groups()
    _decoded(signature, "signature")
    return ReadToken(_json_object(header, "header"), _json_object(payload, "payload"))


def _json_object(part: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(
            _decoded(part, name).decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of thousands of digits, nested too deeply
        raise _malformed(f"the {name} is not JSON, or not one that has a single meaning") from None
    if not isinstance(value, dict):
        raise _malformed(f"the {name} is no JSON object")
    return value


def _decoded(part: str, name: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise _malformed(f"the {name} is not base64url") from None
    # Spare bits in the last character would allow several spellings of one signature.
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise _malformed(f"the {name} is not base64url in its one valid spelling")
    return data


def _without_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError("a key occurs twice")
        result[name] = value
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _malformed(fault: str) -> LaunchRefused:
    return LaunchRefused(Cause.TOKEN_MALFORMED, details=((N_("fault"), fault),))
