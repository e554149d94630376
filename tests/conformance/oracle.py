"""What a message must be to be let in, said once more and by nothing of the tool's: the fuzzer's judge.

It knows only what must be refused. That something harmless is let in is for the named cases to show; here it is enough
that what is not harmless never is.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.conformance import names
from tests.conformance.platform import CLIENT_ID, ISSUER, KID

Message = Mapping[str, Any]

LEEWAY = 60  # seconds between two clocks
OLDEST = 600
MESSAGES = {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}
OBJECTS = (
    names.CUSTOM,
    names.CONTEXT,
    names.LAUNCH_PRESENTATION,
    names.TOOL_PLATFORM,
    names.LIS,
    names.AGS,
    names.NRPS,
)


def fault_of(header: Any, payload: Any, *, nonce: str, origin: str, now: float) -> str | None:
    """Why this message must be refused, if it must. It is taken to be signed by the right key."""
    payload = json.loads(json.dumps(payload))  # as it arrives: two halves of a character side by side are one then
    if not isinstance(header, dict) or not isinstance(payload, dict):
        return "header or payload is no object"
    return _header(header) or _parties(payload, nonce) or _times(payload, now) or _message(payload, origin)


def _header(header: Message) -> str | None:
    if header.get("alg") != "RS256" or header.get("kid") != KID:
        return "algorithm or key"
    if {"jwk", "jku", "x5u", "x5c", "crit"} & set(header):
        return "a key in the header, or something critical"
    return None


def _parties(payload: Message, nonce: str) -> str | None:
    audience = payload.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if payload.get("iss") != ISSUER or CLIENT_ID not in audiences or payload.get("nonce") != nonce:
        return "issuer, audience or nonce"
    if payload.get("azp", CLIENT_ID) != CLIENT_ID or (len(audiences) > 1 and "azp" not in payload):
        return "azp"
    return None


def _times(payload: Message, now: float) -> str | None:
    for name in ("exp", "iat"):
        if isinstance(payload.get(name), bool) or not isinstance(payload.get(name), int | float):
            return f"{name} is no time"
    late = now - payload["exp"] > LEEWAY
    if late or payload["iat"] - now > LEEWAY or now - payload["iat"] > OLDEST + LEEWAY:
        return "not of now"
    return None


def _message(payload: Message, origin: str) -> str | None:
    kind, roles, context = (payload.get(name) for name in (names.MESSAGE_TYPE, names.ROLES, names.CONTEXT))
    faults = {
        "version or message type": payload.get(names.VERSION) != "1.3.0" or str(kind) not in MESSAGES,
        "deployment": not _is_id(payload.get(names.DEPLOYMENT_ID)),
        "user": not _is_id(payload.get("sub")) or not payload["sub"].isascii(),
        "roles": not isinstance(roles, list) or not all(isinstance(role, str) for role in roles),
        "an object": any(payload.get(name) is not None and not isinstance(payload[name], dict) for name in OBJECTS),
        "context": isinstance(context, dict) and bool(context) and not _is_id(context.get("id")),
    }
    if found := next((name for name, is_so in faults.items() if is_so), None):
        return found
    return _selection(payload, roles or []) if kind == "LtiDeepLinkingRequest" else _link(payload, origin)


def _link(payload: Message, origin: str) -> str | None:
    link = payload.get(names.RESOURCE_LINK)
    if not isinstance(link, dict) or not _is_id(link.get("id")):
        return "resource link"
    return None if _origin(payload.get(names.TARGET_LINK_URI)) == origin else "target"


def _selection(payload: Message, roles: list[str]) -> str | None:
    settings = payload.get(names.DL_SETTINGS)
    address = settings.get("deep_link_return_url") if isinstance(settings, dict) else None
    if not (_origin(address) or "").startswith(("http://", "https://")):
        return "return address"
    return None if any("instructor" in role.lower() or "admin" in role.lower() for role in roles) else "no teacher"


def _is_id(value: Any) -> bool:
    plain = isinstance(value, str) and 0 < len(value) <= 255
    return plain and not any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in value)


def _origin(address: Any) -> str | None:
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower()  # of both, letters may be of any case
