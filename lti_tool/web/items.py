"""An item's page, whatever its kind; reading progress; and the way into a window of its own."""

from typing import TypeVar

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, send_file, url_for
from werkzeug import Response

from config.task_queue import DELIVER_SCORES
from course.access import Access
from course.items import Course, Graded, Item, Lab, Page, Quiz
from course.models import Placement
from course.progress import is_read, mark_read, section_ids
from lti_tool import hand_over
from lti_tool.reading import record_reading
from lti_tool.web.attempts import open_attempt
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused, wants_json
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.i18n import gettext
from lti_tool.web.journeys import access_of, home_for, journey_of, next_item, next_place
from lti_tool.web.lab_pages import lab_page
from lti_tool.web.lesson_pages import lesson_page, read_of
from lti_tool.web.overdue import result_if_over
from lti_tool.web.pages import NewWindowPage
from lti_tool.web.quiz_notices import access_notice, not_placed_notice
from lti_tool.web.quiz_pages import quiz_page
from lti_tool.web.shut_pages import shut_page

blueprint = Blueprint("items", __name__, url_prefix="/in/<placement_key>/<learner_key>")
Kind = TypeVar("Kind", bound=Graded)


@blueprint.get("")
@learner_page
def enter(visit: Visit) -> Response:
    """Where a visit begins: the placed item, or of a whole course what the learner was last at work on.

    A page that is part-read opens where it goes on. When all is finished, the visit begins with the summary.
    """
    journey = journey_of(visit)
    placed_id = visit.placement.item_id
    item = next_item(visit, journey) if placed_id is None else find_item(visit.course, placed_id)
    if item is None:
        return redirect(visit.url("modules.show"))
    return redirect(item_url(visit, item.id, next_place(journey, item)))


@blueprint.get("/items/<item_id>")
@learner_page
def show(visit: Visit, item_id: str) -> str | Response:
    """The page of one item."""
    item = find_item(visit.course, item_id)
    if isinstance(item, Quiz):
        return _quiz(visit, item)
    if isinstance(item, Lab):
        return _lab(visit, item)
    if not isinstance(item, Page):
        raise PageRefused("no_such_item")
    return render_template("lesson.html", page=lesson_page(visit, item))


def _quiz(visit: Visit, quiz: Quiz) -> Response:
    home = home_for(visit, quiz.id)
    attempt = open_attempt(visit, home, quiz.id) if home else None
    if location := result_if_over(visit, attempt):
        return redirect(location)
    page = quiz_page(visit, home, quiz, is_reviewed="review" in request.args)
    return make_response(render_template("quiz.html", page=page), 404 if home is None else 200)


def _lab(visit: Visit, lab: Lab) -> Response:
    home = home_for(visit, lab.id)
    if home is None:
        return make_response(render_template("shut.html", page=shut_page(visit, lab, not_placed_notice(visit))), 404)
    if location := result_if_over(visit, open_attempt(visit, home, lab.id)):
        return redirect(location)
    is_placed = home.item_id in {None, lab.id}
    notice = access_notice(visit, access_of(visit, home, lab)) if is_placed else not_placed_notice(visit)
    page = lab_page(visit, home, lab, asks="ask" in request.args)
    if notice is not None and page.phase == "before" and not visit.occupant.is_instructor:
        return make_response(render_template("shut.html", page=shut_page(visit, lab, notice)))
    return make_response(render_template("lab.html", page=page, notice=notice if page.phase == "before" else None))


def find_item(course: Course, item_id: str) -> Item:
    """The item of an address; refused with a page of our own when the course has none of that name."""
    item = course.find_item(item_id)
    if item is None:
        raise PageRefused("no_such_item")
    return item


def way_in(visit: Visit, item_id: str, kind: type[Kind]) -> tuple[Kind, Placement, Access]:
    """The item of an address, the placement that attempts at it belong to, and whether one may be begun now; refused
    with a page of our own when it is of another kind or placed nowhere."""
    item = find_item(visit.course, item_id)
    home = home_for(visit, item_id)
    if not isinstance(item, kind) or home is None:
        raise PageRefused("no_such_item")
    return item, home, access_of(visit, home, item)


@blueprint.post("/items/<item_id>/read")
@learner_action
def read(visit: Visit, item_id: str) -> Response:
    """A section has been read."""
    page = find_item(visit.course, item_id)
    if not isinstance(page, Page):
        raise PageRefused("no_such_item")
    section = request.form.get("section", "")[:64]
    mark_read(visit.session, visit.placement, visit.learner_id, page, section)
    visit.session.flush()
    if not visit.occupant.is_instructor:
        owed = record_reading(visit.session, visit.placement, visit.learner_id, page)
        if owed is not None:
            outbox_id = owed.id
            visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [outbox_id]))
    if wants_json(request):
        return jsonify(section=section, is_done=is_read(page, read_of(visit, page)))
    ids = section_ids(page)
    following = ids[ids.index(section) + 1] if section in ids[:-1] else section
    return redirect(item_url(visit, item_id, following or None), code=303)


@blueprint.get("/assets/<path:path>")
@learner_page
def asset(visit: Visit, path: str) -> Response:
    """An image of the course's text, and no other file."""
    file = services().catalog.find_asset(visit.course.id, path)
    if file is None:
        raise PageRefused("no_such_item")
    return send_file(file)


@blueprint.get("/new-window")
@learner_page
def new_window(visit: Visit) -> str:
    """Offers to go on in a window of its own, where there is more room and no frame in the way."""
    page = NewWindowPage(
        title=gettext("Open in a new window"),
        text=gettext("The same page, with more room. This one stays open; what you do in either is kept in both."),
        action=url_for("launch.go_on"),
        token=hand_over.make_token(services().settings.secret_key, visit.occupant),
        button=gettext("Open the new window"),
    )
    return render_template("new_window.html", page=page)
