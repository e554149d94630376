"""Answers that are on their way when somebody switches AI off: they end within seconds, not when the model is done."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from config.database import Database
from course.language_model.switches import Switches

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class _Watched:
    context_key: str
    is_off: threading.Event = field(default_factory=threading.Event)


class SwitchWatch:
    """The one of a process. Its thread looks while answers are on their way, and rests when there are none."""

    def __init__(self, database: Database, switches: Switches) -> None:
        self._database = database
        self._switches = switches
        self._lock = threading.Lock()
        self._watched: set[_Watched] = set()
        self._thread: threading.Thread | None = None
        self._pause = threading.Event()  # never set: only to wait on

    @contextmanager
    def watching(self, context_key: str) -> Iterator[Callable[[], bool]]:
        """While the block runs: a function that says whether the answer is still wanted. It never waits."""
        watched = _Watched(context_key)
        with self._lock:
            self._watched.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="switches", daemon=True)
                self._thread.start()
        try:
            yield lambda: not watched.is_off.is_set()
        finally:
            with self._lock:
                self._watched.discard(watched)

    def _look(self) -> None:
        while True:
            self._pause.wait(LOOK_SECONDS)
            with self._lock:
                watched = list(self._watched)
                if not watched:
                    self._thread = None
                    return
            try:
                self._look_at(watched)
            except SQLAlchemyError as error:
                log.warning("switches not looked at", extra={"cause": error.__class__.__name__})

    def _look_at(self, watched: list[_Watched]) -> None:
        with self._database.reading() as session:
            off = {key: self._switches.found_off(session, key) for key in {one.context_key for one in watched}}
        for one in watched:
            if off[one.context_key] is not None:
                one.is_off.set()
