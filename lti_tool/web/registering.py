"""Setting an LMS up: Dynamic Registration, and the pages with the values for doing it by hand.

Whoever opens these pages has no seat and no cookie. What lets them in is the invitation in the address, and what lets
them register is the LMS's own request, which its admin has begun: so no form of ours is needed, and a preview or a
prefetch of the bare address spends nothing.
"""

from collections.abc import Mapping

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config.words import N_
from lti_tool.registering.failures import Failure, RegistrationFailed
from lti_tool.registering.offer import SCOPES, canvas_key
from lti_tool.registering.registration import Asked, Outcome, Registrar, check_invited
from lti_tool.web.current import services
from lti_tool.web.error_pages import registration_failed
from lti_tool.web.guards import public
from lti_tool.web.i18n import gettext
from lti_tool.web.manual_ways import icon_url, manual_ways
from lti_tool.web.registering_pages import InvitationPage, Reason, RegisteredPage, SetupPage
from lti_tool.web.sentences import time_element

blueprint = Blueprint("registering", __name__, url_prefix="/lti")
blueprint.register_error_handler(RegistrationFailed, registration_failed)

_STEPS: Mapping[str, tuple[str, ...]] = {
    "moodle": (
        N_("In Moodle’s list of tools, press “Activate” on the card of Coursewright, unless it says “Active”."),
        N_("In each course, switch it on under More > LTI External tools."),
    ),
    "canvas": (
        N_("In Canvas, look the request through and enable it; keep all services that it asks for."),
        N_("Then install the app in an account or a course, if Canvas has not done so itself."),
    ),
}
_WAITS = N_("Then ask whoever runs this tool to allow your LMS: until they have, nobody can open anything from it.")
_OTHER_STEPS = (N_("If your LMS lists Coursewright as waiting or inactive, activate it there."),)


@blueprint.get("/register")
@public
def register_platform() -> ResponseReturnValue:
    """The address an LMS is given (LTI Dynamic Registration §3.2); without a request of an LMS, what it is for."""
    asked = Asked(*(_once(name) for name in ("openid_configuration", "registration_token", "invitation")))
    is_begun = bool(asked.openid_configuration or asked.registration_token)
    is_meant = request.method == "GET" and not request.headers.get("Sec-Purpose", "").startswith("prefetch")
    if is_begun and is_meant:
        ours = services()
        registrar = Registrar(ours.database, ours.settings, ours.http, icon_url(ours.settings.base_url))
        return _registered(registrar.register(asked))
    with services().database.reading() as session:
        invited = check_invited(session, services().settings, asked.invitation)
    page = InvitationPage(
        name=invited.name if invited else None,
        until=time_element(invited.expires_at) if invited else None,
        address=_address(asked.invitation),
        reasons=_reasons(),
        setup_href=url_for("registering.setup"),
    )
    return render_template("register.html", page=page)


@blueprint.get("/setup")
@public
def setup() -> str:
    """The values for setting an LMS up by hand."""
    base = services().settings.base_url
    page = SetupPage(
        invite_command='coursewright platforms invite --name "Our LMS"',
        ways=manual_ways(base),
        reasons=_reasons(),
    )
    return render_template("setup.html", page=page)


@blueprint.get("/canvas.json")
@public
def canvas_json() -> ResponseReturnValue:
    """Canvas's configuration of this tool, to be entered there as the URL of a new LTI key."""
    return jsonify(canvas_key(services().settings.base_url, icon_url(services().settings.base_url)))


def _once(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) > 1:
        raise RegistrationFailed(Failure.REQUEST_UNUSABLE, details=((N_("parameter"), name),))
    return values[0] if values else ""


def _address(invitation: str) -> str:
    query = {"invitation": invitation} if invitation else {}
    return services().settings.base_url + url_for("registering.register_platform", **query)  # type: ignore[arg-type]


def _reasons() -> tuple[Reason, ...]:
    return tuple(Reason(scope, gettext(why)) for scope, why in SCOPES.items())


def _registered(outcome: Outcome) -> str:
    steps = _STEPS.get((outcome.product_family or "").lower(), _OTHER_STEPS)
    if outcome.waits:
        steps = (*steps, _WAITS)
    facts = [(gettext("issuer"), outcome.issuer), (gettext("client id"), outcome.client_id)]
    if outcome.deployment_id is not None:
        facts.append((gettext("deployment id"), outcome.deployment_id))
    facts.append((gettext("to check it"), f"coursewright platforms test {outcome.registration_id}"))
    page = RegisteredPage(
        name=outcome.name,
        is_new=outcome.is_new,
        steps=tuple(gettext(step) for step in steps),
        facts=tuple(facts),
    )
    return render_template("registered.html", page=page)
