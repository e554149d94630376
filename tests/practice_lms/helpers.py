"""What a tool does at a platform, in as few words as the tests want."""

import json
import uuid
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from lti_tool.practice_lms.launches import SCOPES
from lti_tool.practice_lms.settings import Settings

if TYPE_CHECKING:
    from tests.practice_lms.conftest import FakeTool, StandingClock

ISSUER = "http://127.0.0.1:8790"
GRACE, DOROTHY, ADA, ALAN = "101", "102", "201", "202"

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append({**given, "fields": {}})
        elif tag == "input":
            self.forms[-1]["fields"][given["name"]] = given["value"]


def only_form(response: TestResponse) -> dict[str, Any]:
    """The one form of a page: its attributes, and its fields under "fields"."""
    parser = _Forms()
    parser.feed(response.get_data(as_text=True))
    (form,) = parser.forms
    return form


class Lms:
    """The practice LMS seen by a tool and a browser."""

    def __init__(self, client: FlaskClient, tool: "FakeTool", clock: "StandingClock", settings: Settings) -> None:
        self.client = client
        self.tool = tool
        self.clock = clock
        self.settings = settings

    def open(self, user_id: str, activity: str = "quiz-1", query: str = "") -> dict[str, Any]:
        """Sign in, open an activity, and give the login initiation's form."""
        self.client.post("/session", data={"user_id": user_id}, base_url=ISSUER)
        return only_form(self.client.get(f"/activity/{activity}{query}", base_url=ISSUER))

    def auth_request(self, initiation: dict[str, str], **changes: str | None) -> dict[str, str]:
        """The authentication request that answers an initiation; a change to None leaves one out."""
        request = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "login_hint": initiation["login_hint"],
            "lti_message_hint": initiation["lti_message_hint"],
            "state": "state-1",
            "nonce": "nonce-1",
        }
        return {name: value for name, value in {**request, **changes}.items() if value is not None}

    def authorise(self, request: dict[str, str]) -> dict[str, str]:
        """Send an authentication request; the fields that the browser would post to the tool."""
        form = only_form(self.client.get("/lti/auth", query_string=request, base_url=ISSUER))
        assert form["action"] == self.settings.redirect_uri
        return dict(form["fields"])

    def launch(self, user_id: str, activity: str = "quiz-1", query: str = "") -> dict[str, Any]:
        """A whole launch; the verified claims."""
        initiation = self.open(user_id, activity, query)["fields"]
        return self.verified(self.authorise(self.auth_request(initiation))["id_token"])

    def verified(self, id_token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(self.client.get("/lti/certs").get_json())
        return jwt.decode(id_token, keys, algorithms=["RS256"]).claims

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A client assertion; a change to None leaves a claim out."""
        second = int(self.clock().timestamp())
        claims = {
            "iss": self.settings.client_id,
            "sub": self.settings.client_id,
            "aud": self.settings.token_url,
            "iat": second,
            "exp": second + 60,
            "jti": uuid.uuid4().hex,
            **changes,
        }
        return self.tool.sign({name: value for name, value in claims.items() if value is not None}, header)

    def ask_token(self, assertion: str | None = None, scope: str = " ".join(SCOPES), **changes: str) -> TestResponse:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
            "scope": scope,
            **changes,
        }
        return self.client.post("/lti/token", data=form)

    def bearer(self, scope: str = " ".join(SCOPES)) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ask_token(scope=scope).get_json()['access_token']}"}

    def quiz_url(self) -> str:
        """The line item of the quiz, as a launch tells it."""
        claims = self.launch(ADA)
        return str(claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["lineitem"])

    def call(
        self, method: str, url: str, headers: dict[str, str] | None = None, body: Any = None, accept: str | None = None
    ) -> TestResponse:
        """A service call with a good token unless ``headers`` has another, media types as given."""
        sent = {**self.bearer(), **({"Accept": accept} if accept else {}), **(headers or {})}
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.client.open(url.removeprefix(ISSUER), method=method, headers=sent, data=data)

    def score(self, user_id: str = ADA, given: float | None = 4, maximum: float | None = 5, **changes: Any) -> Any:
        """A score body stamped now; a change to None leaves a member out."""
        body = {
            "userId": user_id,
            "scoreGiven": given,
            "scoreMaximum": maximum,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": self.clock().isoformat(),
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    def post_score(self, url: str, body: Any, content_type: str = SCORE) -> TestResponse:
        return self.call("POST", beside(url, "/scores"), {"Content-Type": content_type}, body)

    def grade(self, user_id: str = ADA) -> dict[str, Any] | None:
        """The person's first cell of the gradebook, None when no score ever came."""
        cells = self.client.get("/gradebook.json").get_json()
        return next((cell for cell in cells if cell["user_id"] == user_id), None)

    def control(self, name: str, **options: Any) -> Any:
        response = self.client.post(f"/controls/{name}", json=options)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()


def beside(line_item_url: str, part: str) -> str:
    """The address of scores or results: the path changes, the query stays (AGS 2.0 §3.4.3)."""
    parts = urlsplit(line_item_url)
    return parts._replace(path=parts.path + part).geturl()
