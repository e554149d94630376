"""The tool's public keys, fetched from its key set and kept in memory."""

import json
import threading
from collections.abc import Callable
from typing import Any

import requests
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

CONNECT_SECONDS = 3
READ_SECONDS = 5
MOST_BYTES = 256 * 1024

Fetch = Callable[[], bytes]


class KeysUnavailable(Exception):
    """The tool's key set could not be fetched or read; the message says why."""


class NotTheTools(Exception):
    """A message is not one that the tool has signed; the message says what is wrong."""


class ToolKeys:
    """Keys by kid. A kid that is not known is looked for in one fresh copy, then given up."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._keys: KeySet | None = None

    def find(self, kid: str) -> Key | None:
        """The key with this kid, or None; raises KeysUnavailable when a needed fetch fails."""
        with self._lock:
            if self._keys is not None and (known := _by_kid(self._keys, kid)):
                return known
            self._keys = _parse(self._fetch())
            return _by_kid(self._keys, kid)

    def claims_of(self, message: str) -> dict[str, Any]:
        """What a JWT says that the tool has signed with RS256 and one of its keys (Security Framework 1.0 §5.1.2), its
        claims not judged yet. Raises NotTheTools, and KeysUnavailable when a needed fetch fails."""
        try:
            header = jws.extract_compact(message.encode()).headers()
            kid = header.get("kid")
            if header.get("alg") != "RS256" or not isinstance(kid, str) or not kid:
                raise NotTheTools("It must be signed with RS256 and carry a kid.")
            key = self.find(kid)
            if key is None:
                raise NotTheTools("Its kid is not in the tool's key set.")
            return jwt.decode(message, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise NotTheTools("It is not a JWT with a good signature.") from error


def http_fetch(url: str) -> Fetch:
    """A fetch of ``url`` with limits on time and size, and no proxy or redirect in between."""

    def fetch() -> bytes:
        with requests.Session() as session:
            session.trust_env = False
            try:
                with session.get(
                    url, timeout=(CONNECT_SECONDS, READ_SECONDS), stream=True, allow_redirects=False
                ) as answer:
                    return _read(url, answer)
            except (requests.RequestException, OSError) as error:
                raise KeysUnavailable(f"{url} could not be fetched: {type(error).__name__}") from error

    return fetch


def _read(url: str, answer: requests.Response) -> bytes:
    if answer.status_code != 200:
        raise KeysUnavailable(f"{url} answered {answer.status_code}")
    body = b""
    for piece in answer.iter_content(8192):
        body += piece
        if len(body) > MOST_BYTES:
            raise KeysUnavailable(f"{url} is larger than {MOST_BYTES} bytes")
    return body


def _parse(body: bytes) -> KeySet:
    try:
        return KeySet.import_key_set(json.loads(body))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise KeysUnavailable("the tool's key set is not a JSON Web Key Set with a usable key") from error


def _by_kid(keys: KeySet, kid: str) -> Key | None:
    return next((key for key in keys if key.kid == kid), None)
