"""Work that was handed in: all of it, for instructors to look one up; and one piece, opened from that list or from the
gradebook, by an instructor to look at it, by its learner to see the result."""

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from config.public_ids import is_public_id
from course.items import ItemKind
from lti_tool.reviewing import attempt_in_context
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit, learner_page
from lti_tool.web.hand_in_pages import hand_ins_page
from lti_tool.web.work_pages import work_page

blueprint = Blueprint("work", __name__, url_prefix="/in/<placement_key>/<learner_key>/submissions")


@blueprint.get("")
@learner_page
def index(visit: Visit) -> str:
    """Who has handed in what. Where a gradebook cannot open the work itself, this is the way to it."""
    if not visit.occupant.is_instructor:
        raise PageRefused("not_for_students")
    item_id, of = (request.args.get(name, "")[:64] for name in ("item_id", "of"))
    return render_template("hand_ins.html", page=hand_ins_page(visit, item_id=item_id, of=of))


@blueprint.get("/<attempt_key>")
@learner_page
def show(visit: Visit, attempt_key: str) -> str | Response:
    """A lab is looked at where labs are judged; anything else has its own page here."""
    context_key = visit.placement.context_key
    attempt = attempt_in_context(visit.session, attempt_key, context_key) if is_public_id(attempt_key) else None
    if attempt is None:
        raise PageRefused("no_such_attempt")
    if not visit.occupant.is_instructor:
        if attempt.learner_id != visit.learner_id:
            raise PageRefused("no_such_attempt")
        return redirect(item_url(visit, attempt.item_id))
    if attempt.snapshot.body.get("kind") == ItemKind.LAB:
        return redirect(visit.url("review.show", attempt_key=attempt.key))
    return render_template("work.html", page=work_page(visit, attempt))
