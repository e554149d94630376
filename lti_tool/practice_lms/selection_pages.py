"""The pages by which a teacher adds activities from the tool, and publishes them."""

import logging
import secrets

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.practice_lms import content_items, course, deep_linking, launches
from lti_tool.practice_lms.course import LmsCourse, Person
from lti_tool.practice_lms.deep_linking import AnswerRefused, Selection
from lti_tool.practice_lms.pages import asked_course, signed_in
from lti_tool.practice_lms.platform import current

log = logging.getLogger(__name__)

blueprint = Blueprint("selection", __name__)


def teacher() -> Person:
    """Who is signed in, where only staff may be."""
    me = signed_in()
    if me is None or not me.is_staff:
        abort(403, "Only the instructor and the teaching assistant may do this.")
    return me


@blueprint.get("/selection")
def choose() -> str:
    """Launch the tool's own page for choosing, in a frame. ``placement`` is one of the personality's."""
    me, chosen_course = teacher(), asked_course()
    platform = current()
    personality = platform.settings.personality
    placement = request.args.get("placement", personality.placements[0])
    if placement not in personality.placements:
        abort(404)
    data = None if personality.says_where or personality.picker == "modal" else secrets.token_hex(8)
    with platform.store.transaction() as db:
        selection = Selection(me.id, chosen_course, placement, data)
        ticket = deep_linking.begin(db, selection, platform.clock())
        fields = launches.selection_parameters(db, platform.settings, me, ticket, now=platform.clock())
    return render_template(
        "selection.html",
        me=me,
        course=chosen_course,
        fields=fields,
        method="post",
        login_url=platform.settings.login_url,
        picker=personality.picker,
    )


@blueprint.post("/selection/return")
def take_answer() -> str | tuple[str, int]:
    """Take the tool's answer. The ticket stands for the teacher: a post from the tool brings no cookie of ours."""
    platform = current()
    ticket = request.args.get("ticket", "")
    with platform.store.transaction() as db:
        selection = deep_linking.find(db, ticket, platform.clock())
    if selection is None:
        return _problem("This choice is over. Begin again from the course.")
    try:
        items = deep_linking.read_answer(platform, selection, request.form.get("JWT", ""))
        offered = content_items.read_items(platform.settings, items)
    except AnswerRefused as refused:
        log.warning("deep linking answer refused: %s", refused)
        return _problem(str(refused))
    personality = platform.settings.personality
    is_done = not offered or (personality.creates and selection.placement == personality.placements[0])
    with platform.store.transaction() as db:
        deep_linking.keep_items(db, ticket, items)
    if is_done:
        _place(ticket)
    return render_template("selected.html", course=selection.course, offered=offered, ticket=ticket, is_done=is_done)


@blueprint.post("/selection/save")
def save() -> AnyResponse | tuple[str, int]:
    """Make the activities that were chosen."""
    platform = current()
    ticket = request.form.get("ticket", "")
    with platform.store.transaction() as db:
        selection = deep_linking.find(db, ticket, platform.clock())
    if selection is None:
        return _problem("This choice is over. Begin again from the course.")
    _place(ticket)
    return redirect(url_for("pages.course_page", course=selection.course.number), 303)


def _place(ticket: str) -> None:
    platform = current()
    with platform.store.transaction() as db:
        selection = deep_linking.find(db, ticket, platform.clock())
        items = deep_linking.take_items(db, ticket)
        if selection is None or items is None:
            return
        for one in content_items.read_items(platform.settings, items):
            course.place(
                db, platform.settings.personality, selection.course, one.spec, published=one.published, dates=one.dates
            )


@blueprint.post("/publish")
def publish() -> AnyResponse:
    """Open one activity to students, or with no ``activity`` all of the course's."""
    teacher()
    of: LmsCourse = asked_course()
    with current().store.transaction() as db:
        course.publish(db, of, request.form.get("activity") or None)
    return redirect(url_for("pages.course_page", course=of.number), 303)


def _problem(reason: str) -> tuple[str, int]:
    return render_template("problem.html", title="The activities cannot be added", reason=reason), 400
