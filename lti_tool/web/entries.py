"""What is counted, logged and kept of the ways in: each login, launch and hand-over, by how it ended."""

import logging
from collections.abc import Sequence

from flask import g, request

from config import metrics
from config.logs import request_reference
from lti_tool.launch_events import LET_IN, REFUSED, Entry, note
from lti_tool.web.current import services

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


def note_platform(registration_id: int | None, deployment_id: str = "") -> None:
    """The request at hand comes from this platform."""
    g.entry_platform = (registration_id, deployment_id)


def note_begun() -> None:
    """A login was begun."""
    _note("begun", "")
    log.info("login begun", extra={"registration": _registration_id()})


def note_let_in(**ids: object) -> None:
    """Somebody came in; `ids` say where: registration, placement, role."""
    _note("let_in", "")
    log.info("launch let in", extra={"step": _step(), **ids})
    _keep(LET_IN)


def note_refused(cause: str, status: int, details: Sequence[tuple[str, str]] = ()) -> None:
    """Somebody was turned away; `details` as those of `LaunchRefused`. No transaction may be open."""
    _note("refused", cause)
    log.warning(
        "launch refused", extra={"step": _step(), "registration": _registration_id(), "cause": cause, "status": status}
    )
    _keep(REFUSED, cause, details)


def _keep(outcome: str, cause: str = "", details: Sequence[tuple[str, str]] = ()) -> None:
    """Write it down for the console. Whatever goes wrong with that is no matter for the person who came."""
    try:
        with services().database.transaction() as session:
            note(session, _entry(outcome, cause, details))
    except Exception as error:
        log.warning("a launch was not written down", exc_info=error)


def _entry(outcome: str, cause: str, details: Sequence[tuple[str, str]]) -> Entry:
    registration_id, deployment_id = g.get("entry_platform", (None, ""))
    is_login = registration_id is None and _step() == "login"
    return Entry(
        step=_step(),
        outcome=outcome,
        cause=cause,
        registration_id=registration_id,
        issuer=request.values.get("iss", "") if is_login else "",
        client_id=request.values.get("client_id", "") if is_login else "",
        deployment_id=deployment_id or dict(details).get("deployment id", ""),
        details=details,
        reference=request_reference.get(),
    )


def _note(outcome: str, cause: str) -> None:
    metrics.count(metrics.LAUNCHES, str(_registration_id() or ""), _step(), outcome, cause)


def _registration_id() -> int | None:
    registration_id: int | None = g.get("entry_platform", (None, ""))[0]
    return registration_id


def _step() -> str:
    return _STEPS.get(request.endpoint or "", "other")
