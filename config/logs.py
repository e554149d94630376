"""One JSON line per event, with ids and causes. Names, e-mail addresses and student text never get in.

Only the fields in `FIELDS` are written besides the message: a field nobody declared cannot leak what it holds.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

FIELDS = (
    "reference", "cause", "status", "path", "method", "milliseconds", "registration", "outbox", "task", "tries",
    "model", "budget", "call",
)  # fmt: skip

OURS = ("config", "course", "grading", "lti_tool", "workers")

request_reference: ContextVar[str | None] = ContextVar("request_reference", default=None)


class JsonLines(logging.Formatter):
    """A record as one line of JSON; of an exception only its type and place, since messages quote what they met."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": _event(record),
        }
        reference = request_reference.get()
        if reference:
            line["reference"] = reference
        line.update({name: record.__dict__[name] for name in FIELDS if name in record.__dict__})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True, default=str)


def _event(record: logging.LogRecord) -> str:
    # A library that reports an exception puts its text into the message, and that text quotes rows and parameters.
    if record.exc_info and record.exc_info[0] and record.name.split(".")[0] not in OURS:
        return "exception in a library"
    return record.getMessage()


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{'/'.join(code.co_filename.split('/')[-2:])}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-8:]


def configure(level: int = logging.INFO) -> None:
    """Send every logger's lines to standard error in our form. Libraries speak up from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)
