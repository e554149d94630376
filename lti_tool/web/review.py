"""Reviewing labs: what waits, one case, and what a person decides. Only for instructors seated in the context."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from config.public_ids import is_public_id
from config.task_queue import DELIVER_SCORES
from course.items import ItemKind
from course.models import Attempt
from course.refusals import Refusal
from grading.lab_states import grading_state
from grading.review import look_blind
from lti_tool import reviewing
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.i18n import told
from lti_tool.web.review_pages import case_page, queue_page

blueprint = Blueprint("review", __name__, url_prefix="/in/<placement_key>/<learner_key>/review")
UNCHANGED = "unchanged"


@blueprint.get("")
@learner_page
def index(visit: Visit) -> str:
    """What waits for a person, and what has just been done about it."""
    _instructor(visit)
    return render_template("review.html", page=queue_page(visit, request.args.get("done", "")))


@blueprint.get("/<attempt_key>")
@learner_page
def show(visit: Visit, attempt_key: str) -> str:
    """One case; with `blind`, without what the machine found."""
    attempt = _attempt(visit, attempt_key)
    page = case_page(visit, attempt, is_blind="blind" in request.args)
    return render_template("review_case.html", page=page, trouble="")


@blueprint.post("/<attempt_key>")
@learner_action
def decide(visit: Visit, attempt_key: str) -> Response | tuple[str, int]:
    """Give the criteria their levels."""
    attempt = _attempt(visit, attempt_key)

    def decided() -> str:
        owed = reviewing.decide(
            visit.session,
            attempt,
            visit.learner_id,
            _levels(),
            _reasons(),
            at_once="at_once" in request.form,
        )
        _send(visit, owed)
        return "held" if grading_state(visit.session, attempt).state == "held" else "decided"

    return _done_or_told(visit, attempt, decided)


@blueprint.post("/<attempt_key>/blind")
@learner_action
def look(visit: Visit, attempt_key: str) -> Response | tuple[str, int]:
    """Keep what was found without seeing the machine's levels."""
    attempt = _attempt(visit, attempt_key)

    def looked() -> str:
        look_blind(visit.session, attempt, visit.learner_id, _levels())
        return "looked"

    return _done_or_told(visit, attempt, looked, is_blind=True)


@blueprint.post("/<attempt_key>/appeals/<criterion_id>")
@learner_action
def answer(visit: Visit, attempt_key: str, criterion_id: str) -> Response | tuple[str, int]:
    """Answer an appeal, and change the level if it is to change."""
    attempt = _attempt(visit, attempt_key)
    wanted = request.form.get("level", UNCHANGED)

    def answered() -> str:
        owed = reviewing.answer_appeal(
            visit.session,
            attempt,
            criterion_id,
            reviewer_id=visit.learner_id,
            answer=request.form.get("answer", ""),
            level=_level(wanted),
        )
        _send(visit, owed)
        return "answered"

    return _done_or_told(visit, attempt, answered, answering=criterion_id)


def _done_or_told(
    visit: Visit, attempt: Attempt, move: Callable[[], str], *, is_blind: bool = False, answering: str = ""
) -> Response | tuple[str, int]:
    """Back to the list with what was done, as `move` names it; or the same page with what was typed, and why it was not
    taken."""
    try:
        with visit.session.begin_nested():
            done = move()
    except Refusal as refused:
        page = case_page(visit, attempt, is_blind=is_blind, typed=request.form, answering=answering)
        trouble = told(refused.template, refused.values)
        return render_template("review_case.html", page=page, trouble=trouble), 422
    return redirect(visit.url("review.index", done=done), code=303)


def _send(visit: Visit, owed: int | None) -> None:
    if owed is not None:
        visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [owed]))


def _instructor(visit: Visit) -> None:
    if not visit.occupant.is_instructor:
        raise PageRefused("not_for_students")


def _attempt(visit: Visit, key: str) -> Attempt:
    _instructor(visit)
    context_key = visit.placement.context_key
    attempt = reviewing.attempt_in_context(visit.session, key, context_key) if is_public_id(key) else None
    if attempt is None or attempt.snapshot.body.get("kind") != ItemKind.LAB:
        raise PageRefused("no_such_attempt")
    return attempt


def _levels() -> dict[str, int]:
    given = {name.removeprefix("level."): value for name, value in request.form.items() if name.startswith("level.")}
    return {name: level for name, value in given.items() if (level := _level(value)) is not None}


def _level(value: str) -> int | None:
    return int(value) if value in {"0", "1", "2", "3", "4"} else None


def _reasons() -> dict[str, str]:
    return {name.removeprefix("why."): value for name, value in request.form.items() if name.startswith("why.")}
