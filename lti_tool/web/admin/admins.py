"""Admins: who may sign in, keeping somebody out, and one's own password."""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug import Response
from werkzeug.exceptions import NotFound

from lti_tool.admin import accounts, sessions, signing_in
from lti_tool.admin.accounts import Account, AccountRefused
from lti_tool.admin.passwords import SHORTEST, PasswordRefused
from lti_tool.admin.signing_in import NotSignedIn
from lti_tool.admin.tries import TooManyTries
from lti_tool.web.admin import cookies
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_action, admin_page
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.i18n import gettext, told
from lti_tool.web.sentences import time_element

blueprint = Blueprint("admin_admins", __name__, url_prefix="/admin/admins")


@dataclass(frozen=True, slots=True)
class AccountView:
    """A line of the list. `signed_in` is None for somebody who never was; `action` disables or enables, and is None
    for oneself."""

    name: str
    is_disabled: bool
    signed_in: Markup | None
    created: Markup
    action: str | None


@dataclass(frozen=True, slots=True)
class AdminsPage:
    """template admin/admins.html. `told` is what has just been done, `trouble` why a password was not taken."""

    frame: ConsoleFrame
    accounts: tuple[AccountView, ...]
    told: str
    trouble: str
    password_action: str
    shortest: int


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """Who may sign in."""
    return render_template("admin/admins.html", page=_page(visit))


@blueprint.post("/<name>/disable")
@admin_action
def disable(visit: AdminVisit, name: str) -> Response:
    """Keep somebody else out; oneself only a command does, so that nobody shuts the door from within."""
    if accounts.plain_name(name) == visit.admin.name:
        raise PageRefused("admin_own_account")
    return _changed(visit, name, disable=True)


@blueprint.post("/<name>/enable")
@admin_action
def enable(visit: AdminVisit, name: str) -> Response:
    """Let somebody in again."""
    return _changed(visit, name, disable=False)


@blueprint.post("/password")
@admin_action
def change_password(visit: AdminVisit) -> Response:
    """Take another password for oneself; every other browser is signed out, this one gets a fresh session."""
    new = request.form.get("new", "")
    try:
        signing_in.check_own_password(visit.session, visit.admin, request.form.get("current", ""))
        if new != request.form.get("again", ""):
            return _not_taken(visit, gettext("The new password and its repetition are not the same."))
        accounts.set_password(visit.session, visit.admin.name, new, actor=visit.admin.name)
    except NotSignedIn:
        return _not_taken(visit, gettext("The present password is not right."))
    except TooManyTries:
        return _not_taken(visit, gettext("There were too many tries. Wait a quarter of an hour, then try again."))
    except PasswordRefused as refused:
        return _not_taken(visit, told(refused.template, refused.values))
    answer = redirect(url_for("admin_admins.show", done="password"), code=303)
    cookies.set_session(answer, sessions.begin(visit.session, visit.admin.account_id))
    return answer


def _changed(visit: AdminVisit, name: str, *, disable: bool) -> Response:
    change = accounts.disable if disable else accounts.enable
    try:
        change(visit.session, name, actor=visit.admin.name)
    except AccountRefused as refused:
        raise NotFound from refused
    return redirect(url_for("admin_admins.show", done="disabled" if disable else "enabled"), code=303)


def _not_taken(visit: AdminVisit, trouble: str) -> Response:
    return make_response(render_template("admin/admins.html", page=_page(visit, trouble=trouble)), 422)


def _page(visit: AdminVisit, *, trouble: str = "") -> AdminsPage:
    return AdminsPage(
        frame=frame(gettext("Admins")),
        accounts=tuple(_view(visit, one) for one in accounts.list_accounts(visit.session)),
        told="" if trouble else _done(request.args.get("done", "")),
        trouble=trouble,
        password_action=url_for("admin_admins.change_password"),
        shortest=SHORTEST,
    )


def _done(what: str) -> str:
    words = {
        "password": gettext("Your password is changed. You are signed out in every other browser."),
        "disabled": gettext("Disabled, and signed out everywhere."),
        "enabled": gettext("Enabled. The password is the one it was."),
    }
    return words.get(what, "")


def _view(visit: AdminVisit, account: Account) -> AccountView:
    endpoint = "admin_admins.disable" if account.disabled_at is None else "admin_admins.enable"
    return AccountView(
        name=account.name,
        is_disabled=account.disabled_at is not None,
        signed_in=time_element(account.signed_in_at) if account.signed_in_at else None,
        created=time_element(account.created_at),
        action=None if account.name == visit.admin.name else url_for(endpoint, name=account.name),
    )
