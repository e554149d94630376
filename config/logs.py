"""One JSON line per event, with ids and causes. Names, e-mail addresses and student text never get in; docs/logs.md.

Only the fields in `FIELDS` are written besides the message: a field nobody declared cannot leak what it holds. What a
library says is not ours to vouch for, so of its message only the fixed part is written, with the numbers in it.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from functools import partial
from json import dumps
from types import TracebackType
from typing import Any, TextIO

FIELDS = (
    "step", "outcome", "cause", "status", "path", "method", "milliseconds", "tries", "is_new", "members", "effect",
    "task", "deployment", "notice",
    "registration", "context", "context_key", "placement", "line_item", "outbox", "attempt", "turn", "lab", "role",
    "call", "purpose", "model", "budget", "tokens_in", "tokens_out", "cost",
)  # fmt: skip

OURS = ("config", "course", "grading", "lti_tool", "workers")
HIDDEN = "…"

request_reference: ContextVar[str | None] = ContextVar("request_reference", default=None)
task_at_hand: ContextVar[str | None] = ContextVar("task_at_hand", default=None)


class JsonLines(logging.Formatter):
    """A record as one line of JSON; of an exception only its type and place, since messages quote what they met."""

    def format(self, record: logging.LogRecord) -> str:
        is_ours = record.name.split(".")[0] in OURS
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage() if is_ours else _fixed_part(record),
        }
        if not is_ours:
            line["said_at"] = f"{_short(record.pathname)}:{record.lineno}"
        for name, variable in (("reference", request_reference), ("task", task_at_hand)):
            if about := variable.get():
                line[name] = about
        line.update({name: record.__dict__[name] for name in FIELDS if record.__dict__.get(name) is not None})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return dumps(line, ensure_ascii=True, default=str)


def _fixed_part(record: logging.LogRecord) -> str:
    """A library's message without what was filled in. One that came whole may hold anything, and is not repeated."""
    arguments = record.args
    if not arguments or not isinstance(record.msg, str):
        return "a library's message"
    try:
        if isinstance(arguments, Mapping):
            return record.msg % {name: _if_number(value) for name, value in arguments.items()}
        return record.msg % tuple(_if_number(value) for value in arguments)
    except (TypeError, ValueError, KeyError):
        return "a library's message"


class _Hidden:
    def __repr__(self) -> str:
        return HIDDEN


def _if_number(value: object) -> object:
    return value if isinstance(value, int | float) else _Hidden()


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{_short(code.co_filename)}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-8:]


def configure(level: str = "info") -> None:
    """Send every logger's lines to standard error in our form, and what Python itself would print there of exceptions
    and warnings. `level` is that of our own lines; libraries speak up from "warning" on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in OURS:
        logging.getLogger(ours).setLevel(level.upper())
    sys.excepthook = _process_ended
    threading.excepthook = _thread_ended
    sys.unraisablehook = _not_raised
    warnings.showwarning = _warned


def _process_ended(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger(__name__).critical("the process ends", exc_info=(kind, error, traceback))


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
        logging.getLogger(__name__).error("a thread ended", exc_info=told.exc_value)


def _not_raised(told: "sys.UnraisableHookArgs") -> None:
    if told.exc_value is not None:
        logging.getLogger(__name__).error("an exception that nobody could be told of", exc_info=told.exc_value)


def _warned(  # noqa: PLR0917 - Python's signature
    message: Warning | str,  # noqa: ARG001 - it may quote anything
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    logging.getLogger(__name__).warning("%s at %s:%d", category.__name__, _short(filename), lineno)


def carrying(work: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """`work` with its arguments, to be run on another thread: its lines there carry the reference and the task of
    here."""
    return partial(copy_context().run, work, *arguments)
