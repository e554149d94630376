"""The pages people see, and two JSON documents for scripts."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.practice_lms import course, gradebook, launches, reviewing, submissions
from lti_tool.practice_lms.authorisation import SESSION_USER
from lti_tool.practice_lms.course import LmsCourse, Person
from lti_tool.practice_lms.platform import current

blueprint = Blueprint("pages", __name__)

LONGEST_MESSAGE = 500


def signed_in() -> Person | None:
    """The person of the LMS session, or None."""
    user_id = session.get(SESSION_USER)
    if user_id is None:
        return None
    with current().store.transaction() as db:
        return course.find_person(db, user_id)


def asked_course() -> LmsCourse:
    """The course that an address asks for (``?course=2``); the first if it does not."""
    with current().store.transaction() as db:
        found = course.find_course(db, request.args.get("course", "1"))
    if found is None:
        abort(404, "There is no such course.")
    return found


def local_path(wanted: str | None) -> str | None:
    """``wanted`` when it is a path of ours, else None: never send anybody to another site."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return None
    return wanted if wanted.isprintable() else None


@blueprint.before_request
def use_our_address() -> AnyResponse | None:
    """Send a visitor who wrote "localhost" to our own address.

    Under "localhost" the tool would be same-site with us, and the cookies would behave
    as they never do in a real LMS.
    """
    address = current().settings.address
    asks_for_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if asks_for_page and request.host != urlsplit(address).netloc:
        return redirect(address + request.full_path.rstrip("?"))
    return None


@blueprint.get("/")
def home() -> str:
    """What this is, and whom to be."""
    with current().store.transaction() as db:
        everybody = course.people(db)
    return render_template(
        "home.html", people=everybody, me=signed_in(), next_path=local_path(request.args.get("next"))
    )


@blueprint.post("/session")
def begin_session() -> AnyResponse:
    """Continue as ``user_id``, then to ``next`` or the course."""
    with current().store.transaction() as db:
        person = course.find_person(db, request.form.get("user_id", ""))
    if person is None:
        abort(400, "Nobody in the course has this user_id.")
    session.clear()
    session[SESSION_USER] = person.id
    return redirect(local_path(request.form.get("next")) or url_for("pages.course_page"), 303)


@blueprint.get("/course")
def course_page() -> AnyResponse | str:
    """The activities of a course in order; students see those that are published."""
    me = signed_in()
    if me is None:
        return _to_home()
    shown, personality = asked_course(), current().settings.personality
    with current().store.transaction() as db:
        listed = [one for one in course.activities(db, shown) if one.published or me.is_staff]
        others = [one for one in course.courses(db) if one != shown]
    return render_template(
        "course.html",
        me=me,
        course=shown,
        others=others,
        activities=listed,
        placements=personality.placements,
    )


@blueprint.get("/activity/<activity_id>")
def activity_page(activity_id: str) -> AnyResponse | str:
    """Launch an activity: in the page's frame, or with ``?window=new`` in this tab.

    ``?method=get`` sends the login initiation by GET; LTI Core 1.3 §4.1 lets a platform choose.
    """
    me = signed_in()
    if me is None:
        return _to_home()
    platform = current()
    target: launches.DocumentTarget = "window" if request.args.get("window") == "new" else "iframe"
    with platform.store.transaction() as db:
        activity = course.find_activity(db, activity_id)
        if activity is None:
            abort(404)
        if not activity.published and not me.is_staff:
            abort(403, "The instructor has not published this activity yet.")
        fields = launches.login_parameters(
            db, platform.settings, me, activity, document_target=target, now=platform.clock()
        )
    return render_template(
        "activity.html" if target == "iframe" else "window.html",
        me=me,
        activity=activity,
        fields=fields,
        method="get" if request.args.get("method") == "get" else "post",
        login_url=platform.settings.login_url,
        tool_origin=platform.settings.tool_origin,
    )


@blueprint.get("/review/<int:line_item_id>/<user_id>")
def review_page(line_item_id: int, user_id: str) -> AnyResponse | str:
    """Launch the tool to look at a student's work in a column: for staff, and for the student themself."""
    me = signed_in()
    if me is None:
        return _to_home()
    if not me.is_staff and me.id != user_id:
        abort(403, "Only the instructors see the work of others.")
    platform, of = current(), (line_item_id, user_id)
    with platform.store.transaction() as db:
        activity = reviewing.find_activity(db, line_item_id)
        address = reviewing.target(db, platform.settings, activity, of) if activity is not None else None
        if activity is None or address is None or course.find_person(db, user_id) is None:
            abort(404, "There is nothing to look at.")
        fields = launches.review_parameters(db, platform.settings, me, of, address, now=platform.clock())
    return render_template(
        "activity.html",
        me=me,
        activity=activity,
        fields=fields,
        method="post",
        login_url=platform.settings.login_url,
        tool_origin=platform.settings.tool_origin,
    )


@blueprint.get("/return")
def return_page() -> str:
    """Where a tool sends people back, with its message (LTI Core 1.3 §5.4.4, return_url)."""
    return render_template(
        "return.html",
        me=signed_in(),
        message=request.args.get("lti_msg", "")[:LONGEST_MESSAGE],
        fault=request.args.get("lti_errormsg", "")[:LONGEST_MESSAGE],
    )


@blueprint.get("/gradebook")
def gradebook_page() -> AnyResponse | str | tuple[str, int]:
    """Everybody's grades, for instructor and assistant."""
    me = signed_in()
    if me is None or not me.is_staff:
        teacher = next(person for person in course.PEOPLE if person.role == "instructor")
        return render_template("staff_only.html", me=me, teacher=teacher), 403
    shown = asked_course()
    with current().store.transaction() as db:
        book = gradebook.gradebook(db, shown)
    word = current().settings.personality.review_word
    return render_template("gradebook.html", me=me, book=book, course=shown, review_word=word)


@blueprint.get("/gradebook.json")
def gradebook_json() -> Response:
    """The gradebook for scripts; open, because everybody in it is made up."""
    platform, shown = current(), asked_course()
    with platform.store.transaction() as db:
        book = gradebook.gradebook(db, shown)
    return jsonify(gradebook.as_json(platform.settings, book))


@blueprint.get("/submissions.json")
def submissions_json() -> Response:
    """Every attempt that scores have made; open as the gradebook is. Empty where scores make none."""
    with current().store.transaction() as db:
        return jsonify(submissions.submissions(db))


@blueprint.get("/grades")
def own_grades() -> AnyResponse | str:
    """A student's own grades."""
    me = signed_in()
    if me is None:
        return _to_home()
    if me.is_staff:
        return redirect(url_for("pages.gradebook_page"))
    shown = asked_course()
    with current().store.transaction() as db:
        book = gradebook.gradebook(db, shown, me.id)
    return render_template("grades.html", me=me, course=shown, cells=book.rows[0].cells)


@blueprint.get("/practice.json")
def practice_json() -> Response:
    """What a script needs to register us and to launch; `sub` is what the tool gets of an id."""
    platform = current()
    settings, shown = platform.settings, asked_course()
    with platform.store.transaction() as db:
        everybody, listed = course.people(db), course.activities(db, shown)
    return jsonify(
        personality=settings.personality.name,
        name=settings.personality.platform_name,
        issuer=settings.issuer,
        client_id=settings.client_id,
        deployment_id=settings.deployment_id,
        auth_login_url=settings.auth_url,
        auth_token_url=settings.token_url,
        jwks_url=settings.jwks_url,
        people=[
            {
                "id": person.id,
                "sub": settings.personality.sub(person.id),
                "name": person.name,
                "role": person.role,
            }
            for person in everybody
        ],
        activities=[
            {"id": one.id, "title": one.title, "launch_url": f"{settings.address}/activity/{one.id}"} for one in listed
        ],
    )


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the store can be opened."""
    with current().store.transaction():
        return jsonify(status="ok")


def _to_home() -> AnyResponse:
    return redirect(url_for("pages.home", next=request.full_path.rstrip("?")), 303)
