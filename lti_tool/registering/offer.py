"""What we are and what we ask for, as each kind of registration wants to hear it.

One place for all of them, so that an LMS set up by hand gets the same as one that registers itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.words import N_
from lti_tool.ags import SCOPE_RESULT, SCOPE_SCORE
from lti_tool.launch import SCOPE_NOTICES
from lti_tool.line_items import SCOPE_LINE_ITEM
from lti_tool.platforms import DEEP_LINKING, Canvas, platform_of
from lti_tool.registering.configuration import PlatformConfiguration
from lti_tool.roster_service import SCOPE as SCOPE_ROSTER

TITLE = "Coursewright"
DESCRIPTION = "Lessons, quizzes that explain every answer, and labs; grades go to the gradebook."
TOOL_MEMBER = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CLAIMS = ("iss", "sub", "name", "given_name", "family_name")
SCOPE_LINE_ITEM_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"

# Each with the reason an admin is given.
SCOPES: Mapping[str, str] = {
    SCOPE_LINE_ITEM: N_("To make a gradebook column for an activity that has none yet."),
    SCOPE_LINE_ITEM_READONLY: N_("To find the columns of its own activities, so that none is made twice."),
    SCOPE_RESULT: N_("To see whether a grade has arrived."),
    SCOPE_SCORE: N_("To send grades."),
    SCOPE_ROSTER: N_("To show instructors who has not begun yet."),
    SCOPE_NOTICES: N_("To hear that a course was copied, so that the copy keeps its dates and rules."),
}
_IF_NAMED = frozenset({SCOPE_NOTICES})  # new: a platform that does not say which scopes it knows may know it not


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where an LMS finds us; all of them follow from the tool's base URL."""

    base: str

    @property
    def login(self) -> str:
        """Login initiation."""
        return f"{self.base}/lti/login"

    @property
    def launch(self) -> str:
        """Launch, deep linking, and the only redirection URI."""
        return f"{self.base}/lti/launch"

    @property
    def keys(self) -> str:
        """Our public key set."""
        return f"{self.base}/lti/jwks"

    @property
    def canvas_json(self) -> str:
        """Canvas's configuration of us."""
        return f"{self.base}/lti/canvas.json"


def registration_request(base_url: str, icon_url: str, configuration: PlatformConfiguration) -> dict[str, Any]:
    """The body of a registration (LTI Dynamic Registration §4): what we ask for of what the platform offers.

    A scope or message that it does not offer is left out: some refuse the whole request for it.
    """
    ours = Addresses(base_url)
    said = platform_of(configuration.product_family).tool_configuration(ours.launch, TITLE)
    sent = configuration.messages or {DEEP_LINKING}  # a platform that does not say knows this one most likely
    messages = [one for one in said["messages"] if one["type"] in sent]
    known = configuration.scopes if configuration.scopes is not None else SCOPES.keys() - _IF_NAMED
    scopes = [scope for scope in SCOPES if scope in known]
    return {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "redirect_uris": [ours.launch],
        "initiate_login_uri": ours.login,
        "client_name": TITLE,
        "client_uri": ours.base,
        "logo_uri": icon_url,
        "jwks_uri": ours.keys,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        TOOL_MEMBER: {
            **said,
            "target_link_uri": ours.launch,
            "description": DESCRIPTION,
            "claims": list(CLAIMS),
            "messages": messages,
        },
    }


def canvas_key(base_url: str, icon_url: str) -> dict[str, Any]:
    """Canvas's own description of a tool, for a developer key made by hand ("Enter URL")."""
    ours, canvas = Addresses(base_url), Canvas()
    said = canvas.tool_configuration(ours.launch, TITLE)
    width, height = canvas.frame
    placements = [
        {
            "placement": placement,
            "enabled": True,
            "message_type": DEEP_LINKING,
            "target_link_uri": ours.launch,
            "text": TITLE,
            "selection_width": width,
            "selection_height": height,
        }
        for placement in canvas.placements
    ]
    extension = {
        "platform": "canvas.instructure.com",
        "domain": said["domain"],
        "tool_id": "coursewright",
        "privacy_level": "name_only",
        "settings": {"text": TITLE, "icon_url": icon_url, "placements": placements},
    }
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "oidc_initiation_url": ours.login,
        "target_link_uri": ours.launch,
        "public_jwk_url": ours.keys,
        "scopes": list(SCOPES),
        "custom_fields": said["custom_parameters"],
        "extensions": [extension],
    }
