"""A quiz at work: start, answer, check, hand in; and where the grade is."""

from flask import Blueprint, jsonify, redirect, render_template, request
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from config.public_ids import is_public_id
from config.task_queue import DELIVER_SCORES
from course.attempts import check_response, find_attempt, give_response, start_attempt, submit_attempt, unanswered
from course.items import Quiz
from course.models import Attempt, Placement
from course.placements import home_of
from course.refusals import AttemptClosed, RoleChanged
from grading.service import record_quiz_outcome
from lti_tool.gradebook import owe_score
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused, wants_json
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.items import find_item
from lti_tool.web.quiz_pages import attempt_page, delivery_view

blueprint = Blueprint("quizzes", __name__, url_prefix="/in/<placement_key>/<learner_key>")
FIELD = "q."  # form fields are q.<question id>
PRESENT = "present.q."  # a browser says nothing of a group of boxes without a tick; this field says that it was there


@blueprint.post("/items/<item_id>/attempts")
@learner_action
def start(visit: Visit, item_id: str) -> Response:
    """Begin an attempt, or go on with the open one."""
    quiz = find_item(visit.course, item_id)
    home = home_of(visit.session, visit.placement, item_id)
    if not isinstance(quiz, Quiz) or home is None:
        raise PageRefused("no_such_item")
    start_attempt(visit.session, home, visit.learner_id, quiz, is_preview=visit.occupant.is_instructor)
    return redirect(item_url(visit, item_id), code=303)


@blueprint.get("/attempts/<attempt_key>")
@learner_page
def show(visit: Visit, attempt_key: str) -> str:
    """One attempt as it stands; of a finished one the result, everything explained."""
    attempt, home = _own_attempt(visit, attempt_key)
    return render_template("quiz.html", page=attempt_page(visit, home, attempt))


@blueprint.post("/attempts/<attempt_key>")
@learner_action
def answer(visit: Visit, attempt_key: str) -> Response:
    """Save, check one answer, or hand in. Repeating any of them changes nothing."""
    attempt, home = _own_attempt(visit, attempt_key, for_change=True)
    action = request.form.get("action", "save")
    if action in {"submit", "submit-anyway"} and attempt.submitted_at is not None:
        return _to_result(visit, attempt)  # a second click, or a second tab
    _save_responses(visit, attempt, request.form)
    if action.startswith("check:"):
        return _check(visit, home, attempt, action.removeprefix("check:"))
    if action == "submit" and unanswered(attempt):
        return _go_to(item_url(visit, attempt.item_id, "unanswered", ask="1"))
    if action in {"submit", "submit-anyway"}:
        return _hand_in(visit, home, attempt)
    if wants_json(request):
        return jsonify(answered_count=len(attempt.responses), location=None)
    return redirect(item_url(visit, attempt.item_id), code=303)


def _own_attempt(visit: Visit, key: str, *, for_change: bool = False) -> tuple[Attempt, Placement]:
    """The visitor's own attempt and the placement it was begun at, which may be another one of the same context."""
    attempt = find_attempt(visit.session, key, visit.learner_id, for_change=for_change) if is_public_id(key) else None
    home = visit.session.get(Placement, attempt.placement_id) if attempt else None
    if attempt is None or home is None or home.context_key != visit.placement.context_key:
        raise PageRefused("no_such_attempt")
    if for_change and attempt.is_preview != visit.occupant.is_instructor:
        raise RoleChanged  # begun in another role: as a learner's it must not grow here, nor a preview become a grade
    return attempt, home


def _save_responses(visit: Visit, attempt: Attempt, form: MultiDict[str, str]) -> None:
    given: dict[str, list[str]] = {name.removeprefix(PRESENT): [] for name in form if name.startswith(PRESENT)}
    given |= {name.removeprefix(FIELD): values for name, values in form.lists() if name.startswith(FIELD)}
    if given and attempt.submitted_at is not None:
        raise AttemptClosed(attempt.key, attempt.submitted_at)
    for question_id, choice_ids in given.items():
        give_response(visit.session, attempt, question_id, choice_ids)


def _check(visit: Visit, home: Placement, attempt: Attempt, question_id: str) -> Response:
    if all(response.question_id != question_id for response in attempt.responses) and not wants_json(request):
        # Without scripts there is no place beside the button to say it; the page itself is the best answer.
        return redirect(item_url(visit, attempt.item_id, f"question-{question_id[:64]}"), code=303)
    response = check_response(attempt, question_id)
    visit.session.flush()
    if not wants_json(request):
        return redirect(item_url(visit, attempt.item_id, f"question-{response.question_id}"), code=303)
    page = attempt_page(visit, home, attempt)
    question = next(one for one in page.questions if one.id == response.question_id)
    html = render_template("_question.html", page=page, question=question)
    return jsonify(question_html=html, answered_count=page.answered_count, location=None)


def _hand_in(visit: Visit, home: Placement, attempt: Attempt) -> Response:
    if submit_attempt(visit.session, attempt):
        record_quiz_outcome(visit.session, attempt)
        if not attempt.is_preview:
            owed = owe_score(visit.session, home, visit.learner_id, attempt.item_id)
            if owed is not None:
                outbox_id = owed.id
                visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [outbox_id]))
    return _to_result(visit, attempt)


def _to_result(visit: Visit, attempt: Attempt) -> Response:
    return _go_to(visit.url("quizzes.show", attempt_key=attempt.key))


def _go_to(location: str) -> Response:
    """Send a form's browser there, or tell a script to go."""
    return jsonify(location=location) if wants_json(request) else redirect(location, code=303)


@blueprint.get("/items/<item_id>/delivery")
@learner_page
def delivery(visit: Visit, item_id: str) -> Response:
    """Where the grade is, for the page that waits for it."""
    home = home_of(visit.session, visit.placement, item_id)
    if home is None:
        raise PageRefused("no_such_item")
    view = delivery_view(visit, home, item_id)
    return jsonify(state=view.state, text=view.text, delivered_iso=view.delivered_iso)
