"""Names of the claims we read, and readers that take nothing for granted about what is in them.

Absent and `null` mean the same for every optional claim. A claim of the wrong type is refused by its name
(`Cause.CLAIM_TYPE`), never guessed at; the one exception is a number where text is expected, which is taken as text
(LTI Core §5.4 leaves platforms that much room, and old ones use it), except in ids, where 7 and "7" would be two.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from config.words import N_
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused

Claims = Mapping[str, Any]

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = _LTI + "message_type"
VERSION = _LTI + "version"
DEPLOYMENT_ID = _LTI + "deployment_id"
TARGET_LINK_URI = _LTI + "target_link_uri"
RESOURCE_LINK = _LTI + "resource_link"
ROLES = _LTI + "roles"
FOR_USER = _LTI + "for_user"
CONTEXT = _LTI + "context"
CUSTOM = _LTI + "custom"
TOOL_PLATFORM = _LTI + "tool_platform"
LAUNCH_PRESENTATION = _LTI + "launch_presentation"
LIS = _LTI + "lis"
NOTIFICATIONS = _LTI + "platformnotificationservice"
NOTICE = _LTI + "notice"
ORIGIN_CONTEXTS = _LTI + "origin_contexts"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
_DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
DEEP_LINKING_SETTINGS = _DEEP_LINKING + "deep_linking_settings"
CONTENT_ITEMS = _DEEP_LINKING + "content_items"
DEEP_LINKING_DATA = _DEEP_LINKING + "data"
CANVAS_PLACEMENT = "https://www.instructure.com/placement"
NAMES_AND_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

MAX_ID = 255  # characters; LTI Core §5.3.3–§5.3.6
MAX_TEXT = 1000  # characters kept of a name or title
LATEST_MOMENT = 253_402_300_799  # the last second of the year 9999; beyond it, no datetime exists
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 has no lone surrogates
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether every database takes `text`: no NUL, no lone surrogate (JSON may spell one as `\\ud800`)."""
    return not _UNSTORABLE.search(text)


def holds_control(text: str) -> bool:
    """Whether `text` holds a control character or a lone surrogate, which no id or name has."""
    return _CONTROL.search(text) is not None


def misfit(claim: str, fault: str) -> LaunchRefused:
    """The refusal of a claim that is not as the spec has it."""
    return LaunchRefused(Cause.CLAIM_TYPE, details=((N_("claim"), claim), (N_("fault"), fault)))


def opaque_id(value: object, claim: str) -> str:
    """An id as the platform spelt it: text of 1 to 255 characters without control characters. Raises CLAIM_TYPE."""
    if not isinstance(value, str):
        raise misfit(claim, "it is no text")
    if not 0 < len(value) <= MAX_ID:
        raise misfit(claim, f"it must have 1 to {MAX_ID} characters")
    if holds_control(value):
        raise misfit(claim, "it holds control characters")
    return value


def optional_object(claims: Claims, claim: str) -> Claims:
    """An object that may be missing (then empty). Raises CLAIM_TYPE."""
    value = claims.get(claim)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise misfit(claim, "it is no JSON object")
    return value


def optional_text(claims: Claims, member: str, claim: str = "", *, limit: int = MAX_TEXT) -> str:
    """Text for people, '' if missing: control characters and surrogates taken out, cut at `limit` characters."""
    value = claims.get(member)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise misfit(f"{claim}.{member}" if claim else member, "it is no text")
    return _CONTROL.sub(" ", str(value)).strip()[:limit].strip()


def string_list(value: object, claim: str) -> tuple[str, ...]:
    """A list of strings. Raises CLAIM_TYPE."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise misfit(claim, "it is no list of strings")
    return tuple(value)


def numeric_date(claims: Claims, claim: str) -> float | None:
    """Seconds since 1970 (RFC 7519 §2), None if missing. Raises CLAIM_TYPE: a string, true, NaN, or after 9999."""
    value = claims.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise misfit(claim, "it is no number")
    if not (0 <= value <= LATEST_MOMENT and math.isfinite(value)):
        raise misfit(claim, "it is no moment in time")
    return float(value)


def custom_values(claims: Claims) -> dict[str, str]:
    """The custom parameters as text. A value `$Like.this` is a variable that the platform did not fill in: absent."""
    values: dict[str, str] = {}
    for name, value in optional_object(claims, CUSTOM).items():
        if isinstance(value, bool):
            values[name] = "true" if value else "false"
            continue
        text = optional_text({name: value}, name, CUSTOM)
        if text and not text.startswith("$"):
            values[name] = text
    return values
