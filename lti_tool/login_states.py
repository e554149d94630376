"""Logins that were begun: remembered by hash, spent once (Security Framework §5.1.1, §7.3.1)."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import Database, changed_rows
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.models import LoginState

_STATE = re.compile(r"[A-Za-z0-9_-]{1,128}")


def fingerprint(secret: str) -> str:
    """The SHA-256 of `secret` in hex: what the database keeps in its place."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(secret: str, expected: str) -> bool:
    """Whether `expected` is the fingerprint of `secret`, compared in constant time."""
    return hmac.compare_digest(fingerprint(secret), expected)


@dataclass(frozen=True, slots=True)
class SpentLogin:
    """A begun login that this request, and no other, has used up."""

    registration_id: int
    nonce_hash: str
    binding_hash: str
    target_link_uri: str


def remember_login(
    session: Session,
    *,
    state: str,
    nonce: str,
    binding_secret: str,
    registration_id: int,
    target_link_uri: str,
    seconds: int,
) -> None:
    """Store a login that may be answered within `seconds`."""
    session.add(
        LoginState(
            state_hash=fingerprint(state),
            nonce_hash=fingerprint(nonce),
            binding_hash=fingerprint(binding_secret),
            registration_id=registration_id,
            target_link_uri=target_link_uri,
            expires_at=clock.now() + timedelta(seconds=seconds),
        )
    )
    session.flush()


def spend_login(database: Database, state: str) -> SpentLogin:
    """Use `state` up, in a transaction of its own: whatever becomes of the launch, it will not be accepted again.

    Of requests that arrive together one is let through. Raises `LaunchRefused`: STATE_MISSING, STATE_UNKNOWN,
    STATE_REPLAYED, STATE_EXPIRED.
    """
    if not state:
        raise LaunchRefused(Cause.STATE_MISSING)
    if not _STATE.fullmatch(state):
        raise LaunchRefused(Cause.STATE_UNKNOWN)
    now = clock.now()
    with database.transaction() as session:
        spending = update(LoginState).where(LoginState.state_hash == fingerprint(state), LoginState.spent_at.is_(None))
        spent_by_us = changed_rows(session.execute(spending.values(spent_at=now))) == 1
        row = session.get(LoginState, fingerprint(state))
    if row is None:
        raise LaunchRefused(Cause.STATE_UNKNOWN)
    if not spent_by_us:
        raise LaunchRefused(Cause.STATE_REPLAYED)
    if row.expires_at <= now:
        raise LaunchRefused(Cause.STATE_EXPIRED)
    return SpentLogin(row.registration_id, row.nonce_hash, row.binding_hash, row.target_link_uri)


def is_nonce_spent(session: Session, nonce: str) -> bool:
    """Whether `nonce` belongs to a login that has been used up."""
    query = select(LoginState.spent_at).where(LoginState.nonce_hash == fingerprint(nonce))
    return session.scalar(query) is not None
