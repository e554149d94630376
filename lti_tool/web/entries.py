"""What is counted and logged of the ways in: one line for each login, launch and hand-over, by how it ended."""

import logging

from flask import request

from config import metrics

log = logging.getLogger(__name__)

_STEPS = {
    "launch.login": "login",
    "launch.launch": "launch",
    "launch.launch_with_storage": "launch",
    "launch.go_on": "hand_over",
}


def is_entry() -> bool:
    """Whether the request at hand is one of the ways in."""
    return request.endpoint in _STEPS


def note_begun() -> None:
    """A login was begun."""
    _note("begun", "")
    log.info("login begun")


def note_let_in(**ids: object) -> None:
    """Somebody came in; `ids` say where: registration, placement, role."""
    _note("let_in", "")
    log.info("launch let in", extra={"step": _step(), **ids})


def note_refused(cause: str, status: int) -> None:
    """Somebody was turned away."""
    _note("refused", cause)
    log.warning("launch refused", extra={"step": _step(), "cause": cause, "status": status})


def _note(outcome: str, cause: str) -> None:
    metrics.LAUNCHES.labels(_step(), outcome, cause).inc()


def _step() -> str:
    return _STEPS.get(request.endpoint or "", "other")
