"""The platform that the conformance suite is: one HTTP server with a key set, tokens, columns and a roster.

It is set up as the 1EdTech certification suite is, and says as little of itself. Tokens are made by whoever plays the
browser (`visitor.py`), in any state of repair. It is a platform of its own, apart from the practice LMS, so that what
one of them lets pass the other may catch.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from tests.conformance import names
from tests.lti_tool.fake_platform import jwk

ISSUER = "https://ltiadvantagevalidator.imsglobal.org"
CLIENT_ID, SIBLING_CLIENT_ID, OTHER_ISSUER = "imstester", "imstester_sibling", "https://another.example"
DEPLOYMENT_ID = "testdeploy"
LEARNER, INSTRUCTOR = "40899", "39890"
KID = "imstester_4"
COLUMN = "application/vnd.ims.lis.v2.lineitem+json"
COLUMNS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

Answer = tuple[Any, int] | Response


@dataclass
class Platform:
    """What the platform holds and has seen. `bearer` hears every Authorization header with the path it came to."""

    port: int = 0
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(KID)])
    key_set: Callable[[], Any] | None = None  # an answer in place of the key set
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    assertions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, Accept or Content-Type
    bearers: list[tuple[str, str]] = field(default_factory=list)
    members: Callable[[], Any] | None = None
    fetches: Counter[str] = field(default_factory=Counter)
    handlers: list[dict[str, Any]] = field(default_factory=list)
    tool: str = ""

    @property
    def address(self) -> str:
        """Where its services are."""
        return f"http://127.0.0.1:{self.port}"

    def registration(self, issuer: str = ISSUER, client_id: str = CLIENT_ID) -> dict[str, str]:
        """What the tool must be told of it."""
        return {
            "issuer": issuer,
            "client_id": client_id,
            "auth_login_url": f"{self.address}/auth",
            "auth_token_url": f"{self.address}/token",
            "jwks_url": f"{self.address}/jwks",
            "name": f"Conformance {client_id}",
        }

    def notifications(self) -> dict[str, Any]:
        """The claim of its notices."""
        service = {
            "service_versions": ["1.0"],
            "platform_notification_service_url": f"{self.address}/notice-handlers/{DEPLOYMENT_ID}",
            "scope": [names.SCOPE_NOTICES],
            "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
        }
        return {names.NOTIFICATIONS: service}

    def services(self, resource_link_id: str, *, column: str | None = None) -> dict[str, Any]:
        """The claims of its services; `column` as in a launch that names one."""
        ags = {
            "scope": [names.SCOPE_LINE_ITEM, names.SCOPE_RESULT, names.SCOPE_SCORE],
            "lineitems": f"{self.address}/lineitems?link={resource_link_id}",
        }
        if column:
            ags["lineitem"] = f"{self.address}/lineitems/{column}?link={resource_link_id}"
        roster = {"context_memberships_url": f"{self.address}/members", "service_versions": ["2.0"]}
        return {names.AGS: ags, names.NRPS: roster}


def _app(platform: Platform) -> Flask:
    app = Flask("conformance-platform")

    @app.before_request
    def note() -> None:
        platform.fetches[request.path] += 1
        platform.asked.append(
            (request.method, request.path, request.headers.get("Content-Type") or request.headers.get("Accept", ""))
        )
        if "Authorization" in request.headers:
            platform.bearers.append((request.path, request.headers["Authorization"]))

    @app.get("/jwks")
    def jwks() -> Any:
        return platform.key_set() if platform.key_set else jsonify(keys=platform.keys)

    @app.post("/token")
    def token() -> Answer:
        keys = requests.get(f"{platform.tool}/lti/jwks", timeout=5).json()["keys"]
        assertion = request.form["client_assertion"]
        kid = jwt.get_unverified_header(assertion)["kid"]
        key = jwt.PyJWK(next(one for one in keys if one["kid"] == kid))
        claims = jwt.decode(assertion, key, algorithms=["RS256"], audience=f"{platform.address}/token")
        platform.assertions.append({**claims, "grant": request.form["grant_type"], "scope": request.form["scope"]})
        answer = {"access_token": f"token-{len(platform.assertions)}", "token_type": "Bearer", "expires_in": 3600}
        return jsonify({**answer, "scope": request.form["scope"]}), 200

    @app.get("/lineitems")
    def columns() -> Answer:
        wanted = {name: request.args[name] for name in ("resource_id", "tag") if name in request.args}
        found = [one for one in platform.columns.values() if all(one.get(n) == v for n, v in wanted.items())]
        link = request.args.get("resource_link_id")
        answer = jsonify([one for one in found if link is None or one.get("resourceLinkId") == link])
        answer.content_type = COLUMNS
        return answer

    @app.post("/lineitems")
    def add_column() -> Answer:
        number = str(len(platform.columns) + 1)
        made = {**request.get_json(force=True), "id": f"{platform.address}/lineitems/{number}?link=1"}
        platform.columns[number] = made
        return jsonify(made), 201

    @app.get("/lineitems/<number>")
    def column(number: str) -> Answer:
        return jsonify(platform.columns[number]), 200

    @app.put("/lineitems/<number>")
    def change_column(number: str) -> Answer:
        platform.columns[number] = {**request.get_json(force=True), "id": platform.columns[number]["id"]}
        return jsonify(platform.columns[number]), 200

    @app.post("/lineitems/<number>/scores")
    def score(number: str) -> Answer:
        platform.scores.append(
            {"column": number, "query": request.query_string.decode(), **request.get_json(force=True)}
        )
        return "", 200

    @app.get("/lineitems/<number>/results")
    def results(number: str) -> Answer:
        answer = jsonify([])
        answer.content_type = RESULTS
        return answer

    @app.put("/notice-handlers/<deployment>")
    def handle(deployment: str) -> Answer:
        platform.handlers.append({"deployment": deployment, **request.get_json()})
        return jsonify(request.get_json()), 200

    @app.get("/members")
    def members() -> Any:
        if platform.members:
            return platform.members()
        answer = jsonify(roster([{"user_id": LEARNER, "roles": [names.LEARNER], "name": "Ada Lovelace"}]))
        answer.content_type = MEMBERS
        return answer

    return app


def roster(members: list[dict[str, Any]]) -> dict[str, Any]:
    """A membership container (NRPS §2.2)."""
    return {"id": "https://platform.example/members", "context": {"id": "con-182"}, "members": members}


@contextmanager
def running_platform(port: int = 0) -> Iterator[Platform]:
    """The platform, answering; on a port of its own unless one is named."""
    platform = Platform()
    server = make_server("127.0.0.1", port, _app(platform), threaded=True)
    platform.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
