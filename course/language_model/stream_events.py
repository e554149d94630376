"""The events of a streamed answer, read from its bytes. The SDK would make several objects of each; with hundreds of
streams at twenty tokens a second that is more than one processor can do, and a text delta needs none of them.
"""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any


class Told(SimpleNamespace):
    """What an event says, its fields as attributes; what it does not say is None, as the SDK has it."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class EventReader:
    """Reads events (HTML Living Standard §9.2.6) from a body that arrives in parts, cut anywhere."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, part: bytes) -> Iterator[str | Told]:
        """The events that are complete now: of a text delta its text, of any other the whole. Raises ValueError for
        data that is not JSON."""
        for data in self._data_of(part):
            told = json.loads(data)
            delta = told.get("delta") if isinstance(told, dict) else None
            if delta and told.get("type") == "content_block_delta" and delta.get("type") == "text_delta":
                yield delta.get("text") or ""
            else:
                whole: Any = json.loads(data, object_hook=lambda values: Told(**values))
                if isinstance(whole, Told):
                    yield whole

    def _data_of(self, part: bytes) -> Iterator[bytes]:
        body = self._rest + part
        if b"\r" in body:
            body = body.replace(b"\r\n", b"\n")
        *blocks, self._rest = body.split(b"\n\n")
        for block in blocks:
            lines = [line[5:].removeprefix(b" ") for line in block.split(b"\n") if line.startswith(b"data:")]
            if lines:
                yield b"\n".join(lines)
