"""Tools that register themselves (LTI Dynamic Registration 1.0): their tokens, their requests, and what is kept.

The platform plays for one tool, so only that one may register. It has a place here from the start; registering anew
takes that place over (an update) or makes another client beside it, as a platform's admin chooses.
"""

import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lti_tool.practice_lms.refusals import Refused
from lti_tool.practice_lms.settings import Settings

TOKEN_SECONDS = 3600
TOOL_MEMBER = "https://purl.imsglobal.org/spec/lti-tool-configuration"
NEW = ""

_FIXED = {
    "application_type": "web",
    "token_endpoint_auth_method": "private_key_jwt",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A client of ours. ``is_active``: an admin has let it in; until then it gets no token."""

    client_id: str
    deployment_id: str
    name: str
    scope: str
    is_active: bool


def tools(db: sqlite3.Connection, settings: Settings) -> list[Tool]:
    """Every client: the place there was from the start, and those that registered as new."""
    rows = db.execute("SELECT * FROM tool ORDER BY rowid").fetchall()
    known = [
        Tool(row["client_id"], row["deployment_id"], row["name"], row["scope"], bool(row["active"])) for row in rows
    ]
    if any(tool.client_id == settings.client_id for tool in known):
        return known
    return [Tool(settings.client_id, settings.deployment_id, "The tool this LMS was started for", "", True), *known]


def active_client_ids(db: sqlite3.Connection, settings: Settings) -> set[str]:
    """Who may have access tokens."""
    return {tool.client_id for tool in tools(db, settings) if tool.is_active}


def make_token(db: sqlite3.Connection, client_id: str, now: datetime) -> str:
    """A registration token, good once and for an hour; ``client_id`` is whom it brings up to date, or NEW."""
    token = secrets.token_urlsafe(32)
    db.execute("DELETE FROM registration_token WHERE expires_at <= ?", (now.timestamp(),))
    db.execute(
        "INSERT INTO registration_token VALUES (?, ?, ?, 0)", (_hash(token), client_id, now.timestamp() + TOKEN_SECONDS)
    )
    return token


def check_token(db: sqlite3.Connection, token: str, now: datetime) -> str:
    """Whom an unused token is for; Refused (401) if it is no such token."""
    row = db.execute("SELECT * FROM registration_token WHERE hash = ?", (_hash(token),)).fetchone()
    if row is None or row["expires_at"] <= now.timestamp():
        raise Refused(401, "invalid_token", "The registration token is unknown or has expired.")
    if row["used"]:
        raise Refused(401, "token_already_used", "The registration token was used before.")
    return str(row["client_id"])


def register(db: sqlite3.Connection, settings: Settings, token: str, body: bytes, now: datetime) -> dict[str, Any]:
    """Take a registration (§4) and use its token up; the answer's JSON. Raises Refused."""
    client_id = check_token(db, token, now)
    request = _checked(settings, body)
    db.execute("UPDATE registration_token SET used = 1 WHERE hash = ?", (_hash(token),))
    known = tools(db, settings)
    tool = next((one for one in known if one.client_id == client_id), None)
    if tool is None:
        tool = Tool(secrets.token_hex(8), f"{settings.deployment_id}-{len(known) + 1}", "", "", is_active=False)
    # An update leaves an active tool active, its ids as they are.
    db.execute(
        "INSERT INTO tool VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, scope = excluded.scope",
        (tool.client_id, tool.deployment_id, request["client_name"], request["scope"], tool.is_active),
    )
    return _answer(settings, request, tool)


def activate(db: sqlite3.Connection, client_id: str) -> None:
    """Let a tool in that has registered as new."""
    db.execute("UPDATE tool SET active = 1 WHERE client_id = ?", (client_id,))


def _checked(settings: Settings, body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body)
        json.dumps(request, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except ValueError as error:
        raise _bad("The body is no JSON.") from error
    if not isinstance(request, dict) or not isinstance(request.get(TOOL_MEMBER), dict):
        raise _bad(f"{TOOL_MEMBER} must be an object.")
    tool = request[TOOL_MEMBER]
    faults = [name for name, value in _FIXED.items() if request.get(name) != value]
    faults += [name for name in ("client_name", "scope") if not isinstance(request.get(name), str)]
    if not request.get("client_name"):
        faults.append("client_name")
    if "id_token" not in _list(request, "response_types"):
        faults.append("response_types")
    if not {"implicit", "client_credentials"} <= set(_list(request, "grant_types")):
        faults.append("grant_types")
    if request.get("redirect_uris") != [settings.redirect_uri]:
        faults.append("redirect_uris")
    if request.get("initiate_login_uri") != settings.login_url:
        faults.append("initiate_login_uri")
    if request.get("jwks_uri") != settings.tool_jwks_url:
        faults.append("jwks_uri")
    # As Moodle compares them: the host and port of where launches go, without "www.".
    domain = urlsplit(str(tool.get("target_link_uri"))).netloc.removeprefix("www.")
    if not domain or tool.get("domain") != domain:
        faults.append("domain")
    if settings.personality.refuses_unknown_scopes and "openid" in str(request.get("scope")).split():
        faults.append("scope")
    if faults:
        raise _bad(f"Missing or wrong: {', '.join(dict.fromkeys(faults))}.")
    return request


def _list(request: dict[str, Any], name: str) -> list[str]:
    value = request.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _answer(settings: Settings, request: dict[str, Any], tool: Tool) -> dict[str, Any]:
    deployment = {"deployment_id": tool.deployment_id} if settings.personality.names_deployment else {}
    return {**request, "client_id": tool.client_id, TOOL_MEMBER: {**request[TOOL_MEMBER], **deployment}}


def _bad(description: str) -> Refused:
    return Refused(400, "invalid_client_metadata", description)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
