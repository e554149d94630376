"""Deep Linking 2.0, the platform's side: asking the tool for activities, and checking what it answers.

The answer is checked as strictly as Moodle and Canvas do together, and without any leeway for clocks, as Moodle.
"""

import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError

from lti_tool.practice_lms.course import LmsCourse, Person, courses
from lti_tool.practice_lms.launches import CLAIM, common_claims
from lti_tool.practice_lms.platform import Platform
from lti_tool.practice_lms.settings import Settings
from lti_tool.practice_lms.tool_keys import KeysUnavailable, NotTheTools

DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
PLACEMENT = "https://www.instructure.com/placement"
TICKET_SECONDS = 7200
LONGEST_ANSWER_SECONDS = 3600
SINGLE_PLACEMENT = "assignment_selection"


class AnswerRefused(Exception):
    """The tool's answer is not taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Activities being chosen: by whom, for which course, from which placement ('' where they have no names), and the
    ``data`` that must come back (None: none was sent)."""

    user_id: str
    course: LmsCourse
    placement: str
    data: str | None


def begin(db: sqlite3.Connection, selection: Selection, now: datetime) -> str:
    """Keep it; the ticket by which the answer will be known again."""
    ticket = secrets.token_urlsafe(24)
    db.execute("DELETE FROM selection WHERE expires_at <= ?", (now.timestamp(),))
    db.execute(
        "INSERT INTO selection VALUES (?, ?, ?, ?, ?, NULL, ?)",
        (
            _hash(ticket),
            selection.user_id,
            selection.course.number,
            selection.placement,
            selection.data,
            now.timestamp() + TICKET_SECONDS,
        ),
    )
    return ticket


def find(db: sqlite3.Connection, ticket: str, now: datetime) -> Selection | None:
    """The choice of a ticket, while it is good."""
    row = db.execute(
        "SELECT * FROM selection WHERE ticket_hash = ? AND expires_at > ?", (_hash(ticket), now.timestamp())
    ).fetchone()
    if row is None:
        return None
    of = next(one for one in courses(db) if one.number == row["course"])
    return Selection(row["user_id"], of, row["placement"], row["data"])


def keep_items(db: sqlite3.Connection, ticket: str, items: list[Any]) -> None:
    """Keep what was chosen until the teacher saves it."""
    db.execute("UPDATE selection SET items = ? WHERE ticket_hash = ?", (json.dumps(items), _hash(ticket)))


def take_items(db: sqlite3.Connection, ticket: str) -> list[Any] | None:
    """What was chosen, once; the ticket is spent."""
    row = db.execute("DELETE FROM selection WHERE ticket_hash = ? RETURNING items", (_hash(ticket),)).fetchone()
    return None if row is None or row["items"] is None else list(json.loads(row["items"]))


def request_claims(
    settings: Settings, person: Person, selection: Selection, ticket: str, *, nonce: str, now: datetime
) -> dict[str, Any]:
    """All claims of a LtiDeepLinkingRequest (Deep Linking 2.0 §4.4)."""
    personality, target = settings.personality, settings.redirect_uri
    data = {} if selection.data is None else {"data": selection.data}
    placement = {PLACEMENT: selection.placement} if personality.says_where else {}
    return {
        **common_claims(settings, person, selection.course, "LtiDeepLinkingRequest", target, nonce=nonce, now=now),
        CLAIM + "launch_presentation": {"document_target": "iframe", "locale": "en"},
        **placement,
        DEEP_LINKING + "deep_linking_settings": {
            "deep_link_return_url": f"{settings.address}/selection/return?{urlencode({'ticket': ticket})}",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": list(personality.target_frames),
            "accept_multiple": selection.placement != SINGLE_PLACEMENT,
            **personality.more_settings,
            **data,
        },
    }


def read_answer(platform: Platform, selection: Selection, message: str) -> list[dict[str, Any]]:
    """The items of the tool's answer. Raises AnswerRefused."""
    claims = _verified(platform, message)
    settings, now = platform.settings, platform.clock()
    _check_claims(settings, claims, now)
    if claims.get(DEEP_LINKING + "data") != selection.data:
        raise AnswerRefused("data is not what was sent, or there was none to send back.")
    if error := claims.get(DEEP_LINKING + "errormsg"):
        raise AnswerRefused(f"The tool reports a fault: {error}")
    items = claims.get(DEEP_LINKING + "content_items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise AnswerRefused("content_items must be a list of objects.")
    if len(items) > 1 and selection.placement == SINGLE_PLACEMENT:
        raise AnswerRefused("One item was asked for.")
    if strange := {str(item.get("type")) for item in items} - {"ltiResourceLink"}:
        raise AnswerRefused(f"Only ltiResourceLink was asked for, not {', '.join(sorted(strange))}.")
    _use_up(platform, claims)
    return items


def _verified(platform: Platform, message: str) -> dict[str, Any]:
    try:
        return platform.tool_keys.claims_of(message)
    except (KeysUnavailable, NotTheTools) as error:
        raise AnswerRefused(str(error)) from error


def _check_claims(settings: Settings, claims: dict[str, Any], now: datetime) -> None:
    """Deep Linking 2.0 §4.5.1, Security Framework 1.0 §5.2.2."""
    second = int(now.timestamp())
    registry = jwt.JWTClaimsRegistry(
        now=second,
        leeway=0,
        iss={"essential": True, "value": settings.client_id},
        aud={"essential": True, "value": settings.issuer},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise AnswerRefused(f"Claims refused: {error.description or error.error}") from error
    for name, expected in (
        ("message_type", "LtiDeepLinkingResponse"),
        ("version", "1.3.0"),
        ("deployment_id", settings.deployment_id),
    ):
        if claims.get(CLAIM + name) != expected:
            raise AnswerRefused(f"{name} must be {expected}.")
    if claims["exp"] > second + LONGEST_ANSWER_SECONDS:
        raise AnswerRefused("exp is too far ahead.")


def _use_up(platform: Platform, claims: dict[str, Any]) -> None:
    now = platform.clock().timestamp()
    with platform.store.transaction() as db:
        db.execute("DELETE FROM used_nonce WHERE expires_at <= ?", (now,))
        used = db.execute(
            "INSERT OR IGNORE INTO used_nonce VALUES (?, ?)", (_hash(str(claims["nonce"])), float(claims["exp"]))
        )
    if used.rowcount == 0:
        raise AnswerRefused("The nonce was used before.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
