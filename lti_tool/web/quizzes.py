"""A quiz at work: start, answer, check, hand in; where it stands, and where the grade is."""

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from werkzeug import Response

from config import clock
from config.task_queue import DELIVER_SCORES
from course.attempts import check_response, give_response, is_over, take_over, unanswered
from course.items import ItemKind, Quiz
from course.models import Attempt, Placement
from course.policies import rules_of
from course.refusals import AttemptClosed, AttemptOver, Refusal, TakenOver
from lti_tool.handing_in import hand_in
from lti_tool.web.answer_forms import REVIEW, SUBMIT, AnswerForm, read_answers
from lti_tool.web.attempts import begin_attempt, go_to, own_attempt
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused, refusal_answer, wants_json
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.items import find_item, way_in
from lti_tool.web.journeys import home_for
from lti_tool.web.overdue import result_if_over
from lti_tool.web.quiz_file import quiz_file
from lti_tool.web.quiz_pages import attempt_page, quiz_page
from lti_tool.web.quiz_results import delivery_view
from lti_tool.web.time_left import seconds_left

QUIZ_KINDS = {ItemKind.QUIZ, ItemKind.TEST}
blueprint = Blueprint("quizzes", __name__, url_prefix="/in/<placement_key>/<learner_key>")


@blueprint.post("/items/<item_id>/attempts")
@learner_action
def start(visit: Visit, item_id: str) -> Response:
    """Begin an attempt, or go on with the open one."""
    quiz, home, access = way_in(visit, item_id, Quiz)
    try:
        begin_attempt(visit, home, quiz, access)
    except Refusal:
        if wants_json(request):
            raise
        return make_response(render_template("quiz.html", page=quiz_page(visit, home, quiz)), 422)  # it says why
    return redirect(item_url(visit, item_id), code=303)


@blueprint.get("/attempts/<attempt_key>")
@learner_page
def show(visit: Visit, attempt_key: str) -> str | Response:
    """One attempt as it stands; of a finished one the result."""
    attempt, home = own_attempt(visit, attempt_key, QUIZ_KINDS)
    if location := result_if_over(visit, attempt):
        return redirect(location)
    return render_template("quiz.html", page=attempt_page(visit, home, attempt))


@blueprint.get("/attempts/<attempt_key>/standing")
@learner_page
def standing(visit: Visit, attempt_key: str) -> Response:
    """For an open page that has been away: the time left, the page that has the attempt, and where to go if it is
    handed in."""
    attempt, _ = own_attempt(visit, attempt_key, QUIZ_KINDS)
    if location := result_if_over(visit, attempt):
        return jsonify(location=location)
    location = visit.url("quizzes.show", attempt_key=attempt.key) if attempt.submitted_at is not None else None
    return jsonify(seconds_left=seconds_left(attempt, clock.now()), writer=attempt.writer or "", location=location)


@blueprint.get("/attempts/<attempt_key>/result")
@learner_page
def save_result(visit: Visit, attempt_key: str) -> Response:
    """The result of a finished attempt as a file of its own, for the learner to keep."""
    attempt, home = own_attempt(visit, attempt_key, QUIZ_KINDS)
    if attempt.submitted_at is None:
        raise PageRefused("no_such_attempt")
    return quiz_file(visit, home, attempt)


@blueprint.post("/attempts/<attempt_key>")
@learner_action
def answer(visit: Visit, attempt_key: str) -> Response:
    """Save, check one answer, review or hand in. Repeating any of them changes nothing."""
    attempt, home = own_attempt(visit, attempt_key, QUIZ_KINDS, for_change=True)
    form = read_answers(request.form)
    refusal = _finished(visit, attempt)
    if refusal is not None and form.leaves and (wants_json(request) or form.says_nothing_new(attempt)):
        return _to_result(visit, attempt)  # a second click or tab; a script keeps what is lost, and tells it there
    if refusal is not None:
        return _not_taken(visit, home, attempt, form, refusal)
    try:
        take_over(attempt, form.writer, form.seen_writer)
    except TakenOver as taken_over:
        return _not_taken(visit, home, attempt, form, taken_over)
    for question_id, choice_ids in form.given.items():
        give_response(visit.session, attempt, question_id, choice_ids)
    visit.session.flush()
    if form.checks is not None:
        return _check(visit, home, attempt, form.checks)
    return _go_on(visit, attempt, form)


def _go_on(visit: Visit, attempt: Attempt, form: AnswerForm) -> Response:
    if form.action == REVIEW or (form.action == SUBMIT and unanswered(attempt)):
        return go_to(item_url(visit, attempt.item_id, "review", review="1"))
    if form.hands_in:
        _hand_in(visit, attempt)
        return _to_result(visit, attempt)
    if wants_json(request):
        return jsonify(location=None, seconds_left=seconds_left(attempt, clock.now()))
    return redirect(item_url(visit, attempt.item_id), code=303)


def _check(visit: Visit, home: Placement, attempt: Attempt, question_id: str) -> Response:
    is_answered = any(response.question_id == question_id for response in attempt.responses)
    if not is_answered and not wants_json(request):
        # Without scripts there is no place beside the button to say it; the page itself is the best answer.
        return redirect(item_url(visit, attempt.item_id, f"question-{question_id[:64]}"), code=303)
    response = check_response(attempt, question_id, rules_of(visit.session, attempt))
    visit.session.flush()
    if not wants_json(request):
        return redirect(item_url(visit, attempt.item_id, f"question-{response.question_id}"), code=303)
    page = attempt_page(visit, home, attempt)
    question = next(one for one in page.questions if one.id == response.question_id)
    html = render_template("_question.html", page=page, question=question)
    return jsonify(question_html=html, location=None, seconds_left=seconds_left(attempt, clock.now()))


def _hand_in(visit: Visit, attempt: Attempt) -> None:
    owed = hand_in(visit.session, attempt)
    if owed is not None:
        outbox_id = owed.id
        visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [outbox_id]))


def _finished(visit: Visit, attempt: Attempt) -> Refusal | None:
    """Why the attempt takes nothing more; None while it does. One whose time is up is handed in now as it was saved."""
    if attempt.submitted_at is not None:
        return AttemptClosed(attempt.key, attempt.submitted_at)
    if attempt.ends_at is not None and is_over(attempt):
        _hand_in(visit, attempt)
        return AttemptOver(attempt.key, attempt.ends_at)
    return None


def _not_taken(visit: Visit, home: Placement, attempt: Attempt, form: AnswerForm, refusal: Refusal) -> Response:
    """Answers that come too late or from a page that another one has replaced: refused in words, and shown beside what
    is saved. Nothing is raised, as the attempt may have been handed in just now."""
    if wants_json(request):
        return refusal_answer(refusal)
    page = attempt_page(visit, home, attempt, lost=form.given)
    return make_response(render_template("quiz.html", page=page), 409)


def _to_result(visit: Visit, attempt: Attempt) -> Response:
    return go_to(visit.url("quizzes.show", attempt_key=attempt.key))


@blueprint.get("/items/<item_id>/delivery")
@learner_page
def delivery(visit: Visit, item_id: str) -> Response:
    """Where the grade is, for the page that waits for it."""
    home = home_for(visit, find_item(visit.course, item_id).id)
    if home is None:
        raise PageRefused("no_such_item")
    view = delivery_view(visit, home, item_id)
    return jsonify(state=view.state, text=view.text, delivered_iso=view.delivered_iso)
