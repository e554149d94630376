"""A learner's result as one HTML file without scripts: to keep, to print, to show to somebody."""

import re

from flask import make_response, render_template
from werkzeug import Response

from course.models import Attempt, Placement
from lti_tool.web.guards import Visit
from lti_tool.web.quiz_pages import attempt_page


def result_file(visit: Visit, home: Placement, attempt: Attempt) -> Response:
    """The result of a submitted attempt, with as much of each question as may be seen by now."""
    page = attempt_page(visit, home, attempt)
    response = make_response(render_template("files/quiz_result.html", page=page))
    name = re.sub(r"[^a-z0-9-]+", "-", f"{attempt.item_id}-attempt-{attempt.number}".lower())
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.html"'
    return response
