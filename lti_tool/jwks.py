"""From what a platform's key set address answers to the keys we can use (RFC 7517; Security Framework §6.3)."""

import json
from collections import Counter
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from jwt.utils import base64url_decode, to_base64url_uint

from config.outbound import AddressForbidden, BodyTooLarge
from lti_tool.claims import holds_control
from lti_tool.errors import PlatformRefused, PlatformUnavailable

MIN_MODULUS_BITS = 2048
MAX_KEYS = 100
MAX_KID = 255  # characters
MAX_NUMBER = 3000  # characters of base64url: a modulus of 18,000 bits

Jwk = dict[str, Any]


class PrivateAddress(PlatformRefused):
    """The key set lies where this tool may not go."""


def fetch_keys(http: requests.Session, url: str) -> list[Jwk]:
    """The usable keys at `url`, each with kty, kid, n and e and nothing more.

    Raises `PlatformUnavailable` (no answer, or a 5xx or 429) and `PlatformRefused` (an answer that is no key set, or
    `PrivateAddress`). No transaction may be open: this may take some 15 seconds.
    """
    try:
        response = http.get(url, headers={"Accept": "application/json, application/jwk-set+json"})
    except AddressForbidden as error:
        raise PrivateAddress("the address is a private one") from error
    except BodyTooLarge as error:
        raise PlatformRefused("the answer is too long") from error
    except requests.exceptions.Timeout as error:
        raise PlatformUnavailable("it took too long") from error
    except (requests.exceptions.RequestException, ValueError, OSError) as error:  # ValueError: an impossible host name
        raise PlatformUnavailable(f"the connection failed ({type(error).__name__})") from error
    if response.status_code >= 500 or response.status_code == 429:
        raise PlatformUnavailable(f"it answered with HTTP {response.status_code}")
    if response.status_code != 200:
        raise PlatformRefused(f"it answered with HTTP {response.status_code}")
    return usable_keys(_parsed(response))


def _parsed(response: requests.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise PlatformRefused("the answer is not JSON") from error


def usable_keys(document: object) -> list[Jwk]:
    """The RSA signing keys of a key set; entries that are anything else are passed over, as RFC 7517 §5 has it.

    Left out: no or a repeated kid, another algorithm than RS256 (an absent `alg` counts as RS256), `use` other than
    sig, fewer than 2048 bits, numbers that make no key. Private members never get further than this function.
    Raises `PlatformRefused` if the document is no key set at all.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise PlatformRefused("the answer is no JSON Web Key Set")
    keys = [key for entry in entries[:MAX_KEYS] if (key := _usable(entry))]
    times_seen = Counter(key["kid"] for key in keys)  # of two keys with one name neither can be told to be meant
    return [key for key in keys if times_seen[key["kid"]] == 1]


def _usable(entry: object) -> Jwk | None:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA":
        return None
    kid = entry.get("kid")
    named = isinstance(kid, str) and 0 < len(kid) <= MAX_KID and not holds_control(kid)
    if not named or entry.get("alg") not in (None, "RS256") or entry.get("use") not in (None, "sig"):
        return None
    modulus, exponent = _number(entry.get("n")), _number(entry.get("e"))
    try:
        RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:  # an even modulus, an exponent of 1 …
        return None
    if modulus.bit_length() < MIN_MODULUS_BITS:
        return None
    n, e = (to_base64url_uint(number).decode() for number in (modulus, exponent))
    return {"kty": "RSA", "kid": kid, "n": n, "e": e}


def _number(value: object) -> int:
    if not isinstance(value, str) or not value.isascii() or len(value) > MAX_NUMBER:
        return 0
    try:
        return int.from_bytes(base64url_decode(value), "big")
    except ValueError:
        return 0
