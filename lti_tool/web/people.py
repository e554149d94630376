"""People: who is in the context, for instructors seated there."""

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from config.task_queue import READ_ROSTER
from lti_tool.rosters import context_id_of
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.people_pages import people_page

blueprint = Blueprint("people", __name__, url_prefix="/in/<placement_key>/<learner_key>/people")


@blueprint.get("")
@learner_page
def show(visit: Visit) -> str:
    """The list as it was read last. One that is old is asked for anew, and the page says so."""
    _instructor(visit)
    page, is_stale = people_page(visit, is_asked="asked" in request.args)
    if is_stale:
        _read(visit)
    return render_template("people.html", page=page)


@blueprint.post("/refresh")
@learner_action
def refresh(visit: Visit) -> Response:
    """Have the list read now."""
    _instructor(visit)
    visit.after_commit.append(lambda: _read(visit))
    return redirect(visit.url("people.show", asked="1"), code=303)


def _read(visit: Visit) -> None:
    context_id = context_id_of(visit.placement.context_key)
    if context_id is not None:
        services().nudger.nudge(READ_ROSTER, context_id)


def _instructor(visit: Visit) -> None:
    if not visit.occupant.is_instructor:
        raise PageRefused("not_for_students")
