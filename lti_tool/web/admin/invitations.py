"""Invitations: an address with which one LMS registers itself."""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug import Response

from lti_tool.admin.invitations import (
    DEFAULT_HOURS,
    OPEN,
    InvitationInvalid,
    InvitationView,
    invite,
    listing,
    withdraw,
)
from lti_tool.admin.platform_views import platforms
from lti_tool.claims import MAX_ID
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_action, admin_page
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.numbers import row_number
from lti_tool.web.sentences import time_element

blueprint = Blueprint("admin_invitations", __name__, url_prefix="/admin/invitations")

_HOURS = (24, DEFAULT_HOURS, 24 * 7, 24 * 30)


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """A line of the list; `withdraw_action` is None for one that was used."""

    name: str
    platform: str
    is_open: bool
    until: Markup
    used: Markup | None
    withdraw_action: str | None


@dataclass(frozen=True, slots=True)
class InvitationsPage:
    """template admin/invitations.html. `address` is that of the invitation just made, shown this once, good until
    `address_until`; `hours` and `platforms` are choices with their words."""

    frame: ConsoleFrame
    invitations: tuple[InvitationLine, ...]
    address: str
    address_until: Markup | None
    told: str
    trouble: str
    name: str
    hours: tuple[tuple[int, str], ...]
    chosen_hours: int
    platforms: tuple[tuple[int, str], ...]
    chosen_platform: int | None


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """Those whose time is not over, and a form for another."""
    words = {
        "withdrawn": gettext("Withdrawn: its address registers nobody any more."),
        "not-there": gettext("It has been used or withdrawn already. Nothing has changed."),
    }
    page = _page(visit, told=words.get(request.args.get("done", ""), ""))
    return render_template("admin/invitations.html", page=page)


@blueprint.post("")
@admin_action
def make(visit: AdminVisit) -> Response:
    """Make one. Its address is on this answer and nowhere else, since only its hash is kept."""
    name = request.form.get("name", "")
    hours = _number("hours")
    chosen = _number("platform") if request.form.get("platform") else None
    try:
        address, made = invite(
            visit.session,
            services().settings.base_url,
            name=name,
            hours=hours,
            registration_id=chosen,
            actor=visit.admin.name,
        )
    except InvitationInvalid as invalid:
        page = _page(visit, trouble=_fault(invalid.field), name=name, hours=hours, chosen=chosen)
        return make_response(render_template("admin/invitations.html", page=page), 422)
    answer = make_response(render_template("admin/invitations.html", page=_page(visit, address=address, made=made)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/<int:number>/withdraw")
@admin_action
def take_back(visit: AdminVisit, number: int) -> Response:
    """Withdraw one that has not been used."""
    is_withdrawn = withdraw(visit.session, number, actor=visit.admin.name)
    done = "withdrawn" if is_withdrawn else "not-there"
    return redirect(url_for("admin_invitations.show", done=done), code=303)


def _number(field: str) -> int:
    """What was sent; 0, which is good for neither field, for what is no number."""
    try:
        return row_number(request.form.get(field, ""))
    except ValueError:
        return 0


def _fault(field: str) -> str:
    return {
        "name": gettext("Give it a name of at most %(count)s characters.", count=MAX_ID),
        "hours": gettext("An invitation is good for an hour at least and for 60 days at most."),
        "platform": gettext("That platform is not registered any more. Choose again."),
    }[field]


def _page(
    visit: AdminVisit,
    *,
    told: str = "",
    trouble: str = "",
    address: str = "",
    made: InvitationView | None = None,
    name: str = "",
    hours: int = DEFAULT_HOURS,
    chosen: int | None = None,
) -> InvitationsPage:
    return InvitationsPage(
        frame=frame(gettext("Invitations")),
        invitations=tuple(map(_line, reversed(listing(visit.session)))),
        address=address,
        address_until=time_element(made.expires_at) if made else None,
        told=told,
        trouble=trouble,
        name=name,
        hours=tuple((one, _days(one)) for one in _HOURS),
        chosen_hours=hours,
        platforms=tuple((one.id, one.name) for one in platforms(visit.session)),
        chosen_platform=chosen,
    )


def _days(hours: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", hours // 24)


def _line(view: InvitationView) -> InvitationLine:
    is_open = view.state == OPEN
    return InvitationLine(
        name=view.name,
        platform=view.platform,
        is_open=is_open,
        until=time_element(view.expires_at),
        used=time_element(view.used_at) if view.used_at else None,
        withdraw_action=url_for("admin_invitations.take_back", number=view.id) if is_open else None,
    )
