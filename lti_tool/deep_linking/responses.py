"""The signed answer that takes a choice to the platform (Deep Linking 2.0 §4.5)."""

import secrets
from typing import Any

import jwt

from config import clock
from lti_tool import claims
from lti_tool.deep_linking.requests import SelectionRequest

LIFETIME_SECONDS = 600
BACKDATED_SECONDS = 8  # Moodle takes no message from its own future, not by a second


def signed_response(
    request: SelectionRequest,
    content_items: list[dict[str, Any]],
    *,
    issuer: str,
    client_id: str,
    deployment_id: str,
    signing_key: tuple[str, str],
) -> str:
    """A `LtiDeepLinkingResponse`, signed; no items mean that the instructor chose nothing. `signing_key` is the kid and
    the private PEM, as `keys.signing_key` gives them."""
    kid, private_pem = signing_key
    now = int(clock.now().timestamp())
    message: dict[str, Any] = {
        "iss": client_id,
        "aud": issuer,
        "azp": issuer,
        "iat": now - BACKDATED_SECONDS,
        "exp": now + LIFETIME_SECONDS,
        "nonce": secrets.token_urlsafe(24),
        "jti": secrets.token_urlsafe(24),
        claims.MESSAGE_TYPE: "LtiDeepLinkingResponse",
        claims.VERSION: "1.3.0",
        claims.DEPLOYMENT_ID: deployment_id,
        claims.CONTENT_ITEMS: content_items,
    }
    if request.data is not None:
        message[claims.DEEP_LINKING_DATA] = request.data
    return jwt.encode(message, private_pem, algorithm="RS256", headers={"kid": kid})
