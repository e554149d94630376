"""How often one may try to sign in: counted in the database, so across processes and restarts.

A browser that has signed in with this name before shows a cookie that says so (`KnownBrowser`) and is counted by
itself. All others are counted by their address, and by the name they try. So a stranger who tries a name over and over
shuts it for browsers that are new to it, for a while, and never for the admin's own.
"""

import hashlib
import hmac
import ipaddress
import secrets
from datetime import timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import clock
from lti_tool.admin.models import SignInTries
from lti_tool.login_states import fingerprint

WINDOW = timedelta(minutes=15)
BY_ADDRESS = 10  # tries in a window
BY_BROWSER = 10
BY_NAME = 30


class TooManyTries(Exception):
    """Nothing was looked at. `wait` is how long until the next try is."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(str(wait))


class KnownBrowser:
    """The cookie of a browser in which somebody has signed in: a random value, sealed for their name by our secret."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()

    def cookie_for(self, name: str) -> str:
        """A fresh value, good for `name` alone."""
        value = secrets.token_urlsafe(16)
        return f"{value}.{self._seal(value, name)}"

    def names(self, cookie: str, name: str) -> str:
        """What `cookie` is counted by at tries for `name`; '' where it is not one of ours for that name."""
        value, _, seal = cookie.partition(".")
        return value if hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(value, name).encode()) else ""

    def _seal(self, value: str, name: str) -> str:
        message = f"admin browser|{name}|{value}".encode("utf-8", "replace")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def buckets(name: str, address: str, known_browser: str) -> dict[str, int]:
    """What a try is counted by, each with how many there may be. `known_browser` is '' for one that is not known."""
    if known_browser:
        return {fingerprint(f"browser {known_browser}"): BY_BROWSER}
    return {fingerprint(f"address {_network(address)}"): BY_ADDRESS, fingerprint(f"name {name}"): BY_NAME}


def _network(address: str) -> str:
    """Whoever has one IPv6 address has 2^64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def count(session: Session, limits: dict[str, int]) -> None:
    """Count a try before it is looked at, so that many at once gain nothing. Raises `TooManyTries`."""
    now = clock.now()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    wait = timedelta(0)
    for bucket, most in sorted(limits.items()):  # in one order everywhere, so that none waits for another in a circle
        is_over = SignInTries.expires_at <= now
        row = (
            insert(SignInTries)
            .values(bucket=bucket, tries=1, expires_at=now + WINDOW)
            .on_conflict_do_update(
                index_elements=["bucket"],
                set_={
                    "tries": case((is_over, 1), else_=SignInTries.tries + 1),
                    "expires_at": case((is_over, now + WINDOW), else_=SignInTries.expires_at),
                },
            )
            .returning(SignInTries.tries, SignInTries.expires_at)
        )
        tries, expires_at = session.execute(row).one()
        if tries > most:
            wait = max(wait, expires_at - now)
    if wait:
        raise TooManyTries(wait)


def forgive(session: Session, limits: dict[str, int]) -> None:
    """The try was a good one: its buckets begin anew."""
    session.execute(delete(SignInTries).where(SignInTries.bucket.in_(limits)))
