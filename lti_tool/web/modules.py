"""The course at a glance."""

from flask import Blueprint, render_template
from werkzeug import Response

from lti_tool.web.guards import Visit, learner_page
from lti_tool.web.module_pages import module_page
from lti_tool.web.results_file import results_file

blueprint = Blueprint("modules", __name__, url_prefix="/in/<placement_key>/<learner_key>")


@blueprint.get("/module")
@learner_page
def show(visit: Visit) -> str:
    """How far the learner is in every part of the course."""
    return render_template("module.html", page=module_page(visit))


@blueprint.get("/module/results")
@learner_page
def save(visit: Visit) -> Response:
    """The learner's results of the whole course, as a file to keep."""
    return results_file(visit)
