"""Who looks after this installation: accounts, sessions and tries to sign in, and the log of what they changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.database import Base, UtcDateTime

NAME_LENGTH = 64
ACTION_LENGTH = 64
SUBJECT_LENGTH = 255


class AdminAccount(Base):
    """Somebody who may sign in to `/admin`. `name` is in small letters; the password stands as its argon2id hash."""

    __tablename__ = "admin_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last time
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AdminSession(Base):
    """A browser in which an admin is signed in. Only the hash of its cookie is kept."""

    __tablename__ = "admin_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("admin_account.id", ondelete="CASCADE"), index=True)
    account: Mapped[AdminAccount] = relationship()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)  # to within `sessions.SEEN_EVERY`
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SignInTries(Base):
    """How many tries to sign in one address, browser or account name has had in the window that ends at `expires_at`.

    `bucket` is a hash: what a stranger types as a name is often a password.
    """

    __tablename__ = "admin_sign_in_tries"

    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditEntry(Base):
    """One change that an admin made. The database itself refuses to change or delete one (a trigger); see audit.py."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    action: Mapped[str] = mapped_column(String(ACTION_LENGTH), index=True)
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
