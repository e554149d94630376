"""An LMS of a few answers, over HTTP on the loopback, that writes down what it is asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lti_tool.registering.configuration import PLATFORM_MEMBER
from lti_tool.registering.offer import SCOPES, TOOL_MEMBER

CONFIGURATION, REGISTER = "/openid-configuration", "/register"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers with; `body` is JSON unless it is bytes, None cuts the connection."""

    status: int = 200
    body: Any = None
    location: str = ""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """What the LMS was asked."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def bearer(self) -> str | None:
        return self.headers.get("Authorization")

    def json(self) -> Any:
        return json.loads(self.body)


class FakeLms:
    """Describes itself as it should until `answers` says otherwise, by path."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.address = f"http://127.0.0.1:{server.server_port}"
        self.requests: list[Request] = []
        self.answers: dict[str, Answer] = {
            CONFIGURATION: Answer(body=self.configuration()),
            REGISTER: Answer(201, {"client_id": "client-1", TOOL_MEMBER: {"deployment_id": "7"}}),
        }

    @property
    def configuration_url(self) -> str:
        return self.address + CONFIGURATION

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def configuration(self, **changes: Any) -> dict[str, Any]:
        """Its description of itself; a change to None leaves a member out."""
        said: dict[str, Any] = {
            "issuer": self.address,
            "registration_endpoint": self.address + REGISTER,
            "authorization_endpoint": f"{self.address}/auth",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/certs",
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "scopes_supported": ["openid", *SCOPES],
            PLATFORM_MEMBER: {
                "product_family_code": "moodle",
                "version": "4.5.6",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
            },
            **changes,
        }
        return {name: value for name, value in said.items() if value is not None}

    def describe(self, **changes: Any) -> None:
        self.answers[CONFIGURATION] = Answer(body=self.configuration(**changes))


@contextmanager
def running_lms() -> Iterator[FakeLms]:
    """A fresh one, running."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            lms.requests.append(Request(self.command, self.path, self.headers, body))
            answer = lms.answers.get(self.path, Answer(404, {}))
            if answer.body is None:
                self.close_connection = True
                return
            sent = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(sent)))
            if answer.location:
                self.send_header("Location", answer.location)
            self.end_headers()
            self.wfile.write(sent)

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    lms = FakeLms(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield lms
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
