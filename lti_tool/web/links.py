"""Links: all that lead here from the platform's course, for instructors seated there, and the mending of those that
point elsewhere."""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug import Response

from config.task_queue import SEEK_COLUMNS
from lti_tool.item_choice import CourseIndex
from lti_tool.link_choices import LinkIsFixed
from lti_tool.links import LinkEntry, links_of, point_link, seek_own_column
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.i18n import gettext
from lti_tool.web.links_pages import choosing_page, links_page
from lti_tool.web.picker_pages import SEPARATOR

blueprint = Blueprint("links", __name__, url_prefix="/in/<placement_key>/<learner_key>/links")


@blueprint.get("")
@learner_page
def show(visit: Visit) -> str:
    """Every link of the course, and what is wrong with which."""
    return render_template("links.html", page=links_page(visit, _entries(visit), asked=request.args.get("asked", "")))


@blueprint.get("/<link_key>")
@learner_page
def ask(visit: Visit, link_key: str) -> str:
    """What a link that points elsewhere may open instead."""
    return render_template("link.html", page=choosing_page(visit, _entry(visit, link_key)))


@blueprint.post("/<link_key>")
@learner_action
def mend(visit: Visit, link_key: str) -> Response:
    """Let it open this from now on."""
    entry = _entry(visit, link_key)
    course_id, _, item_id = request.form.get("item", "").partition(SEPARATOR)
    course = next((one for one in services().catalog.courses if one.id == course_id), None)
    if course is None or (item_id and course.find_item(item_id) is None):
        page = choosing_page(visit, entry, error=gettext("Choose what the link opens."))
        return make_response(render_template("link.html", page=page), 422)
    try:
        point_link(visit.session, visit.placement.context_key, entry, course.id, item_id or None)
    except LinkIsFixed:
        return make_response(render_template("link.html", page=choosing_page(visit, entry, is_fixed=True)), 409)
    return redirect(visit.url("links.show", asked="mended"), code=303)


@blueprint.post("/<link_key>/column")
@learner_action
def seek_column(visit: Visit, link_key: str) -> Response:
    """Have the link's own column looked for."""
    entry = _entry(visit, link_key)
    found = seek_own_column(visit.session, visit.placement.context_key, entry.key)
    if found:
        visit.after_commit.append(lambda: services().nudger.nudge(SEEK_COLUMNS))
    return redirect(visit.url("links.show", asked="column" if found else "no-column"), code=303)


def _entries(visit: Visit) -> list[LinkEntry]:
    if not visit.occupant.is_instructor:
        raise PageRefused("not_for_students")
    return links_of(visit.session, visit.placement.context_key, CourseIndex(services().catalog))


def _entry(visit: Visit, link_key: str) -> LinkEntry:
    found = next((one for one in _entries(visit) if one.key == link_key), None)
    if found is None:
        raise PageRefused("no_such_item")
    return found
