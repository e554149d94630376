"""kombu's filesystem transport with the two holes closed through which a message half written stops a worker.

The library makes a file under its final name and then writes it, so that a reader in between finds it empty, fails to
parse it, and takes its worker down. Here files appear whole, under a name of their own until then.
"""

import json
import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

NAME = "filesystem"


class Channel(filesystem.Channel):
    """The library's channel, writing whole files and shrugging at broken ones: the row, not the message, counts."""

    def _put(self, queue: Any, payload: Any, **_: Any) -> None:  # type: ignore[override]  # its two parents disagree
        name = f"{round(monotonic() * 1000):020d}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: Any, timeout: Any = None) -> Any:  # noqa: ARG002 - the library's signature
        try:
            return super()._get(queue)
        except ValueError:
            raise Empty from None

    def get_table(self, exchange: str) -> Any:
        try:
            return super().get_table(exchange)
        except ValueError:
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        # Two processes that bind at once: the later one's table wins, and every process binds all queues at start.
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = [filesystem.exchange_queue_t(*known) for known in self.get_table(exchange)]
        if binding not in table:
            self.control_folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self._exchange_file(exchange), [*table, binding])


def _write_whole(file: Path, content: Any) -> None:
    unfinished = file.with_name(f"{uuid.uuid4()}.unfinished")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    os.replace(unfinished, file)


class Transport(filesystem.Transport):
    """What `filesystem://` means in our processes."""

    Channel = Channel


def use() -> None:
    """Let `filesystem://` addresses lead here."""
    TRANSPORT_ALIASES[NAME] = f"{__name__}:Transport"
