"""The course at a glance."""

from flask import Blueprint, render_template

from lti_tool.web.guards import Visit, learner_page
from lti_tool.web.module_pages import module_page

blueprint = Blueprint("modules", __name__, url_prefix="/in/<placement_key>/<learner_key>")


@blueprint.get("/module")
@learner_page
def show(visit: Visit) -> str:
    """How far the learner is in every part of the course."""
    return render_template("module.html", page=module_page(visit))
