"""What a platform says of itself (its OpenID configuration, LTI Dynamic Registration §3.3), and what of it is believed.

Anybody may run the server that answers. So the document must be about the host it came from (§3.4), or about the
shared issuer of a platform that is known to have one; only then do the addresses in it count as the platform's.
"""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from config.outbound import is_private
from config.words import N_
from lti_tool.addresses import split_web_address
from lti_tool.claims import holds_control
from lti_tool.platforms import platform_of
from lti_tool.registering.failures import Failure, RegistrationFailed

PLATFORM_MEMBER = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CANVAS_ACCOUNT_NAME = "https://canvas.instructure.com/lti/account_name"
MAX_FAMILY = 64  # characters, as the column that keeps it
MAX_NAME = 255

_ENDPOINTS = ("issuer", "registration_endpoint", "authorization_endpoint", "token_endpoint", "jwks_uri")
_MUST_OFFER = {
    "response_types_supported": "id_token",
    "id_token_signing_alg_values_supported": "RS256",
    "token_endpoint_auth_methods_supported": "private_key_jwt",
}


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """A platform's description of itself, checked.

    `audience`: whom client assertions name, None for the token endpoint. `scopes`: those it knows, None if it does not
    say. `messages`: the types of messages it sends. `account_name`: the school's, '' if not told.
    """

    issuer: str
    registration_endpoint: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    audience: str | None
    product_family: str | None
    account_name: str
    scopes: frozenset[str] | None
    messages: frozenset[str]


def is_usable_address(url: object, *, allow_private: bool) -> bool:
    """Whether an address of a platform may be used at all: https and public, unless private platforms are allowed.

    A host is judged here only where it is an IP address; names are judged when they are connected to (config.outbound).
    """
    parts = split_web_address(url)
    if parts is None or parts.fragment:
        return False
    return allow_private or (parts.scheme == "https" and not _is_private_host(parts.hostname or ""))


def _is_private_host(host: str) -> bool:
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return True
    try:
        return is_private(str(ipaddress.ip_address(host)))
    except ValueError:
        return False


def read_configuration(url: str, body: bytes, *, allow_private: bool) -> PlatformConfiguration:
    """The configuration that `url` answered with. Raises `RegistrationFailed`: CONFIGURATION_UNUSABLE with everything
    that is wrong, or ISSUER_FOREIGN."""
    document = _json_object(url, body)
    faults = [
        f"{name} is no usable address{'' if allow_private else ' (public, with https)'}"
        for name in _ENDPOINTS
        if not _fits(name, document.get(name), allow_private=allow_private)
    ]
    faults += [
        f"{name} must hold {value}" for name, value in _MUST_OFFER.items() if value not in _texts(document, name)
    ]
    platform_part = document.get(PLATFORM_MEMBER)
    if not isinstance(platform_part, dict):
        faults.append(f"{PLATFORM_MEMBER} is missing")
        platform_part = {}
    if faults:
        raise _unusable(url, *faults)
    family = _plain(platform_part.get("product_family_code"), MAX_FAMILY) or None
    found = PlatformConfiguration(
        **{name: document[name] for name in _ENDPOINTS},
        audience=_audience(document),
        product_family=family,
        account_name=_plain(platform_part.get(CANVAS_ACCOUNT_NAME), MAX_NAME),
        scopes=frozenset(_texts(document, "scopes_supported")) if "scopes_supported" in document else None,
        messages=frozenset(_message_types(platform_part)),
    )
    endpoints = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    if not platform_of(family).vouches_for(found.issuer, url, endpoints):
        details = ((N_("address"), url), (N_("issuer"), found.issuer))
        raise RegistrationFailed(Failure.ISSUER_FOREIGN, details=details)
    return found


def _fits(name: str, value: object, *, allow_private: bool) -> bool:
    usable = is_usable_address(value, allow_private=allow_private)
    return usable and (name != "issuer" or not urlsplit(str(value)).query)


def _json_object(url: str, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise _unusable(url, "it is no JSON") from None
    if not isinstance(document, dict):
        raise _unusable(url, "it is no JSON object")
    return document


def _texts(document: Mapping[str, Any], name: str) -> list[str]:
    value = document.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _message_types(platform_part: Mapping[str, Any]) -> list[str]:
    messages = platform_part.get("messages_supported")
    entries = messages if isinstance(messages, list) else []
    types = [one.get("type") if isinstance(one, dict) else one for one in entries]  # older Moodles: the type alone
    return [one for one in types if isinstance(one, str)]


def _plain(value: object, longest: int) -> str:
    """A short text that may be kept and shown, '' if it is none."""
    text = value.strip()[:longest].strip() if isinstance(value, str) else ""
    return "" if holds_control(text) else text


def _audience(document: Mapping[str, Any]) -> str | None:
    # Canvas names a bare host here, which its own token endpoint then refuses as an audience.
    value = document.get("authorization_server")
    return value if isinstance(value, str) and split_web_address(value) else None


def _unusable(url: str, *faults: str) -> RegistrationFailed:
    details = [(N_("address"), url), *((N_("fault"), fault) for fault in faults)]
    return RegistrationFailed(Failure.CONFIGURATION_UNUSABLE, details=details)
