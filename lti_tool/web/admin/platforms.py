"""All platforms, and adding one by hand."""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug import Response

from lti_tool.admin.platform_views import PlatformView, platforms
from lti_tool.admin.platforms import save_platform
from lti_tool.errors import PlatformInvalid
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_action, admin_page
from lti_tool.web.admin.state_words import StateView, state_view
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext
from lti_tool.web.manual_ways import manual_ways
from lti_tool.web.registering_pages import ManualWay
from lti_tool.web.sentences import time_element

blueprint = Blueprint("admin_platforms", __name__, url_prefix="/admin/platforms")

ADDRESSES = ("auth_login_url", "auth_token_url", "jwks_url")


@dataclass(frozen=True, slots=True)
class PlatformLine:
    """A line of the list. `waiting`: deployments that wait to be allowed."""

    href: str
    name: str
    family: str
    issuer: str
    client_id: str
    since: Markup
    last_launch: Markup | None
    state: StateView
    waiting: int


@dataclass(frozen=True, slots=True)
class PlatformsPage:
    """template admin/platforms.html. `told` is what has just been done."""

    frame: ConsoleFrame
    platforms: tuple[PlatformLine, ...]
    told: str
    invite_href: str
    add_href: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form, under its English name."""

    name: str
    label: str
    value: str
    hint: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class PlatformFormPage:
    """template admin/platform_add.html. `faults` are sentences, in English as the commands say them."""

    frame: ConsoleFrame
    fields: tuple[Field, ...]
    faults: tuple[str, ...]
    action: str
    ways: tuple[ManualWay, ...]
    invite_href: str


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """Every platform, by name."""
    page = PlatformsPage(
        frame=frame(gettext("Platforms")),
        platforms=tuple(map(_line, platforms(visit.session))),
        told=gettext("The platform is removed.") if request.args.get("done") == "removed" else "",
        invite_href=url_for("admin_invitations.show"),
        add_href=url_for("admin_platforms.add"),
    )
    return render_template("admin/platforms.html", page=page)


@blueprint.get("/add")
@admin_page
def add(_visit: AdminVisit) -> str:
    """A form for a platform that does not register itself."""
    return render_template("admin/platform_add.html", page=_form({}, ()))


@blueprint.post("/add")
@admin_action
def save(visit: AdminVisit) -> Response:
    """Add the platform, or bring the one that has this issuer and client id up to date."""
    given = {name: request.form.get(name, "").strip() for name in ("issuer", "client_id", *ADDRESSES)}
    more = {name: request.form.get(name, "").strip() or None for name in ("name", "deployment_id", "auth_audience")}
    try:
        registration, _ = save_platform(visit.session, actor=visit.admin.name, **given, **more)  # type: ignore[arg-type]  # of names
    except PlatformInvalid as invalid:
        form = _form({**given, **{name: value or "" for name, value in more.items()}}, invalid.faults)
        return make_response(render_template("admin/platform_add.html", page=form), 422)
    return redirect(url_for("admin_platforms.show_one", number=registration.id, done="added"), code=303)


def _line(view: PlatformView) -> PlatformLine:
    return PlatformLine(
        href=url_for("admin_platforms.show_one", number=view.id),
        name=view.name,
        family=view.family or gettext("not told yet"),
        issuer=view.issuer,
        client_id=view.client_id,
        since=time_element(view.created_at),
        last_launch=time_element(view.last_launch_at) if view.last_launch_at else None,
        state=state_view(view.state),
        waiting=view.waiting,
    )


def address_fields(given: dict[str, str]) -> tuple[Field, ...]:
    """The three addresses of a platform, and whom token requests name."""
    return (
        Field("auth_login_url", gettext("Authentication address"), given.get("auth_login_url", ""), is_required=True),
        Field("auth_token_url", gettext("Access token address"), given.get("auth_token_url", ""), is_required=True),
        Field("jwks_url", gettext("Public key set address"), given.get("jwks_url", ""), is_required=True),
        Field(
            "auth_audience",
            gettext("Audience of token requests"),
            given.get("auth_audience", ""),
            hint=gettext("Only where it is not the access token address."),
        ),
    )


def _form(given: dict[str, str], faults: tuple[str, ...]) -> PlatformFormPage:
    return PlatformFormPage(
        frame=frame(gettext("Add a platform by hand")),
        fields=(
            Field("name", gettext("Name"), given.get("name", ""), hint=gettext("For lists and logs, as you like.")),
            Field("issuer", gettext("Issuer (Moodle: Platform ID)"), given.get("issuer", ""), is_required=True),
            Field("client_id", gettext("Client id"), given.get("client_id", ""), is_required=True),
            Field(
                "deployment_id",
                gettext("Deployment id"),
                given.get("deployment_id", ""),
                hint=gettext("May be left out: its first launch tells it."),
            ),
            *address_fields(given),
        ),
        faults=faults,
        action=url_for("admin_platforms.save"),
        ways=manual_ways(services().settings.base_url),
        invite_href=url_for("admin_invitations.show"),
    )
