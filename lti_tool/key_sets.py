"""Platforms' keys, kept in the database for all processes: a warm launch makes no request at all.

A set is fetched when there is none, when it is a day old, and when a message names a key that it does not hold. The
last is what lets a platform change its keys at any moment, and what a forger could use to make us hammer it: so
fetches that bring nothing are counted, and after two within a minute the next waits.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests
from sqlalchemy.exc import IntegrityError

from config import clock
from config.database import Database
from config.words import N_
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused, PlatformError, PlatformRefused
from lti_tool.jwks import Jwk, PrivateAddress, fetch_keys
from lti_tool.models import PlatformKeySet

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)
STILL_USABLE = timedelta(days=7)  # how long an old set serves if the platform's address does not answer
FRUITLESS_WINDOW = timedelta(minutes=1)
FRUITLESS_LIMIT = 2
LOCK_SECONDS = 15.0
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_fetching: dict[int, threading.Lock] = {}  # per registration: a class of 300 after a key change makes one fetch


@dataclass(frozen=True, slots=True)
class _Cached:
    keys: list[Jwk]
    fetched_at: datetime
    fruitless_at: tuple[datetime, ...]

    def is_younger_than(self, age: timedelta) -> bool:
        return clock.now() - self.fetched_at < age

    def find(self, kid: str) -> Jwk | None:
        return next((key for key in self.keys if key["kid"] == kid), None)


class KeySets:
    """One registration's keys. No transaction is open while the platform is asked."""

    def __init__(self, database: Database, http: requests.Session, registration_id: int, url: str) -> None:
        self._database = database
        self._http = http
        self._registration_id = registration_id
        self._url = url

    def find_key(self, kid: str) -> Jwk:
        """The platform's public key named `kid`.

        Raises `LaunchRefused`: KID_UNKNOWN, KEY_SET_UNREACHABLE, KEY_SET_UNUSABLE or KEY_SET_FORBIDDEN.
        """
        cached = self._read()
        key = cached.find(kid)
        if key and cached.is_younger_than(FRESH):
            return key
        old = key if cached.is_younger_than(STILL_USABLE) else None
        lock = _fetching.setdefault(self._registration_id, threading.Lock())
        if not lock.acquire(timeout=0 if old else LOCK_SECONDS):
            if old:  # another thread is renewing the set; the old key serves meanwhile
                return old
            raise self._refusal(PlatformError("it is still being asked"))
        try:
            return self._fetch(kid, old, cached.fetched_at)
        finally:
            lock.release()

    def _fetch(self, kid: str, old: Jwk | None, seen: datetime) -> Jwk:
        cached = self._read()
        if cached.fetched_at != seen:  # somebody fetched while we waited for the lock
            return cached.find(kid) or self._unknown(kid)
        if sum(clock.now() - at < FRUITLESS_WINDOW for at in cached.fruitless_at) >= FRUITLESS_LIMIT:
            if cached.fetched_at == NEVER:
                raise self._refusal(PlatformError("it has just failed to answer"))
            return old or self._unknown(kid)
        try:
            keys = fetch_keys(self._http, self._url)
        except PlatformError as error:
            return self._failed(error, old)
        found = next((key for key in keys if key["kid"] == kid), None)
        self._store(keys, fruitful=found is not None)
        return found or self._unknown(kid)

    def _failed(self, error: PlatformError, old: Jwk | None) -> Jwk:
        log.warning("key set not renewed: %s", error.reason, extra={"registration": self._registration_id})
        self._store(None, fruitful=False)
        if old is None:
            raise self._refusal(error) from error
        return old

    def _read(self) -> _Cached:
        with self._database.reading() as session:
            row = session.get(PlatformKeySet, self._registration_id)
        if row is None or row.jwks_url != self._url:  # a registration that was changed trusts no key of its old address
            return _Cached([], NEVER, ())
        return _Cached(row.keys, row.fetched_at, tuple(datetime.fromisoformat(at) for at in row.fruitless_at))

    def _store(self, keys: list[Jwk] | None, *, fruitful: bool) -> None:
        """Keep `keys` (None: the fetch failed, what is there stays) and count the fetch if it brought nothing."""
        now = clock.now()
        try:
            with self._database.transaction() as session:
                row = session.get(PlatformKeySet, self._registration_id, with_for_update=True)
                if row is None:
                    row = PlatformKeySet(registration_id=self._registration_id, jwks_url="", keys=[], fruitless_at=[])
                    session.add(row)
                if row.jwks_url != self._url:
                    row.jwks_url, row.keys, row.fetched_at, row.fruitless_at = self._url, [], NEVER, []
                if keys is not None:
                    row.keys, row.fetched_at = keys, now
                if not fruitful:
                    recent = [at for at in row.fruitless_at if now - datetime.fromisoformat(at) < FRUITLESS_WINDOW]
                    row.fruitless_at = [*recent, now.isoformat()]
        except IntegrityError:
            # Another process stored the first set at the same moment, or the registration has just been removed:
            # nothing is lost, the next launch reads what is there.
            log.info("key set stored elsewhere", extra={"registration": self._registration_id})

    def _unknown(self, kid: str) -> Jwk:
        raise LaunchRefused(Cause.KID_UNKNOWN, details=((N_("kid"), kid), (N_("key set"), self._url)))

    def _refusal(self, error: PlatformError) -> LaunchRefused:
        cause = Cause.KEY_SET_UNREACHABLE
        if isinstance(error, PlatformRefused):
            cause = Cause.KEY_SET_FORBIDDEN if isinstance(error, PrivateAddress) else Cause.KEY_SET_UNUSABLE
        return LaunchRefused(cause, details=((N_("key set"), self._url), (N_("reason"), error.reason)))
