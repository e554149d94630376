"""The OIDC side of a launch: authorisation endpoint, key set and discovery document.

Specs: OpenID Connect Core 1.0 §3.2.2, LTI Security Framework 1.0 §5.1.1.2 and §5.1.1.3.
"""

import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, session

from lti_tool.practice_lms import course, deep_linking, launches, reviewing, signing
from lti_tool.practice_lms.platform import Platform, current
from lti_tool.practice_lms.settings import Settings

log = logging.getLogger(__name__)

blueprint = Blueprint("authorisation", __name__)

SESSION_USER = "user_id"
LONGEST_NONCE = 512


@dataclass(frozen=True, slots=True)
class FormPost:
    """Fields to post to the tool's redirect URI by the browser (OAuth 2.0 Form Post Response Mode)."""

    url: str
    fields: dict[str, str]


class NotOurClient(Exception):
    """Client or redirect URI are wrong: nothing may be sent to that address (RFC 6749 §4.1.2.1)."""


class AuthRefused(Exception):
    """The request is refused in a way the tool is told of."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def answer(platform: Platform, parameters: Mapping[str, str], session_user: str | None) -> FormPost:
    """Answer one authentication request: an id_token, or an error, for the redirect URI.

    ``session_user`` is the person of the LMS cookie, None when the browser did not send it.
    Raises NotOurClient when there is no trusted address to answer to.
    """
    _check_client(platform.settings, parameters)
    state = {"state": parameters["state"]} if parameters.get("state") else {}
    try:
        token = _id_token(platform, parameters, session_user)
    except AuthRefused as refused:
        log.warning("authentication request refused: %s: %s", refused.error, refused.description)
        fields = {"error": refused.error, "error_description": refused.description, **state}
        return FormPost(platform.settings.redirect_uri, fields)
    return FormPost(platform.settings.redirect_uri, {"id_token": token, **state})


def _check_client(settings: Settings, parameters: Mapping[str, str]) -> None:
    if parameters.get("client_id") != settings.client_id:
        raise NotOurClient("The client_id is not that of a registered tool.")
    if parameters.get("redirect_uri") != settings.redirect_uri:
        raise NotOurClient("The redirect_uri is not exactly the registered one.")


def _id_token(platform: Platform, parameters: Mapping[str, str], session_user: str | None) -> str:
    now = platform.clock()
    with platform.store.transaction() as db:
        # Used up first and in a transaction of its own: a refused request has spent its hint too.
        hint = launches.consume_hint(db, parameters.get("lti_message_hint", ""), now)
    _check_protocol(parameters)
    if hint is None:
        raise AuthRefused("launch_no_longer_valid", "The lti_message_hint is unknown, expired or was used before.")
    _check_user(hint, parameters, session_user)
    with platform.store.transaction() as db:
        claims = _claims(db, platform.settings, hint, parameters["nonce"], now)
        key = signing.current_key(db)
    if claims is None:
        raise AuthRefused("launch_no_longer_valid", "The person or the activity is no longer in the course.")
    return signing.sign(key, claims)


def _claims(
    db: sqlite3.Connection, settings: Settings, hint: launches.Hint, nonce: str, now: datetime
) -> dict[str, Any] | None:
    person = course.find_person(db, hint.user_id)
    if person is None:
        return None
    if hint.ticket is not None:
        selection = deep_linking.find(db, hint.ticket, now)
        if selection is None:
            return None
        return deep_linking.request_claims(settings, person, selection, hint.ticket, nonce=nonce, now=now)
    if hint.reviewed is not None:
        return reviewing.review_claims(db, settings, person, hint.reviewed, nonce=nonce, now=now)
    activity = course.find_activity(db, hint.activity_id)
    if activity is None:
        return None
    return launches.launch_claims(
        db, settings, person, activity, nonce=nonce, document_target=hint.document_target, now=now
    )


def _check_protocol(parameters: Mapping[str, str]) -> None:
    """The fixed values of Security Framework 1.0 §5.1.1.2."""
    if parameters.get("scope") != "openid":
        raise AuthRefused("invalid_scope", "scope must be openid.")
    if parameters.get("response_type") != "id_token":
        raise AuthRefused("unsupported_response_type", "response_type must be id_token.")
    if parameters.get("response_mode") != "form_post":
        raise AuthRefused("invalid_request", "response_mode must be form_post.")
    if parameters.get("prompt") != "none":
        raise AuthRefused("invalid_request", "prompt must be none.")
    if not 0 < len(parameters.get("nonce", "")) <= LONGEST_NONCE:
        raise AuthRefused("invalid_request", "nonce must be given.")


def _check_user(hint: launches.Hint, parameters: Mapping[str, str], session_user: str | None) -> None:
    """The login_hint must name the person who opened the activity.

    That person is read from the hint and not from the LMS cookie. The cookie is
    SameSite=Lax and the request comes from the tool's page inside a frame: Chromium sends
    it with the redirect of a tool's login, but not when that page posts a form (measured).
    Moodle meets the same by a page that posts to itself; the hint does it without the
    extra page, and also where a browser sends no cookie at all. It is as good a witness:
    192 random bits, given only to that person's signed-in browser, good once and for five
    minutes. When the cookie does come, it must agree, so a launch begun by one person is
    not finished after somebody else signed in.
    """
    if parameters.get("login_hint") != hint.user_id:
        raise AuthRefused("access_denied", "login_hint is not the person who opened the activity.")
    if session_user is not None and session_user != hint.user_id:
        raise AuthRefused("access_denied", "Another person is signed in now than opened the activity.")


@blueprint.route("/lti/auth", methods=["GET", "POST"])
def authorise() -> str | tuple[str, int]:
    """Take the authentication request by GET or POST and answer with a self-posting form."""
    for name in request.values:
        if len(request.values.getlist(name)) > 1:
            # RFC 6749 §3.1: parameters must not come more than once.
            return _error_page(f"The parameter {name} was given more than once.")
    try:
        form = answer(current(), request.values, session.get(SESSION_USER))
    except NotOurClient as error:
        log.warning("authentication request refused: %s", error)
        return _error_page(str(error))
    return render_template("form_post.html", form=form)


def _error_page(reason: str) -> tuple[str, int]:
    return render_template("problem.html", title="The activity cannot be opened", reason=reason), 400


@blueprint.get("/lti/certs")
def certs() -> Response:
    """The platform's key set (RFC 7517 §5)."""
    with current().store.transaction() as db:
        return jsonify(signing.public_key_set(db))


@blueprint.get("/.well-known/openid-configuration")
def openid_configuration() -> Response:
    """Discovery (OpenID Connect Discovery 1.0 §3, with the member of LTI Dynamic Registration §2.1)."""
    return jsonify(discovery(current().settings))


def discovery(settings: Settings) -> dict[str, Any]:
    """The discovery document. It names no registration_endpoint: the registration is fixed."""
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": settings.auth_url,
        "token_endpoint": settings.token_url,
        "jwks_uri": settings.jwks_url,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", *launches.scopes_of(settings.personality)],
        "response_types_supported": ["id_token"],
        "response_modes_supported": ["form_post"],
        "grant_types_supported": ["implicit", "client_credentials"],
        "subject_types_supported": ["public"],
        "claims_supported": ["iss", "sub", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": settings.personality.product_family_code,
            "version": settings.personality.version,
            "messages_supported": [{"type": one} for one in settings.personality.messages],
            "variables": [],
        },
    }
