"""Log lines: one JSON object each, with declared fields only, and nothing that an exception quotes."""

import json
import logging
import subprocess
import sys
import threading
from typing import Any

import pytest

from config.logs import JsonLines, carrying, request_reference, task_at_hand


def _line(**extra: object) -> dict[str, object]:
    record = logging.LogRecord("lti_tool.x", logging.INFO, __file__, 1, "score %s", ("delivered",), None)
    record.__dict__.update(extra)
    return dict(json.loads(JsonLines().format(record)))


def test_declared_fields_are_written_and_others_are_not() -> None:
    line = _line(outbox=7, student_name="Ada Lovelace", answer="because of layers")
    assert line["event"] == "score delivered"
    assert line["outbox"] == 7
    assert "Ada" not in json.dumps(line)
    assert "layers" not in json.dumps(line)


def test_what_a_library_says_of_an_exception_is_not_repeated() -> None:
    try:
        raise ValueError("Key (sub)=(ada)")
    except ValueError as error:
        record = logging.LogRecord(
            "celery.app.trace", logging.ERROR, __file__, 1, "raised %r", (error,), (ValueError, error, None)
        )
    assert "ada" not in JsonLines().format(record)


def test_of_an_exception_only_type_and_place_are_written() -> None:
    try:
        raise ValueError("Ada Lovelace wrote: my answer")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, error.__traceback__)
        )
    text = JsonLines().format(record)
    assert json.loads(text)["error"] == "ValueError"
    assert "test_logs.py" in text
    assert "Ada" not in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("message", "arguments", "written"),
    [
        ("Error handling request %s", ("/in/x?name=Ada",), "Error handling request …"),
        ("Retry %d of %s: %r", (3, "Ada", "her answer"), "Retry 3 of …: …"),
        ("%(who)s after %(seconds).1f s", ({"who": "Ada", "seconds": 2.5},), "… after 2.5 s"),
        ("Invalid request from ip=10.0.0.1: GET /?name=Ada", (), "a library's message"),
        ("%d students", ("Ada",), "a library's message"),
        ("%s and %s", ("Ada",), "a library's message"),
        ("100 %", ("Ada",), "a library's message"),
        (ValueError("Ada"), (), "a library's message"),
    ],
)
def test_of_a_librarys_message_only_the_fixed_part_and_numbers_are_written(
    message: Any, arguments: tuple[Any, ...], written: str
) -> None:
    record = logging.LogRecord("gunicorn.error", logging.WARNING, "/x/gunicorn/base.py", 7, message, arguments, None)
    line = json.loads(JsonLines().format(record))
    assert line["event"] == written
    assert line["said_at"] == "gunicorn/base.py:7"


def test_lines_of_another_thread_carry_the_reference_and_the_task_of_who_began_it() -> None:
    seen: list[dict[str, object]] = []
    tokens = request_reference.set("abc"), task_at_hand.set("roster.read")
    work = carrying(lambda: seen.append(_line()))
    request_reference.reset(tokens[0])
    task_at_hand.reset(tokens[1])
    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert (seen[0]["reference"], seen[0]["task"]) == ("abc", "roster.read")
    assert _line().get("reference") != "abc"


FALL = """
import threading, warnings
from config import logs
logs.configure("debug")
warnings.warn("Ada said so")
def fall(): raise ValueError("Ada wrote this")
thread = threading.Thread(target=fall); thread.start(); thread.join()
class Falls:
    def __del__(self): raise ValueError("Ada wrote that")
Falls()
fall()
"""


def test_what_python_itself_would_print_of_exceptions_and_warnings_comes_in_our_form() -> None:
    done = subprocess.run([sys.executable, "-c", FALL], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert events == [
        "UserWarning at <string>:5",
        "a thread ended",
        "an exception that nobody could be told of",
        "the process ends",
    ]
    assert "Ada" not in done.stderr
