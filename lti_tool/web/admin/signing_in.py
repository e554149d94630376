"""Signing in to the console, and out of it."""

import math
from dataclasses import dataclass

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from lti_tool.addresses import origin_of
from lti_tool.admin import accounts, sessions
from lti_tool.admin.signing_in import NotSignedIn, sign_in
from lti_tool.admin.tries import TooManyTries
from lti_tool.web.admin import cookies
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_action
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import public
from lti_tool.web.i18n import duration, gettext

blueprint = Blueprint("admin_sign_in", __name__, url_prefix="/admin")
HOME = "admin_overview.show"


@dataclass(frozen=True, slots=True)
class SignInPage:
    """template admin/sign_in.html. `told` is what has just happened, `trouble` why it did not; `then` is the page of
    the console to go on to. Without any account `command` makes the first one, and there is no form."""

    frame: ConsoleFrame
    action: str
    then: str
    name: str
    told: str
    trouble: str
    command: str


@blueprint.get("/sign-in")
@public
def show() -> Response | str:
    """The form; whoever is signed in already goes on."""
    then = own_page(request.args.get("then", ""))
    with services().database.reading() as session:
        token = cookies.session_token(request)
        if token and sessions.find(session, token):
            return redirect(then, code=303)
        has_accounts = accounts.any_can_sign_in(session)
    told = gettext("You are signed out.") if "out" in request.args else ""
    return _page(then, told=told, has_accounts=has_accounts)


@blueprint.post("/sign-in")
@public
def enter() -> Response:
    """Take name and password, and go on to the page that was asked for."""
    if request.headers.get("Origin") != origin_of(services().settings.base_url):
        # Another site's form would sign its victim in as somebody else.
        raise PageRefused("admin_foreign_sign_in", ((gettext("address"), services().settings.base_url + "/admin"),))
    then, name = own_page(request.form.get("then", "")), request.form.get("name", "")
    try:
        opened = sign_in(
            services().database,
            services().settings.secret_key,
            name,
            request.form.get("password", ""),
            address=request.remote_addr or "",
            browser=cookies.known_browser(request),
            old_token=cookies.session_token(request),
        )
    except NotSignedIn:
        trouble = gettext("This name and password do not open the console. Check both, and try again.")
        return make_response(_page(then, name=name, trouble=trouble), 403)
    except TooManyTries as too_many:
        seconds = too_many.wait.total_seconds()
        trouble = gettext(
            "There were too many tries, so this one was not looked at. Try again in %(time)s. In a browser in which "
            "you have signed in before, the tries of others do not count.",
            time=duration(max(1, math.ceil(seconds / 60))),
        )
        refused = make_response(_page(then, name=name, trouble=trouble), 429)
        refused.headers["Retry-After"] = str(math.ceil(seconds))
        return refused
    answer = redirect(then, code=303)
    cookies.set_session(answer, opened.token)
    cookies.set_known_browser(answer, opened.browser)
    return answer


@blueprint.post("/sign-out")
@admin_action
def leave(visit: AdminVisit) -> Response:
    """Sign this browser out."""
    sessions.end(visit.session, cookies.session_token(request))
    answer = redirect(url_for("admin_sign_in.show", out=""), code=303)
    cookies.drop_session(answer)
    return answer


def own_page(path: str) -> str:
    """`path`, where it leads to a page of the console; to the overview otherwise."""
    bare, _, query = path.partition("?")
    try:
        endpoint, _ = current_app.url_map.bind("").match(bare, method="GET")
    except HTTPException:  # also what is no path at all
        return url_for(HOME)
    is_own = getattr(current_app.view_functions[endpoint], "guard", "") == "admin_page"
    return (f"{bare}?{query}" if query else bare) if is_own else url_for(HOME)


def _page(then: str, *, name: str = "", told: str = "", trouble: str = "", has_accounts: bool = True) -> str:
    page = SignInPage(
        frame=frame(gettext("Sign in")),
        action=url_for("admin_sign_in.enter"),
        then=then,
        name=name[:100],
        told=told,
        trouble=trouble,
        command="" if has_accounts else "coursewright admin create NAME",
    )
    return render_template("admin/sign_in.html", page=page)
