"""A lab at work: begin, say, try again, follow the reply, hand in, take a copy."""

from flask import Blueprint, copy_current_request_context, jsonify, redirect, render_template, request
from werkzeug import Response

from config.task_queue import DELIVER_SCORES, GRADE_ATTEMPTS
from course.attempts import lab_of
from course.consents import consent_version, give_consent
from course.conversations import (
    NO_PARTNER,
    STREAMING,
    begin_conversation,
    conversation_of,
    keep_draft,
    lines_of,
    retry,
    turns_left,
    turns_of,
)
from course.conversations import (
    say as say_turn,
)
from course.items import ItemKind, Lab, WrittenAnswer
from course.lab_refusals import ConsentMissing, NothingSaid, WrittenAnswerNotOffered
from course.models import Attempt, Turn
from course.refusals import Refusal
from grading.review import appeal as ask_again
from grading.review_refusals import NotReviewable
from lti_tool.handing_in import hand_in
from lti_tool.web.attempts import begin_attempt, go_to, own_attempt
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused, wants_json
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.i18n import told
from lti_tool.web.items import way_in
from lti_tool.web.lab_pages import attempt_page, copy_text, left_text
from lti_tool.web.lab_results import fate_of
from lti_tool.web.lab_views import RefusedAppeal
from lti_tool.web.lab_words import failure_text
from lti_tool.web.overdue import result_if_over
from lti_tool.web.reply_events import event_stream

blueprint = Blueprint("labs", __name__, url_prefix="/in/<placement_key>/<learner_key>")
LAB_KINDS = {ItemKind.LAB}
PATIENCE_SECONDS = 3.0  # how long a form without scripts waits for the reply, before its page says to reload


@blueprint.post("/items/<item_id>/conversation")
@learner_action
def start(visit: Visit, item_id: str) -> Response:
    """Begin an attempt, with the consent that the form carries; or go on with the open one."""
    lab, home, access = way_in(visit, item_id, Lab)
    partner = services().replies.partner_on_offer(visit.session, home.context_key)
    if request.form.get("partner") == NO_PARTNER:
        if access.policy.written_answer != WrittenAnswer.ALLOWED:
            raise WrittenAnswerNotOffered
        partner = NO_PARTNER
    if request.form.get("consent") != consent_version(partner):
        raise ConsentMissing
    attempt = begin_attempt(visit, home, lab, access)
    give_consent(visit.session, visit.learner_id, home.context_key, lab.id, partner)
    begin_conversation(visit.session, attempt, lab_of(attempt), partner)
    return redirect(item_url(visit, item_id, "say"), code=303)


@blueprint.get("/labs/<attempt_key>")
@learner_page
def show(visit: Visit, attempt_key: str) -> str | Response:
    """One attempt as it stands."""
    attempt, home = own_attempt(visit, attempt_key, LAB_KINDS)
    if location := result_if_over(visit, attempt):
        return redirect(location)
    return render_template("lab.html", page=attempt_page(visit, home, attempt))


@blueprint.post("/labs/<attempt_key>")
@learner_action
def say(visit: Visit, attempt_key: str) -> Response:
    """Say something, ask for the reply again, or keep what has been typed. Repeating any of them changes nothing."""
    attempt, _ = own_attempt(visit, attempt_key, LAB_KINDS, for_change=True)
    action = request.form.get("action", "draft")
    text = request.form.get("text", "")
    if action == "draft":
        keep_draft(visit.session, attempt, text)
        return jsonify(location=None) if wants_json(request) else redirect(item_url(visit, attempt.item_id, "say"), 303)
    if action.startswith("retry:"):
        owed = retry(visit.session, attempt, _whole(action.removeprefix("retry:")))
        keep_draft(visit.session, attempt, text)
    else:
        owed = say_turn(visit.session, attempt, lab_of(attempt), text, _whole(request.form.get("number", "")))
    turn_id = owed.id
    if wants_json(request):
        visit.after_commit.append(lambda: services().replies.start(turn_id))
        return jsonify(_state_of(visit, attempt, owed, turns_of(visit.session, attempt.id)))
    visit.after_commit.append(lambda: services().replies.wait_for(turn_id, PATIENCE_SECONDS))
    return redirect(item_url(visit, attempt.item_id, f"turn-{owed.number}"), code=303)


@blueprint.get("/labs/<attempt_key>/turns/<number>")
@learner_page
def turn(visit: Visit, attempt_key: str, number: str) -> Response:
    """How a turn stands, for a page that cannot follow its events."""
    attempt, _ = own_attempt(visit, attempt_key, LAB_KINDS)
    turns = turns_of(visit.session, attempt.id)
    found = _numbered(turns, _whole(number))
    if found.status == STREAMING:
        services().replies.look_after(found.id)
    return jsonify(_state_of(visit, attempt, found, turns))


@blueprint.get("/labs/<attempt_key>/turns/<number>/events")
@learner_page
def events(visit: Visit, attempt_key: str, number: str) -> Response:
    """The reply as it grows, as server-sent events. Follows only: closing it changes nothing."""
    attempt, _ = own_attempt(visit, attempt_key, LAB_KINDS)
    found = _numbered(turns_of(visit.session, attempt.id), _whole(number))

    @copy_current_request_context
    def state() -> dict[str, object]:
        with services().database.reading() as session:
            turns = turns_of(session, attempt.id)
            return _state_of(visit, attempt, _numbered(turns, found.number), turns)

    return event_stream(services().replies, found.id, request, state)


@blueprint.post("/labs/<attempt_key>/submit")
@learner_action
def submit(visit: Visit, attempt_key: str) -> Response:
    """Hand in, once the learner has been asked whether they mean it."""
    attempt, _ = own_attempt(visit, attempt_key, LAB_KINDS, for_change=True)
    if attempt.submitted_at is None:
        conversation = conversation_of(visit.session, attempt)
        if "text" in request.form:
            keep_draft(visit.session, attempt, request.form["text"])
        if request.form.get("action") != "submit-anyway":
            return go_to(item_url(visit, attempt.item_id, "hand-in", ask="1"))
        if conversation.partner == NO_PARTNER and not conversation.draft.strip():
            raise NothingSaid
        owed = hand_in(visit.session, attempt)
        if owed is not None:
            outbox_id = owed.id
            visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [outbox_id]))
        attempt_id = attempt.id
        visit.after_commit.append(lambda: services().nudger.nudge(GRADE_ATTEMPTS, [attempt_id]))
    return go_to(visit.url("labs.show", attempt_key=attempt.key))


@blueprint.get("/labs/<attempt_key>/standing")
@learner_page
def standing(visit: Visit, attempt_key: str) -> Response:
    """Where a handed-in attempt stands, for the page that waits for its result."""
    attempt, home = own_attempt(visit, attempt_key, LAB_KINDS)
    if attempt.submitted_at is None:
        return jsonify(state="open", title="")
    fate = fate_of(visit, home, attempt, conversation_of(visit.session, attempt).partner)
    return jsonify(state=fate.state, title=fate.title)


@blueprint.post("/labs/<attempt_key>/appeals/<criterion_id>")
@learner_action
def appeal(visit: Visit, attempt_key: str, criterion_id: str) -> Response | tuple[str, int]:
    """Ask a person to look at one criterion again. The result stands meanwhile."""
    attempt, home = own_attempt(visit, attempt_key, LAB_KINDS)
    words = request.form.get("words", "")
    try:
        with visit.session.begin_nested():
            ask_again(visit.session, attempt, criterion_id, words)
    except NotReviewable:
        raise  # no such criterion, or no result: there is no page to say it on
    except Refusal as not_taken:
        refused = RefusedAppeal(criterion_id, words, told(not_taken.template, not_taken.values))
        return render_template("lab.html", page=attempt_page(visit, home, attempt, refused=refused)), 422
    return go_to(visit.url("labs.show", attempt_key=attempt.key, _anchor=f"result-{criterion_id}"))


@blueprint.get("/labs/<attempt_key>/copy")
@learner_page
def copy(visit: Visit, attempt_key: str) -> Response:
    """The transcript as a text file, for whoever wants to keep it."""
    attempt, _ = own_attempt(visit, attempt_key, LAB_KINDS)
    lab = lab_of(attempt)
    response = Response(copy_text(lab, lines_of(turns_of(visit.session, attempt.id))), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{lab.id}-{attempt.number}.txt"'
    return response


def _whole(text: str) -> int:
    """The number of a turn; 0, which no turn has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _numbered(turns: list[Turn], number: int) -> Turn:
    for one in turns:
        if one.number == number:
            return one
    raise PageRefused("no_such_attempt")


def _state_of(visit: Visit, attempt: Attempt, turn: Turn, turns: list[Turn]) -> dict[str, object]:
    """A partner's turn as a script needs it."""
    lab = lab_of(attempt)
    return {
        "number": turn.number,
        "status": turn.status,
        "text": turn.text,
        "cause": turn.cause,
        "note": failure_text(turn.cause) if turn.status == "failed" else "",
        "left": left_text(lab, turns),
        "can_say": turns_left(lab, turns) > 0,
        "events": visit.url("labs.events", attempt_key=attempt.key, number=turn.number),
        "state": visit.url("labs.turn", attempt_key=attempt.key, number=turn.number),
    }
