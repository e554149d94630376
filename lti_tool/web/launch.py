"""The way in: login initiation, launch, our key set, and the hand-over into a window of its own."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from config.task_queue import SEEK_COLUMNS, SWEEP_SCORES, TEND_NOTICES, TaskName
from course.items import Graded, Page
from course.models import Learner, Placement
from lti_tool import hand_over
from lti_tool.addresses import origin_of
from lti_tool.admission import Admission, admit
from lti_tool.column_searches import want_columns
from lti_tool.columns import names_foreign_column
from lti_tool.deep_linking.content_items import column_of
from lti_tool.errors import LaunchRefused, shown
from lti_tool.gradebook import owe_missing_scores
from lti_tool.item_choice import ChosenItem, CourseIndex, NotPlaced, choose_item
from lti_tool.keys import ensure_keys, list_keys, public_jwks
from lti_tool.launch import Launch
from lti_tool.launch_validation import validate_launch
from lti_tool.link_choices import Opening, needs_choice, note_link, opening_of
from lti_tool.link_repairs import note_good, note_stray
from lti_tool.login import begin_login, cookie_name
from lti_tool.notices.handlers import want_handler
from lti_tool.notices.tending import handler_url
from lti_tool.platforms import platform_of
from lti_tool.reading import record_if_read
from lti_tool.returning import note_launch
from lti_tool.roles import INSTRUCTOR
from lti_tool.sessions import Occupant, open_session
from lti_tool.waking import wake
from lti_tool.web import cookies, entries, picker, platform_storage
from lti_tool.web.current import services
from lti_tool.web.data import answer_privacy_launch
from lti_tool.web.error_pages import PageRefused, launch_refused
from lti_tool.web.guards import public
from lti_tool.web.home import small_page
from lti_tool.web.i18n import gettext, prefer
from lti_tool.web.pages import NewWindowPage
from lti_tool.web.visit_addresses import with_token
from lti_tool.work_launches import review_of, seat_at_column, seat_at_work, work_key

log = logging.getLogger(__name__)
Errand = tuple[str, dict[str, Any]]
"""What somebody came for other than what their link opens: an endpoint of a visit, and its values."""
NOBODY = "nobody"
"""Stands for a learner who has never been here; a key is never so short."""

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
        occupant = _seat(valid)
        seat = occupant, _errand(valid, occupant)
        response = _enter(*seat, state=state) if has_cookie else _enter_by_address(*seat)
        entries.note_let_in(placement=occupant.placement_id, role=occupant.role, registration=valid.registration_id)
    cookies.drop_login_cookie(response, state)
    return response


def _seat(valid: Launch) -> Occupant:
    """Find or make everything the launch names, and set scores free that were waiting for it."""
    prefer(launch=valid.locale)
    if valid.role != INSTRUCTOR and valid.reviewed_sub not in {None, valid.sub}:
        raise PageRefused("not_your_work")
    if (work := _work(valid)) is not None:
        return _seat_by(lambda session: seat_at_work(session, valid, work))
    if not valid.resource_link_id:
        return _seat_by(lambda session: seat_at_column(session, valid))
    courses = CourseIndex(services().catalog)
    named = choose_item(valid, courses, services().settings.base_url)
    tasks: list[TaskName] = []
    with services().database.transaction() as session:
        opening = opening_of(session, valid, named, courses)
        if isinstance(opening, NotPlaced):
            note_stray(session, valid, opening)
        else:
            occupant = _open(session, valid, named, opening, tasks)
    if isinstance(opening, NotPlaced):
        raise _leads_nowhere(valid, opening)
    for task in tasks:
        services().nudger.nudge(task)
    return occupant


def _work(valid: Launch) -> str | None:
    return work_key(valid.target_link_uri, services().settings.base_url)


def _errand(valid: Launch, occupant: Occupant) -> Errand | None:
    """Where a launch from the gradebook leads: to somebody's work, or to the list of who has handed in what."""
    if (work := _work(valid)) is not None:
        return "work.show", {"attempt_key": work}
    if valid.reviewed_sub is None:
        return None
    with services().database.reading() as session:
        review = review_of(session, valid, occupant.placement_id)
    if review.work is not None:
        return "work.show", {"attempt_key": review.work}
    item = {} if review.item_id is None else {"item_id": review.item_id}
    if occupant.is_instructor:
        return "work.index", {"of": review.learner_key or NOBODY, **item}
    return ("items.show", item) if item else None


def _seat_by(find: Callable[[Session], Occupant | None]) -> Occupant:
    with services().database.transaction() as session:
        occupant = find(session)
    if occupant is None:
        raise PageRefused("no_such_attempt")
    return occupant


def _open(
    session: Session, valid: Launch, named: ChosenItem | NotPlaced, opening: Opening, tasks: list[TaskName]
) -> Occupant:
    """Let them in where the link leads; what workers have to do after it goes into `tasks`."""
    chosen = opening.item
    is_foreign = names_foreign_column(session, valid)
    own = replace(valid, line_item_url=None) if is_foreign else valid
    item = services().catalog.course(chosen.course_id).find_item(chosen.item_id) if chosen.item_id else None
    admission = admit(
        session,
        own,
        course_id=chosen.course_id,
        item_id=chosen.item_id,
        column_item_id=_only_graded_item(chosen.course_id),
    )
    admission.resource_link.refused_column_url = valid.line_item_url if is_foreign else None
    note_good(session, admission.resource_link, named)
    note_link(admission.resource_link, valid, opening)
    has_work = wake(session, valid.registration_id, admission.line_item)
    has_work = note_launch(session, admission.resource_link.context_id, valid.sub) or has_work
    if admission.line_item is not None:
        has_work = bool(owe_missing_scores(session, admission.line_item)) or has_work
    if isinstance(item, Page) and admission.role != INSTRUCTOR:
        # What was read before the page was placed here counts from now on.
        has_work = record_if_read(session, admission.placement, admission.learner.id, item) is not None or has_work
    if want_handler(session, valid, handler_url(services().settings.base_url)):
        tasks.append(TEND_NOTICES)
    # An instructor who is about to choose one item must not find the columns of all of them in the gradebook.
    is_asked = admission.role == INSTRUCTOR and needs_choice(session, admission.placement.id)
    if not is_asked and want_columns(session, own, admission.resource_link, _wanted_columns(valid, chosen)):
        tasks.append(SEEK_COLUMNS)
    if has_work:
        tasks.append(SWEEP_SCORES)
    return _occupant(admission, valid)


def _wanted_columns(valid: Launch, chosen: ChosenItem) -> dict[str, dict[str, Any]]:
    """The columns of what a launch opens, by item: of one graded item its own, of the whole course all."""
    items = services().catalog.course(chosen.course_id).items
    platform = platform_of(valid.product_family)
    graded = [item for item in items if isinstance(item, Graded) and chosen.item_id in {None, item.id}]
    return {item.id: column_of(item, platform) for item in graded}


def _only_graded_item(course_id: str) -> str | None:
    """The item that a column of the whole course must be for; None where several items give grades."""
    graded = [item.id for item in services().catalog.course(course_id).items if isinstance(item, Graded)]
    return graded[0] if len(graded) == 1 else None


def _leads_nowhere(valid: Launch, wanted: NotPlaced) -> PageRefused:
    whole = gettext("(the whole course)")
    details = [(gettext("course"), shown(wanted.course_id)), (gettext("item"), shown(wanted.item_id or whole))]
    if valid.role != INSTRUCTOR:
        return PageRefused("link_leads_nowhere", tuple(details))
    for course in services().catalog.courses:
        details.append((gettext("items of %(course)s", course=course.id), ", ".join(item.id for item in course.items)))
    return PageRefused("link_leads_nowhere_instructor", tuple(details))


def _occupant(admission: Admission, valid: Launch) -> Occupant:
    return Occupant(
        placement_id=admission.placement.id,
        learner_id=admission.learner.id,
        role=admission.role,
        return_url=valid.return_url,
        locale=valid.locale,
    )


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
    occupant = _seat(valid)
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
