"""In which browsers an admin is signed in. The cookie holds a random token, the database only its hash."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from lti_tool.admin.models import AdminAccount, AdminSession
from lti_tool.login_states import fingerprint

IDLE = timedelta(hours=1)
LIFETIME = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=2)  # a page writes no more often than that


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, in this browser. `mark_is_due`: the session is still good, and its being used is to be kept."""

    account_id: int
    name: str
    session_hash: str
    mark_is_due: bool


def begin(session: Session, account_id: int, *, old_token: str = "") -> str:
    """A session with a fresh token, for the cookie; that of `old_token`, if the browser had one, ends."""
    if old_token:
        end(session, old_token)
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        AdminSession(
            token_hash=fingerprint(token),
            account_id=account_id,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()
    return token


def find(session: Session, token: str) -> SignedIn | None:
    """Whose session the token names; None once it is over, idle for too long, or its account is disabled."""
    now = clock.now()
    row = session.execute(
        select(AdminSession, AdminAccount.name)
        .join(AdminAccount, AdminAccount.id == AdminSession.account_id)
        .where(AdminSession.token_hash == fingerprint(token), AdminAccount.disabled_at.is_(None))
        .where(AdminSession.expires_at > now, AdminSession.seen_at > now - IDLE)
    ).one_or_none()
    if row is None:
        return None
    found, name = row
    return SignedIn(found.account_id, name, found.token_hash, found.seen_at <= now - SEEN_EVERY)


def mark_seen(session: Session, session_hash: str) -> None:
    """The session is in use: its idle time begins anew."""
    session.execute(update(AdminSession).where(AdminSession.token_hash == session_hash).values(seen_at=clock.now()))


def end(session: Session, token: str) -> None:
    """Sign this browser out."""
    session.execute(delete(AdminSession).where(AdminSession.token_hash == fingerprint(token)))


def end_all(session: Session, account_id: int) -> int:
    """Sign an account out in every browser; in how many it was signed in."""
    return changed_rows(session.execute(delete(AdminSession).where(AdminSession.account_id == account_id)))
