"""The Platform Notification Service: which address of the tool's takes notices, and telling it of a copied course.

As Canvas does it: one handler for each kind, on the tool's own host; a notice is sent once, and not again if nobody
takes it.
"""

import logging
import sqlite3
import uuid
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Blueprint, Response, jsonify, request

from lti_tool.practice_lms import signing
from lti_tool.practice_lms.course import LmsCourse
from lti_tool.practice_lms.launches import CLAIM, NOTICE_TYPES, NOTICES_SCOPE
from lti_tool.practice_lms.platform import Platform, current
from lti_tool.practice_lms.refusals import Refused
from lti_tool.practice_lms.tokens import require_scope

log = logging.getLogger(__name__)

blueprint = Blueprint("notices", __name__, url_prefix="/lti/notice-handlers/<deployment_id>")

COPIED = "LtiContextCopyNotice"
NOTICE_SECONDS = 3600
ANSWER_SECONDS = 5


@blueprint.get("")
def list_handlers(deployment_id: str) -> Response:
    """All handlers; '' where there is none."""
    _check(deployment_id)
    platform = current()
    with platform.store.transaction() as db:
        known = [{"notice_type": one, "handler": _handler(db, one)} for one in NOTICE_TYPES]
    settings = platform.settings
    return jsonify(client_id=settings.client_id, deployment_id=settings.deployment_id, notice_handlers=known)


@blueprint.put("")
def set_handler(deployment_id: str) -> Response:
    """Take a handler, or with '' take it away."""
    _check(deployment_id)
    body, platform = request.get_json(), current()
    notice_type, handler = (body.get(name) if isinstance(body, dict) else None for name in ("notice_type", "handler"))
    if notice_type not in NOTICE_TYPES or not isinstance(handler, str):
        raise Refused(400, "bad_handler", "notice_type must be one that is supported, handler an address or ''.")
    if handler and urlsplit(handler).netloc != urlsplit(platform.settings.tool_url).netloc:
        raise Refused(400, "bad_handler", "The handler must be on the tool's host.")
    with platform.store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO notice_handler VALUES (?, ?)", (notice_type, handler))
    return jsonify(notice_type=notice_type, handler=handler)


def _check(deployment_id: str) -> None:
    settings = current().settings
    if not settings.personality.sends_notices or deployment_id != settings.deployment_id:
        raise Refused(404, "not_found", "There is no such deployment.")
    require_scope(NOTICES_SCOPE)


def _handler(db: sqlite3.Connection, notice_type: str) -> str:
    row = db.execute("SELECT handler FROM notice_handler WHERE notice_type = ?", (notice_type,)).fetchone()
    return "" if row is None else str(row["handler"])


def tell_of_copy(platform: Platform, original: LmsCourse, copy: LmsCourse) -> None:
    """Send the notice that a course was copied, if the tool takes any. No transaction may be open."""
    with platform.store.transaction() as db:
        handler, key = _handler(db, COPIED), signing.current_key(db)
    if not handler:
        return
    token = signing.sign(key, copy_claims(platform, original, copy))
    try:
        answer = requests.post(
            handler, json={"notices": [{"jwt": token}]}, timeout=ANSWER_SECONDS, allow_redirects=False
        )
        log.info("notice sent: %s", answer.status_code)
    except requests.RequestException as error:
        log.warning("notice not taken: %s", type(error).__name__)


def copy_claims(platform: Platform, original: LmsCourse, copy: LmsCourse) -> dict[str, Any]:
    """All claims of the notice: those of a launch without a person, and what was copied from what."""
    settings, moment = platform.settings, platform.clock()
    issued, personality = int(moment.timestamp()), settings.personality
    return {
        "iss": settings.issuer,
        "aud": settings.client_id,
        "azp": settings.client_id,
        "iat": issued,
        "exp": issued + NOTICE_SECONDS,
        "nonce": str(uuid.uuid4()),
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": settings.deployment_id,
        CLAIM + "notice": {
            "id": str(uuid.uuid4()),
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "type": COPIED,
        },
        CLAIM + "context": {
            "id": personality.context(copy.number),
            "label": copy.label,
            "title": copy.title,
            "type": [personality.context_type],
        },
        CLAIM + "origin_contexts": [personality.context(original.number)],
    }
