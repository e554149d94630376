"""Dynamic Registration to look at: the admin's pages, the configuration, and the registration endpoint."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.practice_lms import registrations
from lti_tool.practice_lms.authorisation import discovery
from lti_tool.practice_lms.pages import signed_in
from lti_tool.practice_lms.platform import current
from lti_tool.practice_lms.refusals import Refused, refusal_response
from lti_tool.practice_lms.settings import Settings

blueprint = Blueprint("registering", __name__)

LONGEST_ADDRESS = 2000


@blueprint.get("/tools")
def tools_page() -> str:
    """The tools there are, and the form that lets one register itself."""
    return _tools_page()


def _tools_page(fault: str = "", address: str = "") -> str:
    platform = current()
    with platform.store.transaction() as db:
        known = registrations.tools(db, platform.settings)
    return render_template("tools.html", me=signed_in(), tools=known, fault=fault, address=address)


@blueprint.post("/tools/register")
def begin() -> str | tuple[str, int]:
    """Open the tool's registration address in a frame (§3.2), with a fresh token for the client that was chosen."""
    platform = current()
    address = request.form.get("address", "").strip()
    if not _is_the_tools(platform.settings, address):
        return _tools_page(f"The address must be one of the tool's: {platform.settings.tool_origin}/…", address), 400
    with platform.store.transaction() as db:
        chosen = request.form.get("client_id", registrations.NEW)
        known = {tool.client_id for tool in registrations.tools(db, platform.settings)}
        token = registrations.make_token(db, chosen if chosen in known else registrations.NEW, platform.clock())
    parts = urlsplit(address)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("openid_configuration", platform.settings.registration_configuration_url),
        ("registration_token", token),
    ]
    return render_template(
        "registering.html", me=signed_in(), src=parts._replace(query=urlencode(query), fragment="").geturl()
    )


@blueprint.post("/tools/activate")
def activate() -> AnyResponse:
    """Let a tool in that has registered as new."""
    with current().store.transaction() as db:
        registrations.activate(db, request.form.get("client_id", ""))
    return redirect(url_for("registering.tools_page"), 303)


@blueprint.get("/lti/openid-configuration")
def configuration() -> Response:
    """What we are, for a tool that is about to register (§3.3)."""
    platform = current()
    if platform.settings.personality.guards_configuration:
        with platform.store.transaction() as db:
            registrations.check_token(db, _bearer(), platform.clock())
    return jsonify(registration_configuration(platform.settings))


def registration_configuration(settings: Settings) -> dict[str, Any]:
    """Discovery with what registering adds to it."""
    said = discovery(settings)
    member = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    return {
        **said,
        "registration_endpoint": settings.registration_url,
        member: {**said[member], **settings.personality.registration_extension},
        **settings.personality.configuration_extension,
    }


@blueprint.post("/lti/registration")
def take_registration() -> tuple[Response, int] | Response:
    """The registration endpoint (§4)."""
    platform = current()
    try:
        with platform.store.transaction() as db:
            answer = registrations.register(db, platform.settings, _bearer(), request.get_data(), platform.clock())
    except Refused as refused:
        if not platform.settings.personality.registers_in_own_words:
            return refusal_response(refused)
        status = 422 if refused.status == 400 else refused.status
        return jsonify(errors=[refused.description]), status
    return jsonify(answer)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_the_tools(settings: Settings, address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return len(address) <= LONGEST_ADDRESS and f"{parts.scheme}://{parts.netloc}" == settings.tool_origin
