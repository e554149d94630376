"""A browser between the conformance platform and the tool: logs in, carries tokens in any state of repair, looks."""

import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from lti_tool.cli.demo_student import Browser
from tests.conformance import names
from tests.conformance.platform import CLIENT_ID, DEPLOYMENT_ID, INSTRUCTOR, ISSUER, KID, LEARNER, Platform
from tests.lti_tool.fake_platform import sign

SECONDS = 15.0
AT_MOST = 5.0  # seconds for a refusal on a busy machine; the fuzzer measures the tool's own time, and allows one
SESSION = "coursewright_session"
TRACES = ("Traceback", 'File "', "werkzeug", "sqlalchemy", "pylti1p3")
NAMES = {"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace"}
EMAIL = {"email": "ada@example.org"}


@dataclass(frozen=True)
class Now:
    """A moment, in seconds from that at which a message is made."""

    seconds: int


@dataclass
class Begun:
    """A login under way: what the tool sent the browser to the platform with."""

    answer: requests.Response
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    asked: dict[str, str]


class Visitor:
    """One browser, with its own cookies."""

    def __init__(self, tool: str, platform: Platform) -> None:
        self.tool = tool
        self.platform = platform
        self.browser = Browser()

    def begin(self, method: str = "POST", **changes: Any) -> Begun:
        """A login initiation; a change to `...` leaves a parameter out."""
        whole = {
            "iss": ISSUER, "login_hint": LEARNER, "client_id": CLIENT_ID, "lti_message_hint": "hint-1",
            "target_link_uri": f"{self.tool}/lti/launch", **changes,
        }  # fmt: skip
        sent = {name: value for name, value in whole.items() if value is not ...}
        options: dict[str, Any] = {"data": sent} if method == "POST" else {"params": sent}
        answer = self.browser.request(
            method, f"{self.tool}/lti/login", allow_redirects=False, timeout=SECONDS, **options
        )
        asked = {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("Location", "")).query).items()
        }
        return Begun(answer, asked.get("state", ""), asked.get("nonce", ""), asked)

    def claims(self, nonce: str, /, changes: dict[str, Any] | None = None) -> dict[str, Any]:
        """A learner's launch as the certification suite sends it; a change to `...` takes a claim out."""
        now = int(time.time())
        whole = {
            "iss": ISSUER, "aud": CLIENT_ID, "sub": LEARNER, "iat": now, "exp": now + 300, "nonce": nonce,
            **NAMES, **EMAIL,
            names.MESSAGE_TYPE: "LtiResourceLinkRequest", names.VERSION: "1.3.0", names.DEPLOYMENT_ID: DEPLOYMENT_ID,
            names.TARGET_LINK_URI: f"{self.tool}/lti/launch",
            names.RESOURCE_LINK: {"id": "rli-1234", "title": "A link"},
            names.CONTEXT: {"id": "con-182", "label": "C", "title": "A course", "type": ["CourseSection"]},
            names.ROLES: [names.LEARNER],
            names.LAUNCH_PRESENTATION: {"locale": "en", "return_url": f"{self.platform.address}/back"},
            **(changes or {}),
        }  # fmt: skip
        kept = {name: value for name, value in whole.items() if value is not ...}
        return {name: now + value.seconds if isinstance(value, Now) else value for name, value in kept.items()}

    def token(
        self, begun: Begun, changes: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: int = 0
    ) -> str:
        """A signed message; `key` numbers the key that signs, `header` changes its header (`...`: takes out)."""
        whole = {"alg": "RS256", "typ": "JWT", "kid": KID, **(header or {})}
        kept = {name: value for name, value in whole.items() if value is not ...}
        return sign(kept, self.claims(begun.nonce, changes), key)

    def post(self, state: str, id_token: str, **more: str) -> requests.Response:
        """The platform's answer, brought by this browser."""
        form = {"state": state, "id_token": id_token, **more}
        return self.browser.post(f"{self.tool}/lti/launch", data=form, allow_redirects=False, timeout=SECONDS)

    def launch(self, changes: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> requests.Response:
        """Login and launch; the answer to the launch, its redirect not followed."""
        begun = self.begin()
        assert begun.answer.status_code == 302, begun.answer.text
        return self.post(begun.state, self.token(begun, changes, header))

    def enter(self, changes: dict[str, Any] | None = None) -> requests.Response:
        """A launch that is let in, and the page it ends on."""
        answer = self.launch(changes)
        assert answer.status_code == 303, title_of(answer)
        page = self.browser.get(f"{self.tool}{path_of(answer)}", timeout=SECONDS)
        assert page.status_code == 200, title_of(page)
        return page


def path_of(answer: requests.Response) -> str:
    """Where a redirect leads, on the tool."""
    parts = urlsplit(answer.headers["Location"])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def title_of(answer: requests.Response) -> str:
    """The status and heading of a page, for the message of a failing test."""
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    return f"{answer.status_code} {re.sub('<[^>]+>', '', heading[1]).strip() if heading else '(no heading)'}"


def assert_refused(answer: requests.Response) -> None:
    """A visible error page with a reference, 4xx, quickly, no session, no trace of our insides."""
    assert 400 <= answer.status_code < 500, title_of(answer)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert re.search(r"<h1[^>]*>\s*(<[^>]+>)*\s*\w", answer.text), "the page must say what is wrong"
    assert "Reference" in answer.text
    assert SESSION not in answer.headers.get("Set-Cookie", "")
    assert not [one for one in TRACES if one in answer.text]
    assert answer.elapsed.total_seconds() < AT_MOST


def person(role: str = "learner") -> dict[str, Any]:
    """The claims of the suite's instructor or learner."""
    is_instructor = role == "instructor"
    return {
        "sub": INSTRUCTOR if is_instructor else LEARNER,
        names.ROLES: [names.INSTRUCTOR if is_instructor else names.LEARNER],
    }


def fresh_link() -> dict[str, Any]:
    """A resource link that nobody has opened yet."""
    return {names.RESOURCE_LINK: {"id": f"rli-{uuid.uuid4()}", "title": "Another link"}}
