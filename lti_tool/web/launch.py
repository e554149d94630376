"""The way in: login initiation, launch, our key set, and the hand-over into a window of its own."""

import logging

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from course.models import Learner, Placement
from lti_tool import hand_over
from lti_tool.addresses import origin_of
from lti_tool.errors import LaunchRefused
from lti_tool.keys import ensure_keys, list_keys, public_jwks
from lti_tool.launch_validation import validate_launch
from lti_tool.link_choices import needs_choice
from lti_tool.login import begin_login, cookie_name
from lti_tool.sessions import Occupant, open_session
from lti_tool.web import cookies, entries, picker, platform_storage
from lti_tool.web.current import services
from lti_tool.web.data import answer_privacy_launch
from lti_tool.web.error_pages import PageRefused, launch_refused
from lti_tool.web.guards import public
from lti_tool.web.home import small_page
from lti_tool.web.i18n import gettext, prefer
from lti_tool.web.pages import NewWindowPage
from lti_tool.web.seating import Errand, errand_of, seat_of
from lti_tool.web.visit_addresses import with_token

log = logging.getLogger(__name__)
blueprint = Blueprint("launch", __name__, url_prefix="/lti")


@blueprint.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """Login initiation (LTI core §5.1.1): remember it, bind it to the browser, send the browser to the platform."""
    parameters = {name: request.values.getlist(name) for name in request.values}
    with services().database.transaction() as session:
        begun = begin_login(session, services().settings, parameters)
    entries.note_platform(begun.registration_id)
    entries.note_begun()
    response = platform_storage.keeping_page(begun) or redirect(begun.redirect_url)
    seconds = services().settings.launch_state_seconds
    cookies.set_login_cookie(response, begun.state, begun.binding_secret, seconds)
    return response


@blueprint.get("/launch")
@blueprint.get("/items/<course_id>/<item_id>")
@blueprint.get("/submissions/<attempt_key>")
@public
def probe(**_: str) -> str:
    """Moodle's server fetches every link it saves, anonymously: a small page, fast, and no launch error."""
    return small_page()


@blueprint.post("/launch")
@public
def launch() -> ResponseReturnValue:
    """An authentication response (security §5.1.1.3): verify it, seat the browser, go to a page of our own."""
    state, id_token = (request.form.get(name, "") for name in ("state", "id_token"))
    return platform_storage.asking_page(state, id_token) or _launch(state, kept_by_platform=None)


@blueprint.post("/launch/stored")
@public
def launch_with_storage() -> ResponseReturnValue:
    """The same from our own page, with what the platform kept for this browser."""
    _from_our_own_page()
    return _launch(request.form.get("state", ""), kept_by_platform=request.form.get("binding") or None)


def _launch(state: str, *, kept_by_platform: str | None) -> Response:
    has_cookie = cookie_name(state) in request.cookies
    try:
        valid = validate_launch(
            services().database,
            services().settings,
            services().http,
            {name: request.form.getlist(name) for name in request.form},
            lambda of_state: request.cookies.get(cookie_name(of_state), kept_by_platform),
        )
    except LaunchRefused as refused:
        return _refuse(refused)
    entries.note_platform(valid.registration_id, valid.deployment_id)
    if valid.selection is not None:
        prefer(launch=valid.locale)
        response = picker.begin(valid, keeps_cookies=has_cookie)
        entries.note_let_in(role=valid.role, registration=valid.registration_id)
    elif valid.privacy_sub is not None:
        response = answer_privacy_launch(valid)
        entries.note_let_in(role=valid.role, registration=valid.registration_id)
    else:
        occupant = seat_of(valid)
        seat = occupant, errand_of(valid, occupant)
        response = _enter(*seat, state=state) if has_cookie else _enter_by_address(*seat)
        entries.note_let_in(placement=occupant.placement_id, role=occupant.role, registration=valid.registration_id)
    cookies.drop_login_cookie(response, state)
    return response


def _enter(occupant: Occupant, errand: Errand | None = None, *, state: str | None = None) -> Response:
    with services().database.transaction() as session:
        token = open_session(
            session,
            occupant,
            cookie_token=request.cookies.get(cookies.SESSION),
            login_bindings=cookies.login_bindings(request),
            state=state,
        )
        location = _way_in(session, occupant, errand)
    response = redirect(location, code=303)
    cookies.set_session_cookie(response, token)
    return response


def _enter_by_address(occupant: Occupant, errand: Errand | None) -> Response:
    """Into a frame that keeps no cookie: the visit's own addresses carry its token, and open nothing but this seat."""
    with services().database.transaction() as session:
        token = open_session(session, occupant, cookie_token=None)
        return redirect(_way_in(session, occupant, errand, token), code=303)


def _way_in(session: Session, occupant: Occupant, errand: Errand | None, token: str = "") -> str:
    placement = session.get_one(Placement, occupant.placement_id)
    learner = session.get_one(Learner, occupant.learner_id)
    learner_key = with_token(learner.key, token)
    if errand is not None:
        endpoint, values = errand
        return url_for(endpoint, placement_key=placement.key, learner_key=learner_key, **values)
    asks = occupant.is_instructor and needs_choice(session, placement.id)
    page = "link_choices.show" if asks else "items.enter"
    return url_for(page, placement_key=placement.key, learner_key=learner_key)


def _refuse(refused: LaunchRefused) -> Response:
    """The cause on a page; where only the browser's cookies are in the way, also a way round them.

    That way is offered when the frame's browser sent no cookie of ours at all. One that sends others, but not this
    login's, is another browser than the one that began, and gets none. Nor does a choice of activities: only in the
    platform's own frame can it hand over what was chosen. Nor a data privacy launch, which seats nobody.
    """
    valid = refused.launch
    if (
        valid is None
        or valid.selection is not None
        or valid.privacy_sub is not None
        or not refused.cookie_absent
        or cookies.has_any(request)
        or not platform_storage.is_framed(request)
    ):
        return launch_refused(refused)
    occupant = seat_of(valid)
    page = NewWindowPage(
        title=gettext("Your browser keeps nothing inside this frame"),
        text=gettext("So this page cannot know you here. In a window of its own it can, with the same work and grade."),
        action=url_for("launch.go_on"),
        token=hand_over.make_token(services().settings.secret_key, occupant),
        button=gettext("Continue as %(name)s", name=valid.name) if valid.name else gettext("Continue as yourself"),
    )
    return launch_refused(refused, new_window=page)


def _from_our_own_page() -> None:
    """Nobody else's page may seat this browser as somebody."""
    own = origin_of(services().settings.base_url)
    if request.headers.get("Origin") not in {own, request.host_url.rstrip("/")}:
        raise PageRefused("foreign_form")


@blueprint.post("/continue")
@public
def go_on() -> ResponseReturnValue:
    """Spend a one-time token in a window of its own, where our cookie is a first-party one."""
    _from_our_own_page()
    with services().database.transaction() as session:
        occupant = hand_over.spend_token(session, services().settings.secret_key, request.form.get("token", ""))
        if occupant is not None:
            entries.note_platform(hand_over.registration_id_of(session, occupant))
    if occupant is None:
        raise PageRefused("hand_over_spent")
    response = _enter(occupant)
    entries.note_let_in(placement=occupant.placement_id, role=occupant.role)
    return response


@blueprint.get("/jwks")
@public
def jwks() -> ResponseReturnValue:
    """Our public keys (security §6.3): what we sign with now, what comes next, and what signed until lately."""
    with services().database.reading() as session:
        is_first_time = len(list_keys(session)) < 2
    if is_first_time:
        with services().database.transaction() as session:
            ensure_keys(session)
    with services().database.reading() as session:
        return jsonify(public_jwks(session))
