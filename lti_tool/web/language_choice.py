"""The language of the pages around the course: chosen by the learner, kept for all their browsers and launches."""

from flask import Blueprint, redirect, request
from werkzeug import Response

from course.models import Learner
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import Visit, learner_action
from lti_tool.web.i18n import language, offered
from lti_tool.web.languages import choose_language
from lti_tool.web.pages import LanguageForm, LanguageOption

blueprint = Blueprint("language", __name__, url_prefix="/in/<placement_key>/<learner_key>")


@blueprint.post("/language")
@learner_action
def choose(visit: Visit) -> Response:
    """Keep the choice and go back to the page it was made on."""
    key = request.form.get("language", "")
    if key not in offered():
        raise PageRefused("no_such_language")
    visit.session.get_one(Learner, visit.learner_id).locale = key
    start = visit.url("items.enter")
    back = request.form.get("back", "")
    return redirect(back if back.startswith(f"{start}/") else start, code=303)


def language_form(visit: Visit) -> LanguageForm | None:
    """The form for the page at work; None where there is nothing to choose."""
    keys = offered()
    if len(keys) < 2:
        return None
    names = [(key, choose_language([key], [key])) for key in keys]
    return LanguageForm(
        action=visit.url("language.choose"),
        back=request.full_path.rstrip("?"),
        options=tuple(
            LanguageOption(key, one.name, one.tag, one.direction, is_current=key == language().key)
            for key, one in names
        ),
    )
