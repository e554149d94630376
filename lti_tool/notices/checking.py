"""From a notice as it arrives to one that can be believed: the checks of a launch, without a login and a person.

There is no state that it answers, so its platform is found by `iss` and client; and instead of a nonce that we made it
has one of its own, good once (`receiving`).
"""

from dataclasses import dataclass
from typing import Any

import jwt
import requests

from config.database import Database
from lti_tool import claims
from lti_tool.audience import check_audience
from lti_tool.causes import Cause
from lti_tool.claims import Claims
from lti_tool.errors import LaunchRefused
from lti_tool.key_sets import KeySets
from lti_tool.launch import check_version, deployment_id_of
from lti_tool.login_states import fingerprint
from lti_tool.permission import check_deployment, check_registration
from lti_tool.registrations import deployment_refused, find_deployment, find_registration
from lti_tool.token_checks import check_header, check_times
from lti_tool.tokens import read_token

OLDEST_SECONDS = 86_400  # a platform's queue may be long; a second copy is told by the notice's id, not by its age
MOST_ORIGINS = 20


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice. `deployment_id` is our row's; `context_id`, `context_title` and `origin_ids` are those of the
    copy and of what it was copied from, '' and none in a notice of another type."""

    registration_id: int
    deployment_id: int
    notice_id: str
    type: str
    nonce_hash: str
    context_id: str
    context_title: str
    origin_ids: tuple[str, ...]


def check_notice(database: Database, http: requests.Session, token: str) -> Notice:
    """The notice that a JWT carries. Raises `LaunchRefused`. No transaction may be open: keys may be fetched."""
    read = read_token(token)
    kid, payload = check_header(read.header), read.payload
    with database.reading() as session:
        registration = find_registration(session, *_sender(payload))
        check_registration(registration)
        platform = check_audience(session, payload, registration.id)
    key = KeySets(database, http, platform.row_id, platform.key_set_url).find_key(kid)
    _check_signature(token, key)
    check_times(payload, oldest_seconds=OLDEST_SECONDS)
    check_version(payload)
    deployment_id = deployment_id_of(payload)
    with database.reading() as session:
        deployment = find_deployment(session, platform.row_id, deployment_id)
    if deployment is None:  # a handler is registered for deployments that have launched: of no other is there anything
        raise deployment_refused(platform.issuer, platform.client_id, deployment_id)
    check_deployment(deployment)
    return _notice(payload, platform.row_id, deployment.id)


def _sender(payload: Claims) -> tuple[str, str]:
    """The issuer, and the client that the notice is for: one of ours among several is named by `azp`."""
    issuer, audience = payload.get("iss"), payload.get("aud")
    client = payload.get("azp", audience if isinstance(audience, str) else None)
    if client is None and isinstance(audience, list) and len(audience) == 1:
        client = audience[0]
    if not isinstance(issuer, str):
        raise LaunchRefused(Cause.ISSUER)
    if not isinstance(client, str):
        raise LaunchRefused(Cause.AUDIENCE)
    return issuer, client


def _check_signature(token: str, key: dict[str, Any]) -> None:
    """Security §5.1.3 no. 1. Claims are ours to check."""
    try:
        jwt.PyJWS().decode(token, jwt.PyJWK(key, algorithm="RS256"), algorithms=["RS256"])
    except jwt.PyJWTError as error:
        raise LaunchRefused(Cause.SIGNATURE) from error


def _notice(payload: Claims, registration_id: int, deployment_id: int) -> Notice:
    told = claims.optional_object(payload, claims.NOTICE)
    nonce = payload.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise LaunchRefused(Cause.NONCE_MISSING)
    context = claims.optional_object(payload, claims.CONTEXT)
    origins = payload.get(claims.ORIGIN_CONTEXTS)
    listed = claims.string_list(origins, claims.ORIGIN_CONTEXTS)[:MOST_ORIGINS] if origins is not None else ()
    return Notice(
        registration_id=registration_id,
        deployment_id=deployment_id,
        notice_id=claims.opaque_id(told.get("id"), f"{claims.NOTICE}.id"),
        type=claims.opaque_id(told.get("type"), f"{claims.NOTICE}.type"),
        nonce_hash=fingerprint(nonce),
        context_id=claims.opaque_id(context.get("id"), f"{claims.CONTEXT}.id") if context else "",
        context_title=claims.optional_text(context, "title", claims.CONTEXT),
        origin_ids=tuple(claims.opaque_id(one, claims.ORIGIN_CONTEXTS) for one in listed),
    )
