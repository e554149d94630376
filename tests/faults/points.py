"""Named points of the way of a lab's grade: before and after each commit and each call. Kept out of the product: a
process under test is started by `tests.faults.under_test`, which tells each point to whoever runs the test.

A commit is known by the function that opened its transaction, a call by the method that makes it.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from types import FrameType
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config.database import READING

BEFORE, AFTER, DURING = "before", "after", "during"
Reached = Callable[[str], None]
"""Told each point as it is reached, such as "before commit: claim"; returns when the process may go on."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the path: where its transaction is opened, and by which process. Where a function opens two, `has`
    is a local name that the later one has."""

    name: str
    module: str
    function: str
    has: str | None = None


WEB_COMMITS = (
    Commit("attempt begun", "lti_tool.web.labs", "start"),
    Commit("turn said", "lti_tool.web.labs", "say"),
    Commit("handed in", "lti_tool.web.labs", "submit"),
    Commit("reply claimed", "course.replies", "Replies._claim_and_write"),
    Commit("reply ended", "course.replies", "Replies._end"),
)
WORKER_COMMITS = (
    Commit("labs swept", "workers.labs", "sweep_labs"),
    Commit("release looked for", "lti_tool.lab_grading", "LabGrading.work_on"),
    Commit("lab claimed", "grading.grader", "Grader.grade"),
    Commit("reading kept", "grading.grader", "Grader._keep"),
    Commit("lab put off", "grading.grader", "Grader._put_off"),
    Commit("lab concluded", "grading.grader", "Grader._conclude"),
    Commit("call abandoned", "course.language_model.calls", "abandon_overdue"),
    Commit("token kept", "lti_tool.ags", "Connector._cache_access_token"),
    Commit("score marked", "lti_tool.delivery", "Deliverer.deliver", has="answer"),
    Commit("score claimed", "lti_tool.delivery", "Deliverer.deliver"),
    Commit("score failed", "lti_tool.delivery", "Deliverer._record_failure"),
)
LEDGER_COMMITS = (
    Commit("call opened", "course.language_model.calls", "LanguageModel._open"),
    Commit("call settled", "course.language_model.calls", "LanguageModel._settle"),
    Commit("call failed", "course.language_model.calls", "LanguageModel._fail"),
)
COMMITS = (*WEB_COMMITS, *WORKER_COMMITS, *LEDGER_COMMITS)
MODEL, PARTNER, SCORE, NUDGE = "model asked", "partner asked", "score posted", "nudge sent"

_KNOWN = {(one.module, one.function): one for one in COMMITS if one.has is None}
_LATER = {(one.module, one.function): one for one in COMMITS if one.has is not None}
_NOT_THE_OPENER = ("sqlalchemy", "contextlib", "config.database", "tests.faults")


def opener_of(frame: FrameType | None) -> Commit | None:
    """The commit of the path that this stack makes, if it makes one."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_NOT_THE_OPENER):
        frame = frame.f_back
    if frame is None:
        return None
    view = frame.f_locals.get("view")  # a form's transaction is opened by its guard, for all of them alike
    if view is not None:
        return _KNOWN.get((view.__module__, view.__name__))
    where = (frame.f_globals["__name__"], frame.f_code.co_qualname)
    later = _LATER.get(where)
    return later if later and later.has in frame.f_locals else _KNOWN.get(where)


def watch(reached: Reached) -> None:
    """Tell `reached` each point that this process comes to from now on."""
    _watch_commits(reached)
    _watch_calls(reached)


def _watch_commits(reached: Reached) -> None:
    def before(connection: Connection) -> None:
        commit = None if connection.get_execution_options().get(READING) else opener_of(sys._getframe(1))
        if commit:
            reached(f"{BEFORE} commit: {commit.name}")

    def after(session: Session) -> None:
        commit = None if _only_reads(session) else opener_of(sys._getframe(1))
        if commit:
            reached(f"{AFTER} commit: {commit.name}")

    event.listen(Engine, "commit", before)
    event.listen(Session, "after_commit", after)


def _only_reads(session: Session) -> bool:
    bind = session.bind
    return isinstance(bind, Engine) and bool(bind.get_execution_options().get(READING))


def _watch_calls(reached: Reached) -> None:
    from celery import Celery

    from course.language_model.client import ModelClient
    from lti_tool.ags import Connector

    def around(owner: type, method: str, name: str, applies: Callable[..., bool] = lambda *_: True) -> None:
        original = getattr(owner, method)

        @wraps(original)
        def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
            if not applies(*args):
                return original(self, *args, **kwargs)
            reached(f"{BEFORE} call: {name}")
            result = original(self, *args, **kwargs)
            reached(f"{AFTER} call: {name}")
            return result

        setattr(owner, method, watched)

    around(ModelClient, "complete", MODEL)
    around(ModelClient, "stream", PARTNER)
    around(Connector, "_call_once", SCORE, lambda method, *_: method == "POST")
    around(Celery, "send_task", NUDGE)


def points_of(*names: str) -> tuple[str, ...]:
    """Both sides of each."""
    return tuple(f"{when} {name}" for name in names for when in (BEFORE, AFTER))


def named_points() -> tuple[str, ...]:
    """Every point there is."""
    commits = points_of(*(f"commit: {one.name}" for one in COMMITS))
    return (*commits, *points_of(*(f"call: {name}" for name in (MODEL, PARTNER, SCORE, NUDGE))))
