"""Launching an activity: the login initiation, its single-use hint, and the claims."""

import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lti_tool.practice_lms.course import Activity, LmsCourse, Person
from lti_tool.practice_lms.line_items import line_items_of_link
from lti_tool.practice_lms.personality import Personality
from lti_tool.practice_lms.settings import Settings

DocumentTarget = Literal["iframe", "window"]

HINT_SECONDS = 300
SELECTION = "selection:"  # no activity is called so: a colon may not stand in an id
REVIEW = "review:"

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
AGS_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM_SCOPE = AGS_SCOPE + "lineitem"
LINE_ITEM_READONLY_SCOPE = AGS_SCOPE + "lineitem.readonly"
RESULT_SCOPE = AGS_SCOPE + "result.readonly"
SCORE_SCOPE = AGS_SCOPE + "score"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
MEMBERSHIP_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS_SCOPES = (LINE_ITEM_SCOPE, LINE_ITEM_READONLY_SCOPE, RESULT_SCOPE, SCORE_SCOPE)
SCOPES = (*AGS_SCOPES, MEMBERSHIP_SCOPE)
NOTICES_CLAIM = CLAIM + "platformnotificationservice"
NOTICES_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
NOTICE_TYPES = ("LtiHelloWorldNotice", "LtiContextCopyNotice")


def scopes_of(personality: Personality) -> tuple[str, ...]:
    """The scopes that can be granted."""
    return (*SCOPES, NOTICES_SCOPE) if personality.sends_notices else SCOPES


@dataclass(frozen=True, slots=True)
class Hint:
    """Who opened which activity, as kept from the login initiation to the authorisation request."""

    user_id: str
    activity_id: str
    document_target: DocumentTarget

    @property
    def ticket(self) -> str | None:
        """The ticket of a choice of activities, where that is what was opened."""
        return self.activity_id.removeprefix(SELECTION) if self.activity_id.startswith(SELECTION) else None

    @property
    def reviewed(self) -> tuple[int, str] | None:
        """The column and the student whose work is to be looked at, where that is what was opened."""
        if not self.activity_id.startswith(REVIEW):
            return None
        line_item_id, _, user_id = self.activity_id.removeprefix(REVIEW).partition(":")
        return int(line_item_id), user_id


def login_parameters(
    db: sqlite3.Connection,
    settings: Settings,
    person: Person,
    activity: Activity,
    *,
    document_target: DocumentTarget,
    now: datetime,
) -> dict[str, str]:
    """The login initiation (LTI Core 1.3 §4.1, Security Framework 1.0 §5.1.1.1) with a fresh hint."""
    hint = Hint(person.id, activity.id, document_target)
    return _parameters(db, settings, hint, activity.url, now)


def selection_parameters(
    db: sqlite3.Connection, settings: Settings, person: Person, ticket: str, *, now: datetime
) -> dict[str, str]:
    """The login initiation by which activities are to be chosen: its hint names the choice's ticket."""
    return _parameters(db, settings, Hint(person.id, SELECTION + ticket, "iframe"), settings.redirect_uri, now)


def review_parameters(
    db: sqlite3.Connection, settings: Settings, person: Person, of: tuple[int, str], target: str, *, now: datetime
) -> dict[str, str]:
    """The login initiation by which a student's work in a column is to be looked at."""
    return _parameters(db, settings, Hint(person.id, f"{REVIEW}{of[0]}:{of[1]}", "iframe"), target, now)


def _parameters(db: sqlite3.Connection, settings: Settings, opened: Hint, target: str, now: datetime) -> dict[str, str]:
    # JSON as Moodle's is: quotes and braces show a tool that does not encode what it passes on.
    hint = json.dumps({"activity": opened.activity_id, "launch": secrets.token_urlsafe(24)}, separators=(",", ":"))
    db.execute("DELETE FROM launch_hint WHERE expires_at <= ?", (now.timestamp(),))
    db.execute(
        "INSERT INTO launch_hint VALUES (?, ?, ?, ?, ?)",
        (_hash(hint), opened.user_id, opened.activity_id, opened.document_target, now.timestamp() + HINT_SECONDS),
    )
    return {
        "iss": settings.issuer,
        "login_hint": opened.user_id,
        "target_link_uri": target,
        "lti_message_hint": hint,
        "client_id": settings.client_id,
        "lti_deployment_id": settings.deployment_id,
    }


def consume_hint(db: sqlite3.Connection, hint: str, now: datetime) -> Hint | None:
    """Use up a hint: None when it is unknown, was used before, or is older than five minutes."""
    row = db.execute("DELETE FROM launch_hint WHERE hash = ? RETURNING *", (_hash(hint),)).fetchone()
    if row is None or row["expires_at"] <= now.timestamp():
        return None
    return Hint(row["user_id"], row["activity_id"], row["document_target"])


def launch_claims(
    db: sqlite3.Connection,
    settings: Settings,
    person: Person,
    activity: Activity,
    *,
    nonce: str,
    document_target: DocumentTarget,
    now: datetime,
) -> dict[str, Any]:
    """All claims of an LtiResourceLinkRequest (LTI Core 1.3 §5.3 and §5.4, AGS 2.0 §3.1)."""
    personality = settings.personality
    return {
        **common_claims(
            settings, person, activity.course, "LtiResourceLinkRequest", activity.url, nonce=nonce, now=now
        ),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        CLAIM + "resource_link": {"id": activity.resource_link_id, "title": activity.title},
        CLAIM + "custom": personality.custom(_expanded(personality, activity)),
        CLAIM + "launch_presentation": {
            "document_target": document_target,
            "locale": "en",
            "return_url": f"{settings.address}/return?activity={activity.id}",
        },
        AGS_CLAIM: _ags_endpoint(db, settings, activity),
        NRPS_CLAIM: {
            "context_memberships_url": settings.memberships_url(activity.course.number),
            "service_versions": list(personality.roster_versions),
        },
        **_notices(settings),
    }


def _notices(settings: Settings) -> dict[str, Any]:
    """The claim of the Platform Notification Service."""
    if not settings.personality.sends_notices:
        return {}
    service = {
        "service_versions": ["1.0"],
        "platform_notification_service_url": settings.notice_handlers_url,
        "scope": [NOTICES_SCOPE],
        "notice_types_supported": list(NOTICE_TYPES),
    }
    return {NOTICES_CLAIM: service}


def _expanded(personality: Personality, activity: Activity) -> dict[str, str]:
    """The custom parameters, with the variables filled in that the platform knows; others stay as they are."""
    known = {"$Context.id.history": ",".join(personality.context(one) for one in activity.course.history)}
    if personality.knows_link_history:
        known["$ResourceLink.id.history"] = ",".join(activity.link_history)
    return {name: known.get(value, value) for name, value in activity.custom.items()}


def common_claims(
    settings: Settings, person: Person, of: LmsCourse, message_type: str, target: str, *, nonce: str, now: datetime
) -> dict[str, Any]:
    """What every message says: for whom and how long it is good, who sends whom, and from where (LTI Core 1.3 §5.3)."""
    personality, issued = settings.personality, int(now.timestamp())
    azp = {"azp": settings.client_id} if personality.sends_azp else {}
    return {
        "iss": settings.issuer,
        "aud": settings.client_id,
        **azp,
        "sub": personality.sub(person.id),
        "iat": issued,
        "exp": issued + personality.id_token_seconds,
        "nonce": nonce,
        "name": person.name,
        CLAIM + "message_type": message_type,
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": settings.deployment_id,
        CLAIM + "target_link_uri": target,
        CLAIM + "roles": list(personality.roles[person.role]),
        CLAIM + "context": {
            "id": personality.context(of.number),
            "label": of.label,
            "title": of.title,
            "type": [personality.context_type],
        },
        CLAIM + "tool_platform": {
            "product_family_code": personality.product_family_code,
            "guid": personality.guid,
            "name": personality.platform_name,
            "version": personality.version,
        },
        **personality.more_claims(person.id),
    }


def _ags_endpoint(db: sqlite3.Connection, settings: Settings, activity: Activity) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"scope": list(AGS_SCOPES), "lineitems": settings.container_url(activity.course.number)}
    columns = line_items_of_link(db, activity.resource_link_id)
    # AGS 2.0 §3.1: "lineitem" only when exactly one column belongs to the link.
    if len(columns) == 1 or (columns and settings.personality.names_first_column):
        endpoint["lineitem"] = settings.line_item_url(columns[0].id)
    return endpoint


def _hash(hint: str) -> str:
    return hashlib.sha256(hint.encode()).hexdigest()
