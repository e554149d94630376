"""Signing in: a name and a password become a session. Wrong name, wrong password and a disabled account look alike,
in words and in work."""

import logging
import secrets
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from config.database import Database
from lti_tool.admin import audit, passwords, sessions, tries
from lti_tool.admin.accounts import plain_name
from lti_tool.admin.models import NAME_LENGTH, AdminAccount
from lti_tool.admin.sessions import SignedIn

log = logging.getLogger(__name__)


class NotSignedIn(Exception):
    """Name and password do not open anything."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session for this browser: the tokens of its two cookies."""

    token: str
    browser: str


def sign_in(
    database: Database, secret_key: str, name: str, password: str, *, address: str, browser: str, old_token: str
) -> Opened:
    """Sign somebody in. `browser` and `old_token` are what the browser's cookies hold, or ''.

    Raises `NotSignedIn` and `tries.TooManyTries`. The password is checked with no transaction open: that takes a while.
    """
    name = plain_name(name)[: NAME_LENGTH + 1]
    known = tries.KnownBrowser(secret_key)
    limits = tries.buckets(name, address, known.names(browser, name))
    _count(database, limits)
    nobodys = _nobodys()
    with database.reading() as session:
        row = session.scalar(select(AdminAccount).where(AdminAccount.name == name))
    kept = row.password_hash if row else nobodys
    is_right = len(password) <= passwords.LONGEST and passwords.is_right(kept, password)
    if not (row and is_right):
        log.warning("admin not signed in", extra={"cause": "name_or_password"})
        raise NotSignedIn
    fresh = passwords.hashed(password) if passwords.is_outdated(kept) else None
    with database.transaction() as session:
        account = session.get(AdminAccount, row.id, with_for_update=True)
        # Disabled, or given another password, while this one was being checked.
        if account is None or account.disabled_at is not None or account.password_hash != kept:
            log.warning("admin not signed in", extra={"cause": "disabled"})
            raise NotSignedIn
        if fresh:
            account.password_hash = fresh
        account.signed_in_at = clock.now()
        tries.forgive(session, limits)
        audit.note(session, name, "admin.sign-in", f"admin {name}")
        token = sessions.begin(session, account.id, old_token=old_token)
    return Opened(token, browser if known.names(browser, name) else known.cookie_for(name))


def check_own_password(session: Session, admin: SignedIn, password: str) -> None:
    """Have whoever is signed in show that they know their password. Raises `NotSignedIn` and `tries.TooManyTries`, and
    has counted the try: the caller's transaction is to be kept either way."""
    limits = tries.buckets(admin.name, "", admin.session_hash)
    tries.count(session, limits)
    row = session.get_one(AdminAccount, admin.account_id)
    if len(password) > passwords.LONGEST or not passwords.is_right(row.password_hash, password):
        raise NotSignedIn
    tries.forgive(session, limits)


def _count(database: Database, limits: dict[str, int]) -> None:
    refused: tries.TooManyTries | None = None
    with database.transaction() as session:  # kept also when this try is one too many
        try:
            tries.count(session, limits)
        except tries.TooManyTries as too_many:
            refused = too_many
    if refused:
        log.warning("admin not signed in", extra={"cause": "too_many_tries"})
        raise refused


@cache
def _nobodys() -> str:
    """A hash that no password is known for, made with today's parameters, so that unknown names take as long."""
    return passwords.hashed(secrets.token_urlsafe())
