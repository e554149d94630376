"""A lab at work: begin, say, try again, follow the reply, hand in, take a copy."""

from flask import Blueprint, copy_current_request_context, jsonify, redirect, render_template, request
from werkzeug import Response

from config.public_ids import is_public_id
from config.task_queue import DELIVER_SCORES, GRADE_ATTEMPTS
from course.attempts import find_attempt, lab_of, start_attempt
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
from course.items import Lab, WrittenAnswer
from course.lab_refusals import ConsentMissing, NothingSaid, WrittenAnswerNotOffered
from course.models import Attempt, Placement, Turn
from course.refusals import RoleChanged
from grading.review import appeal as ask_again
from lti_tool.handing_in import hand_in
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused, wants_json
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.items import find_item
from lti_tool.web.journeys import access_of, home_for
from lti_tool.web.lab_pages import attempt_page, copy_text, left_text
from lti_tool.web.lab_results import fate_of
from lti_tool.web.lab_words import failure_text
from lti_tool.web.reply_events import event_stream

blueprint = Blueprint("labs", __name__, url_prefix="/in/<placement_key>/<learner_key>")
PATIENCE_SECONDS = 3.0  # how long a form without scripts waits for the reply, before its page says to reload


@blueprint.post("/items/<item_id>/conversation")
@learner_action
def start(visit: Visit, item_id: str) -> Response:
    """Begin an attempt, with the consent that the form carries; or go on with the open one."""
    lab = find_item(visit.course, item_id)
    home = home_for(visit, item_id)
    if not isinstance(lab, Lab) or home is None:
        raise PageRefused("no_such_item")
    is_preview, access = visit.occupant.is_instructor, access_of(visit, home, lab)
    partner = services().replies.partner_on_offer
    if request.form.get("partner") == NO_PARTNER:
        if access.policy.written_answer != WrittenAnswer.ALLOWED:
            raise WrittenAnswerNotOffered
        partner = NO_PARTNER
    if request.form.get("consent") != consent_version(partner):
        raise ConsentMissing
    attempt = start_attempt(visit.session, home, visit.learner_id, lab, is_preview=is_preview, access=access)
    give_consent(visit.session, visit.learner_id, home.context_key, lab.id, partner)
    begin_conversation(visit.session, attempt, lab_of(attempt), partner)
    return redirect(item_url(visit, item_id, "say"), code=303)


@blueprint.get("/labs/<attempt_key>")
@learner_page
def show(visit: Visit, attempt_key: str) -> str:
    """One attempt as it stands."""
    attempt, home = _own_attempt(visit, attempt_key)
    return render_template("lab.html", page=attempt_page(visit, home, attempt))


@blueprint.post("/labs/<attempt_key>")
@learner_action
def say(visit: Visit, attempt_key: str) -> Response:
    """Say something, ask for the reply again, or keep what has been typed. Repeating any of them changes nothing."""
    attempt, _ = _own_attempt(visit, attempt_key, for_change=True)
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
    attempt, _ = _own_attempt(visit, attempt_key)
    turns = turns_of(visit.session, attempt.id)
    found = _numbered(turns, _whole(number))
    if found.status == STREAMING:
        services().replies.look_after(found.id)
    return jsonify(_state_of(visit, attempt, found, turns))


@blueprint.get("/labs/<attempt_key>/turns/<number>/events")
@learner_page
def events(visit: Visit, attempt_key: str, number: str) -> Response:
    """The reply as it grows, as server-sent events. Follows only: closing it changes nothing."""
    attempt, _ = _own_attempt(visit, attempt_key)
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
    attempt, _ = _own_attempt(visit, attempt_key, for_change=True)
    if attempt.submitted_at is None:
        conversation = conversation_of(visit.session, attempt)
        if "text" in request.form:
            keep_draft(visit.session, attempt, request.form["text"])
        if request.form.get("action") != "submit-anyway":
            return _go_to(item_url(visit, attempt.item_id, "hand-in", ask="1"))
        if conversation.partner == NO_PARTNER and not conversation.draft.strip():
            raise NothingSaid
        owed = hand_in(visit.session, attempt)
        if owed is not None:
            outbox_id = owed.id
            visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [outbox_id]))
        attempt_id = attempt.id
        visit.after_commit.append(lambda: services().nudger.nudge(GRADE_ATTEMPTS, [attempt_id]))
    return _go_to(visit.url("labs.show", attempt_key=attempt.key))


@blueprint.get("/labs/<attempt_key>/standing")
@learner_page
def standing(visit: Visit, attempt_key: str) -> Response:
    """Where a handed-in attempt stands, for the page that waits for its result."""
    attempt, home = _own_attempt(visit, attempt_key)
    if attempt.submitted_at is None:
        return jsonify(state="open", title="")
    fate = fate_of(visit, home, attempt, conversation_of(visit.session, attempt).partner)
    return jsonify(state=fate.state, title=fate.title)


@blueprint.post("/labs/<attempt_key>/appeals/<criterion_id>")
@learner_action
def appeal(visit: Visit, attempt_key: str, criterion_id: str) -> Response:
    """Ask a person to look at one criterion again. The result stands meanwhile."""
    attempt, _ = _own_attempt(visit, attempt_key)
    ask_again(visit.session, attempt, criterion_id, request.form.get("words", ""))
    return _go_to(visit.url("labs.show", attempt_key=attempt.key, _anchor=f"result-{criterion_id}"))


@blueprint.get("/labs/<attempt_key>/copy")
@learner_page
def copy(visit: Visit, attempt_key: str) -> Response:
    """The transcript as a text file, for whoever wants to keep it."""
    attempt, _ = _own_attempt(visit, attempt_key)
    lab = lab_of(attempt)
    response = Response(copy_text(lab, lines_of(turns_of(visit.session, attempt.id))), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{lab.id}-{attempt.number}.txt"'
    return response


def _own_attempt(visit: Visit, key: str, *, for_change: bool = False) -> tuple[Attempt, Placement]:
    """The visitor's own attempt and the placement it was begun at, which may be another one of the same context."""
    attempt = find_attempt(visit.session, key, visit.learner_id, for_change=for_change) if is_public_id(key) else None
    home = visit.session.get(Placement, attempt.placement_id) if attempt else None
    if attempt is None or home is None or home.context_key != visit.placement.context_key:
        raise PageRefused("no_such_attempt")
    if for_change and attempt.is_preview != visit.occupant.is_instructor:
        raise RoleChanged
    return attempt, home


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


def _go_to(location: str) -> Response:
    return jsonify(location=location) if wants_json(request) else redirect(location, code=303)
