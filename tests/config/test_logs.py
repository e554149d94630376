"""Log lines: one JSON object each, with declared fields only, and nothing that an exception quotes."""

import json
import logging

from config.logs import JsonLines


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
