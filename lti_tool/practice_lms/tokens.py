"""Access tokens: the token endpoint, and the check of a bearer token at a service.

Specs: RFC 6749 §4.4 (client credentials), RFC 7523 §2.2 and §3 (client assertion), RFC 6750,
LTI Security Framework 1.0 §4. The checks are our own on top of joserfc: Authlib's server
classes refuse plain http unless a switch is set for the whole process, and fail with an
exception on a key id that an error description may not hold.
"""

import hashlib
import logging
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from joserfc import jwt
from joserfc.errors import JoseError

from lti_tool.practice_lms import launches, registrations
from lti_tool.practice_lms.platform import Platform, current
from lti_tool.practice_lms.refusals import Refused
from lti_tool.practice_lms.tool_keys import KeysUnavailable, NotTheTools

log = logging.getLogger(__name__)

blueprint = Blueprint("tokens", __name__)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_TYPE = "Bearer"  # noqa: S105 - the word of RFC 6750, not a secret
TOKEN_SECONDS = 3600
LEEWAY_SECONDS = 10
LONGEST_ASSERTION_SECONDS = 300


@blueprint.post("/lti/token")
def token() -> Response:
    """Give an access token for a client assertion (RFC 6749 §4.4, RFC 7523 §2.2)."""
    platform = current()
    for name in request.form:
        if len(request.form.getlist(name)) > 1:
            raise Refused(400, "invalid_request", "A parameter was given more than once.")
    authenticate_client(platform, request.form)
    scopes = _granted_scopes(platform, request.form.get("scope", ""))
    access_token = _issue(platform, scopes)
    response = jsonify(
        access_token=access_token, token_type=TOKEN_TYPE, expires_in=TOKEN_SECONDS, scope=" ".join(scopes)
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def authenticate_client(platform: Platform, form: Mapping[str, str]) -> None:
    """Check grant type and assertion; raise Refused with the code of RFC 6749 §5.2."""
    if form.get("grant_type") != "client_credentials":
        code = "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
        raise Refused(400, code, "grant_type must be client_credentials.")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise Refused(400, "invalid_request", f"client_assertion of type {ASSERTION_TYPE} must be given.")
    claims = _verified_claims(platform, form["client_assertion"])
    now = platform.clock()
    client_id = _client_of(platform, claims)
    _check_claims(platform, claims, client_id, now)
    if form.get("client_id", client_id) != client_id:
        # RFC 7521 §4.2: client_id may be left out, but must name the same client when given.
        raise _bad_client("client_id is not the subject of the assertion.")
    with platform.store.transaction() as db:
        _use_up(db, claims, now)


def _verified_claims(platform: Platform, assertion: str) -> dict[str, Any]:
    try:
        return platform.tool_keys.claims_of(assertion)
    except KeysUnavailable as error:
        log.warning("token request refused: %s", error)
        raise _bad_client("The tool's key set could not be read.") from error
    except NotTheTools as error:
        raise _bad_client(f"The assertion is refused. {error}") from error


def _client_of(platform: Platform, claims: dict[str, Any]) -> str:
    """The active client that the subject names; another subject is then refused as not being our first client."""
    with platform.store.transaction() as db:
        known = registrations.active_client_ids(db, platform.settings)
    subject = claims.get("sub")
    return subject if isinstance(subject, str) and subject in known else platform.settings.client_id


def _check_claims(platform: Platform, claims: dict[str, Any], client_id: str, now: datetime) -> None:
    """RFC 7523 §3: iss and sub are the client, aud is our token URL, and the times are near."""
    second = int(now.timestamp())
    token_url = platform.settings.token_url
    if not platform.settings.personality.checks_audience:
        claims = {**claims, "iss": client_id, "aud": token_url}
    registry = jwt.JWTClaimsRegistry(
        now=second,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": client_id},
        sub={"essential": True, "value": client_id},
        aud={"essential": True, "value": token_url},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise _bad_client(f"Claims of the assertion refused: {error.description or error.error}") from error
    if claims["exp"] > second + LONGEST_ASSERTION_SECONDS + LEEWAY_SECONDS:
        raise _bad_client(f"exp must be at most {LONGEST_ASSERTION_SECONDS} seconds ahead.")


def _use_up(db: sqlite3.Connection, claims: dict[str, Any], now: datetime) -> None:
    """Refuse a jti that was seen while its assertion is still good (RFC 7523 §3, item 7)."""
    db.execute("DELETE FROM used_assertion WHERE expires_at <= ?", (now.timestamp() - LEEWAY_SECONDS,))
    inserted = db.execute(
        "INSERT OR IGNORE INTO used_assertion VALUES (?, ?)", (_hash(claims["jti"]), float(claims["exp"]))
    )
    if inserted.rowcount == 0:
        raise _bad_client("The jti of the assertion was used before.")


def _granted_scopes(platform: Platform, wanted: str) -> list[str]:
    """Those asked for that we know (RFC 6749 §3.3): some platforms grant what they can, some all or nothing."""
    asked = list(dict.fromkeys(wanted.split()))
    granted = [scope for scope in asked if scope in launches.scopes_of(platform.settings.personality)]
    if not granted or (granted != asked and platform.settings.personality.refuses_unknown_scopes):
        raise Refused(400, "invalid_scope", "None of the scopes asked for can be granted.")
    return granted


def _issue(platform: Platform, scopes: list[str]) -> str:
    access_token = secrets.token_urlsafe(32)
    now = platform.clock().timestamp()
    with platform.store.transaction() as db:
        db.execute("DELETE FROM access_token WHERE expires_at <= ?", (now,))
        db.execute(
            "INSERT INTO access_token VALUES (?, ?, ?)", (_hash(access_token), " ".join(scopes), now + TOKEN_SECONDS)
        )
    return access_token


def require_scope(*any_of: str) -> None:
    """Check the bearer token of this request; raise Refused 401 or 403 (RFC 6750 §3.1)."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise Refused(401, "invalid_token", "A bearer token must be given.", {"WWW-Authenticate": "Bearer"})
    platform = current()
    with platform.store.transaction() as db:
        row = db.execute(
            "SELECT scope FROM access_token WHERE hash = ? AND expires_at > ?",
            (_hash(value.strip()), platform.clock().timestamp()),
        ).fetchone()
    if row is None:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Refused(401, "invalid_token", "The access token is unknown or has expired.", challenge)
    if not set(any_of) & set(row["scope"].split()):
        challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(any_of)}"'}
        status = platform.settings.personality.scope_missing_status
        raise Refused(status, "insufficient_scope", f"One of these scopes is needed: {' '.join(any_of)}", challenge)


def _bad_client(description: str) -> Refused:
    log.warning("token request refused: %s", description)
    return Refused(400, "invalid_client", description)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
