"""Grades on their way and stuck: seen, understood, and let go again."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from config.task_queue import DELIVER_SCORES, SEEK_COLUMNS, SWEEP_SCORES
from lti_tool.retrying import retry_columns, retry_stuck
from lti_tool.web.admin.grades_pages import grades_page, stuck_page
from lti_tool.web.admin.guards import AdminVisit, admin_action, admin_page
from lti_tool.web.current import services

blueprint = Blueprint("admin_grades", __name__, url_prefix="/admin/grades")


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """What is owed to every platform, what is stuck and why, and what else waits."""
    return render_template("admin/grades.html", page=grades_page(visit, none_was_stuck="none" in request.args))


@blueprint.get("/stuck")
@admin_page
def stuck(visit: AdminVisit) -> str:
    """The stuck grades of a platform or a cause, a page at a time."""
    cause = request.args.get("cause")
    return render_template(
        "admin/stuck.html",
        page=stuck_page(visit, registration_id=_number("platform"), cause=cause, after=_number("after")),
    )


@blueprint.post("/retry")
@admin_action
def retry(visit: AdminVisit) -> Response:
    """Let one stuck grade, those of a cause at a platform, or all of a platform be tried again."""
    score_id, registration_id, cause = _number("score"), _number("platform"), request.form.get("cause")
    if score_id is None and registration_id is None:  # never everything, because a form was mangled
        return redirect(url_for("admin_grades.show"), code=303)
    which = {"score_id": score_id, "registration_id": registration_id}
    if not retry_stuck(visit.session, visit.admin.name, cause=cause, **which):
        return redirect(url_for("admin_grades.show", none="", _anchor="tried"), code=303)
    if score_id is not None:
        visit.after_commit.append(lambda: services().nudger.nudge(DELIVER_SCORES, [score_id]))
    else:
        visit.after_commit.append(lambda: services().nudger.nudge(SWEEP_SCORES))
    visit.after_commit.append(lambda: services().nudger.nudge(SEEK_COLUMNS))
    return redirect(url_for("admin_grades.show", _anchor="tried"), code=303)


@blueprint.post("/columns")
@admin_action
def columns(visit: AdminVisit) -> Response:
    """Look anew for the columns of a platform that were not found."""
    registration_id = _number("platform")
    if registration_id is not None and retry_columns(visit.session, visit.admin.name, registration_id):
        visit.after_commit.append(lambda: services().nudger.nudge(SEEK_COLUMNS))
    return redirect(url_for("admin_grades.show", _anchor="columns"), code=303)


def _number(name: str) -> int | None:
    """A whole number of the form or the address; None where there is none."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
