"""The practice LMS with its test client, a clock that stands still, and a tool that only has keys."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from lti_tool.practice_lms.activities import default_activities
from lti_tool.practice_lms.app import create_app
from lti_tool.practice_lms.personalities import plain
from lti_tool.practice_lms.personality import Personality
from lti_tool.practice_lms.settings import Settings
from tests.practice_lms.helpers import ISSUER, Lms


class StandingClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeTool:
    """A tool on loopback that publishes a key set, counts how often it is read, and signs assertions."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        self.published: Any = None
        self.status = 200
        self.fetches = 0
        self.posted: list[Any] = []
        tool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tool.fetches += 1
                keys = {"keys": [tool.key.as_dict(private=False)]} if tool.published is None else tool.published
                body = json.dumps(keys).encode()
                self.send_response(tool.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                tool.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(tool.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"

    def new_key(self) -> None:
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        return jwt.encode({"alg": "RS256", "kid": str(self.key.kid), **(header or {})}, claims, self.key)


@pytest.fixture(scope="session")
def shared_tool() -> Iterator[FakeTool]:
    tool = FakeTool()
    thread = threading.Thread(target=tool.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield tool
    tool.server.shutdown()
    tool.server.server_close()
    thread.join()


@pytest.fixture
def tool(shared_tool: FakeTool) -> FakeTool:
    shared_tool.fetches, shared_tool.published, shared_tool.status = 0, None, 200
    shared_tool.posted = []
    return shared_tool


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def first_runs(tmp_path_factory: pytest.TempPathFactory, shared_tool: FakeTool) -> Callable[[Personality], Path]:
    """The data directory after a first start of a personality, made once: a signing key takes time."""

    @cache
    def first_run(personality: Personality) -> Path:
        data_dir = tmp_path_factory.mktemp(personality.name) / "lms"
        activities = default_activities(shared_tool.url)
        create_app(Settings(ISSUER, shared_tool.url, data_dir, activities, personality=personality))
        return data_dir

    return first_run


@pytest.fixture
def personality() -> Personality:
    """Whom the practice LMS plays; tests of the others set this by parameter."""
    return plain


@pytest.fixture
def settings(
    tmp_path: Path, tool: FakeTool, first_runs: Callable[[Personality], Path], personality: Personality
) -> Settings:
    data_dir = shutil.copytree(first_runs(personality), tmp_path / "lms")
    activities = default_activities(tool.url)
    return Settings(ISSUER, tool.url, data_dir, activities, controls=True, personality=personality)


@pytest.fixture
def client(settings: Settings, clock: StandingClock) -> FlaskClient:
    return create_app(settings, clock).test_client()


@pytest.fixture
def lms(client: FlaskClient, tool: FakeTool, clock: StandingClock, settings: Settings) -> Lms:
    return Lms(client, tool, clock, settings)
