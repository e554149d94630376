"""A platform for tests of the launch: real keys, a key set address on the loopback, tokens in any state of repair."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from config import clock
from lti_tool import claims

BASE_URL = "https://tool.example"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@cache
def private_key(number: int, bits: int) -> RSAPrivateKey:
    """One of a few keys, each made once per run: making them is what takes time."""
    return generate_private_key(public_exponent=65537, key_size=bits)


def jwk(kid: str, number: int = 0, /, *, bits: int = 2048, **changes: Any) -> dict[str, Any]:
    """A public key as platforms publish it; a change to None leaves the member out."""
    public = RSAAlgorithm.to_jwk(private_key(number, bits).public_key(), as_dict=True)
    members = {**public, "kid": kid, "alg": "RS256", "use": "sig", **changes}
    return {name: value for name, value in members.items() if value is not None}


class KeySetServer:
    """Answers with `keys`, or with `answer` (status, headers, body) if that is set, and counts."""

    def __init__(self) -> None:
        self.keys: list[Any] = [jwk("key-1")]
        self.answer: Callable[[], tuple[int, dict[str, str], bytes]] | None = None
        self.fetches = 0
        self.drip_seconds = 0.0
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetches += 1
                status, headers, body = outer.answer() if outer.answer else (200, {}, b"")
                if not outer.answer:
                    body = json.dumps({"keys": outer.keys}).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                if not outer.drip_seconds:
                    self.wfile.write(body)
                    return
                for byte in body:
                    if outer._stopping.wait(outer.drip_seconds):
                        return
                    try:
                        self.wfile.write(bytes([byte]))
                    except OSError:  # the tool has had enough
                        return

            def log_message(self, *args: object) -> None:
                pass

        return Handler


def encode(part: object) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: object, payload: object, number: int = 0) -> str:
    """A token signed with RS256 whatever its header says; parts may be bytes, to say what no JSON writer would."""
    signing_input = f"{encode(header)}.{encode(payload)}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signing_input.encode(), private_key(number, 2048))
    return f"{signing_input}.{encode(signature)}"


@dataclass
class Platform:
    """An LMS as one registration sees it."""

    issuer: str = "https://lms.example"
    client_id: str = "client-1"
    deployment_id: str = "7"
    key_number: int = 0
    kid: str = "key-1"
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "17", "name": "Ada Lovelace"})

    def claims(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """A whole launch. A change to `...` takes the claim out; names are claim URIs, or short after `claims.`."""
        now = int(clock.now().timestamp())
        whole = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            **self.user,
            claims.MESSAGE_TYPE: "LtiResourceLinkRequest",
            claims.VERSION: "1.3.0",
            claims.DEPLOYMENT_ID: self.deployment_id,
            claims.TARGET_LINK_URI: f"{BASE_URL}/lti/launch",
            claims.RESOURCE_LINK: {"id": "31", "title": "Unit 3"},
            claims.CONTEXT: {"id": "5", "title": "Machine learning"},
            claims.ROLES: [LEARNER],
            **{getattr(claims, name, name): value for name, value in changes.items()},
        }
        return {name: value for name, value in whole.items() if value is not ...}

    def token(self, nonce: str, /, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A signed launch; `header` changes its header, a value of `...` takes a member out."""
        whole = {"typ": "JWT", "alg": "RS256", "kid": self.kid, **(header or {})}
        kept = {name: value for name, value in whole.items() if value is not ...}
        return sign(kept, self.claims(nonce, **changes), self.key_number)
