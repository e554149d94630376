"""Rows that a process works on: one thread holds on to all of them while the work runs."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.orm import Session

from config.database import Database

log = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews the leases of all work running in this process, and rests when there is none.

    `renew` writes down that these owners are alive; it gets a session of a transaction of its own.
    """

    def __init__(self, database: Database, every: timedelta, renew: Callable[[Session, list[str]], None]) -> None:
        self._database = database
        self._every = every.total_seconds()
        self._renew_rows = renew
        self._owners: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, owner: str) -> Iterator[None]:
        """Keep `owner`'s lease alive while the block runs."""
        with self._changed:
            self._owners.add(owner)
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._owners.discard(owner)

    def _renew(self) -> None:
        while True:
            with self._changed:
                while not self._owners:
                    self._changed.wait()
                self._changed.wait(self._every)
                owners = list(self._owners)
            if not owners:
                continue
            try:
                with self._database.transaction() as session:
                    self._renew_rows(session, owners)
            except Exception as error:  # noqa: BLE001 - a lease lost costs repeated work, a dead keeper costs much of it
                log.warning("leases not renewed", extra={"cause": error.__class__.__name__})
