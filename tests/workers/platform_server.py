"""A platform's services on the loopback: tokens, scores, results, each answer spoilt as a test wants it."""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt


@dataclass(frozen=True)
class Answer:
    """What is answered. `write`: the platform takes the score all the same; `cut`: the line drops instead."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    write: bool = False
    cut: bool = False
    wait: Callable[[], Any] = lambda: None


@dataclass(frozen=True)
class Post:
    """A score as it came."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    client_id: str

    @property
    def score(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class PlatformServer:
    """Behaves well unless `token_answers`, `score_answers` or `result_answers` hold something for the next request."""

    def __init__(self) -> None:
        self.token_answers: deque[Answer] = deque()
        self.score_answers: deque[Answer] = deque()
        self.result_answers: deque[Answer] = deque()
        self.token_requests: list[tuple[str, str]] = []  # client id, scope
        self.result_requests: list[dict[str, list[str]]] = []
        self.posts: list[Post] = []
        self.held: dict[str, dict[str, Any]] = {}  # user id → the score in the gradebook
        self.maximum = 5.0
        self._clients: dict[str, str] = {}  # token → client id
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.line_item_url = f"{self.url}/lineitems/1/lineitem?type_id=1&x=a%20b"

    def __enter__(self) -> "PlatformServer":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def registration(self, client_id: str = "client-1") -> dict[str, str]:
        """A registration's own half of a Classroom."""
        return {
            "issuer": self.url,
            "client_id": client_id,
            "auth_login_url": f"{self.url}/auth",
            "auth_token_url": f"{self.url}/token",
            "jwks_url": f"{self.url}/keys",
        }

    def revoke_tokens(self) -> None:
        self._clients.clear()

    def give_token(self, form: dict[str, list[str]]) -> Answer:
        claims = jwt.decode(form["client_assertion"][0], options={"verify_signature": False})
        with self._lock:
            self.token_requests.append((claims["sub"], form["scope"][0]))
            if self.token_answers:
                return self.token_answers.popleft()
            token = f"token-{len(self.token_requests)}"
            self._clients[token] = claims["sub"]
        return _json({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def take_score(self, post: Post) -> Answer:
        with self._lock:
            self.posts.append(post)
            spoilt = self.score_answers.popleft() if self.score_answers else None
            if spoilt is not None and not spoilt.write:
                return spoilt
            truly = self._record(post)
        return truly if spoilt is None else spoilt

    def _record(self, post: Post) -> Answer:
        if not post.client_id:
            return Answer(401)
        score, before = post.score, self.held.get(post.score["userId"])
        if before and before["timestamp"][:19] >= score["timestamp"][:19]:
            return Answer(409)
        self.held[score["userId"]] = score
        return Answer(200)

    def results(self, query: dict[str, list[str]]) -> Answer:
        self.result_requests.append(query)
        if self.result_answers:
            return self.result_answers.popleft()
        return _json(
            [
                {
                    "userId": user_id,
                    "resultScore": round(score["scoreGiven"] / score["scoreMaximum"] * self.maximum, 5),
                    "resultMaximum": self.maximum,
                }
                for user_id, score in self.held.items()
                if query.get("user_id", [user_id]) == [user_id]
            ]
        )

    def client_of(self, authorization: str) -> str:
        return self._clients.get(authorization.removeprefix("Bearer "), "")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urlsplit(self.path)
                if parts.path == "/token":
                    self._answer(outer.give_token(parse_qs(body.decode())))
                    return
                query = parse_qs(parts.query, keep_blank_values=True)
                client_id = outer.client_of(self.headers.get("Authorization", ""))
                self._answer(outer.take_score(Post(parts.path, query, dict(self.headers), body, client_id)))

            def do_GET(self) -> None:
                if not outer.client_of(self.headers.get("Authorization", "")):
                    self._answer(Answer(401))
                    return
                self._answer(outer.results(parse_qs(urlsplit(self.path).query)))

            def _answer(self, answer: Answer) -> None:
                answer.wait()
                if answer.cut:
                    self.close_connection = True
                    return
                try:
                    self.send_response(answer.status)
                    for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer.body)
                except OSError:  # the tool has had enough
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        return Handler


def _json(value: Any) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())
