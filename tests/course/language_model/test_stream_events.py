"""Events of a stream, wherever its bytes are cut and whatever its lines end with."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.language_model.stream_events import EventReader, Told


def sent(*events: dict[str, object], end: str = "\n") -> bytes:
    return "".join(f"event: x{end}data: {json.dumps(event)}{end}{end}" for event in events).encode()


def events_of(parts: Iterable[bytes]) -> list[str | Told]:
    reader = EventReader()
    return [event for part in parts for event in reader.take(part)]


def delta(text: str) -> dict[str, object]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


@given(st.lists(st.text(max_size=8), max_size=8), st.integers(1, 9), st.sampled_from(("\n", "\r\n")))
def test_texts_arrive_whole_however_the_bytes_are_cut(texts: list[str], size: int, end: str) -> None:
    body = b": a comment" + end.encode() * 2 + sent(*(delta(text) for text in texts), end=end)
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    assert events_of(chunks) == texts


def test_other_events_have_their_fields_and_none_for_what_they_leave_out() -> None:
    (event,) = events_of([sent({"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 3}}})])
    assert isinstance(event, Told)
    message: object = event.message
    assert isinstance(message, Told)
    assert (message.id, message.usage.input_tokens, message.usage.output_tokens) == ("m", 3, None)


def test_an_event_that_is_cut_off_is_no_event() -> None:
    assert events_of([sent(delta("a")), b'event: x\ndata: {"type": "content_']) == ["a"]


def test_data_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        events_of([b"data: <html>\n\n"])
