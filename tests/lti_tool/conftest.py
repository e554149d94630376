from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import grading.models  # noqa: F401 - its tables belong to the schema
from config import clock
from config.database import Base, Database
from config.outbound import make_session
from config.settings import Settings, from_environment
from lti_tool.errors import LaunchRefused
from lti_tool.launch import Launch
from lti_tool.launch_validation import validate_launch
from lti_tool.login import Login, begin_login
from lti_tool.registrations import add_platform
from tests.lti_tool.fake_platform import BASE_URL, KeySetServer, Platform


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return from_environment(
        {
            "COURSEWRIGHT_BASE_URL": BASE_URL,
            "COURSEWRIGHT_DATA_DIR": str(tmp_path),
            "COURSEWRIGHT_SECRET_KEY": "x" * 32,
            "COURSEWRIGHT_RATE_LIMITS": "off",
        }
    )


@pytest.fixture
def key_server() -> Iterator[KeySetServer]:
    server = KeySetServer()
    yield server
    server.stop()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with make_session(allow_private=True) as session:
        yield session


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment: datetime = clock.now()

    def now(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(clock, "now", stopped.now)
    return stopped


class Tool:
    """Our side of a launch, and the browser between: what a test does in one line each."""

    def __init__(self, database: Database, settings: Settings, http: requests.Session, jwks_url: str) -> None:
        self.database = database
        self.settings = settings
        self.http = http
        self.jwks_url = jwks_url
        self.cookies: dict[str, str] = {}

    def register(self, platform: Platform) -> Platform:
        with self.database.transaction() as session:
            add_platform(
                session,
                issuer=platform.issuer,
                client_id=platform.client_id,
                auth_login_url=f"{platform.issuer}/auth",
                auth_token_url=f"{platform.issuer}/token",
                jwks_url=self.jwks_url,
            )
        return platform

    def begin(self, platform: Platform, **parameters: Any) -> Login:
        asked = {"iss": platform.issuer, "client_id": platform.client_id, "login_hint": "17", **parameters}
        with self.database.transaction() as session:
            login = begin_login(session, self.settings, asked)
        self.cookies[login.state] = login.binding_secret
        return login

    def post(self, state: str, id_token: str, cookies: Callable[[str], str | None] | None = None) -> Launch:
        form = {"state": [state], "id_token": [id_token]}
        return validate_launch(self.database, self.settings, self.http, form, cookies or self.cookies.get)

    def launch(self, platform: Platform, **changes: Any) -> Launch:
        login = self.begin(platform)
        return self.post(login.state, platform.token(nonce_of(login), **changes))

    def refusal(self, platform: Platform, **changes: Any) -> LaunchRefused:
        with pytest.raises(LaunchRefused) as caught:
            self.launch(platform, **changes)
        assert 400 <= caught.value.status < 500
        assert caught.value.launch is None
        return caught.value

    def refusing_deployments(self) -> "Tool":
        refusing = replace(self.settings, unknown_deployments="refuse")
        return Tool(self.database, refusing, self.http, self.jwks_url)


def nonce_of(login: Login) -> str:
    return parse_qs(urlsplit(login.redirect_url).query)["nonce"][0]


@pytest.fixture
def tool(database: Database, settings: Settings, http: requests.Session, key_server: KeySetServer) -> Tool:
    return Tool(database, settings, http, key_server.url)


@pytest.fixture
def platform(tool: Tool) -> Platform:
    return tool.register(Platform())
