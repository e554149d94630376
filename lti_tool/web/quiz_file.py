"""One attempt's result as an HTML file without scripts: to keep, to print, to show to somebody."""

from flask import make_response, render_template
from sqlalchemy import select
from werkzeug import Response

from course.models import Attempt, Placement
from lti_tool.models import LtiUser
from lti_tool.web.guards import Visit
from lti_tool.web.quiz_pages import attempt_page


def quiz_file(visit: Visit, home: Placement, attempt: Attempt) -> Response:
    """The file of a submitted attempt, as a download, with as much of each question as may be seen by now."""
    person = visit.session.scalar(select(LtiUser.name).where(LtiUser.learner_id == visit.learner_id))
    page = attempt_page(visit, home, attempt)
    response = make_response(render_template("files/quiz_result.html", page=page, person=person or ""))
    name = f"{attempt.item_id}-attempt-{attempt.number}.html"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
