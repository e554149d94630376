"""A platform's Names and Role Provisioning Service (NRPS 2.0): whom it says to be in a context."""

from dataclasses import dataclass, field
from typing import Any

from lti_tool import claims
from lti_tool.ags import Connector, ServiceFailed
from lti_tool.errors import LaunchRefused
from lti_tool.roles import role_of
from lti_tool.service_pages import pages

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
CONTAINER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"  # Moodle takes this one, or anything
MOST_MEMBERS = 20_000
ACTIVE, INACTIVE, GONE = "active", "inactive", "gone"
_STATUSES = {"inactive": INACTIVE, "deleted": GONE}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as a platform knows them. `role`: instructor or learner; `name` is '' where the platform gives none."""

    user_id: str
    name: str = field(repr=False)  # a person's name has no business in a traceback
    role: str = ""
    status: str = ACTIVE


def read_members(connector: Connector, url: str) -> dict[str, Member]:
    """Everybody on the roster, by user id (NRPS §2.2). Raises `ServiceFailed`.

    No role is asked for: the address of Moodle's next page forgets it. A member without a usable id is left out.
    """
    found: dict[str, Member] = {}
    for page in pages(connector, url, SCOPE, CONTAINER_TYPE):
        members = page.get("members") if isinstance(page, dict) else None
        if not isinstance(members, list):
            raise ServiceFailed("roster_unreadable", retryable=False)
        for one in members:
            if (member := _member(one)) is not None:
                found[member.user_id] = member
        if len(found) > MOST_MEMBERS:
            raise ServiceFailed("roster_too_long", retryable=False)
    return found


def _member(value: Any) -> Member | None:
    if not isinstance(value, dict):
        return None
    try:
        user_id = claims.opaque_id(value.get("user_id"), "user_id")
        given, family = (claims.optional_text(value, part) for part in ("given_name", "family_name"))
        name = claims.optional_text(value, "name") or f"{given} {family}".strip()
        status = claims.optional_text(value, "status").lower()
    except LaunchRefused:
        return None
    roles = value.get("roles")
    names = [one for one in roles if isinstance(one, str)] if isinstance(roles, list) else []
    return Member(user_id, name, role_of(names), _STATUSES.get(status, ACTIVE))
