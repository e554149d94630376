"""Accounts of admins. Every change here signs its account out wherever that is called for, and is in the audit log."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from config.words import N_
from lti_tool.admin import audit, passwords, sessions
from lti_tool.admin.models import NAME_LENGTH, AdminAccount

_NAME = re.compile(rf"[a-z0-9][a-z0-9._@+-]{{1,{NAME_LENGTH - 1}}}")
_RESERVED = frozenset({audit.CLI, "system", "worker"})  # who else may stand in the audit log


class Account(NamedTuple):
    """An account as plain values."""

    id: int
    name: str
    created_at: datetime
    signed_in_at: datetime | None
    disabled_at: datetime | None


class AccountRefused(ValueError):
    """The account cannot be made or changed so; `template` says why, and what can be done."""

    def __init__(self, template: str, **values: str | int) -> None:
        self.template = template
        self.values = values
        super().__init__(template % values)


def plain_name(typed: str) -> str:
    """A name as it is kept: `Grace ` and `grace` are one person."""
    return typed.strip().lower()


def create(session: Session, name: str, password: str, *, actor: str) -> Account:
    """A new account. Raises `AccountRefused` and `passwords.PasswordRefused`."""
    name = plain_name(name)
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise AccountRefused(
            N_(
                "An admin’s name takes 2 to %(number)s characters: letters, digits, and . _ @ + - between them, "
                "such as grace or grace@example.edu. The names cli, system and worker are taken."
            ),
            number=NAME_LENGTH,
        )
    if _find(session, name) is not None:
        raise AccountRefused(N_("There is an admin %(name)s already; nothing was changed."), name=name)
    passwords.check_new(password, name)
    row = AdminAccount(name=name, password_hash=passwords.hashed(password), created_at=clock.now())
    session.add(row)
    session.flush()
    audit.note(session, actor, "admin.create", f"admin {name}")
    return _plain(row)


def list_accounts(session: Session) -> list[Account]:
    """All accounts, by name."""
    return [_plain(row) for row in session.scalars(select(AdminAccount).order_by(AdminAccount.name))]


def any_can_sign_in(session: Session) -> bool:
    """Whether there is an admin at all who is not disabled."""
    return session.scalar(select(AdminAccount.id).where(AdminAccount.disabled_at.is_(None)).limit(1)) is not None


def disable(session: Session, name: str, *, actor: str) -> Account:
    """Keep somebody out from now on, and sign them out everywhere. Raises `AccountRefused` for an unknown name."""
    row = _existing(session, name)
    if row.disabled_at is None:
        row.disabled_at = clock.now()
        ended = sessions.end_all(session, row.id)
        audit.note(session, actor, "admin.disable", f"admin {row.name}", sessions_ended=ended)
    return _plain(row)


def enable(session: Session, name: str, *, actor: str) -> Account:
    """Let somebody in again, with the password they had. Raises `AccountRefused` for an unknown name."""
    row = _existing(session, name)
    if row.disabled_at is not None:
        row.disabled_at = None
        audit.note(session, actor, "admin.enable", f"admin {row.name}")
    return _plain(row)


def set_password(session: Session, name: str, password: str, *, actor: str) -> Account:
    """Give an account another password, and sign it out everywhere. Raises as `create` does."""
    row = _existing(session, name)
    passwords.check_new(password, row.name)
    row.password_hash = passwords.hashed(password)
    ended = sessions.end_all(session, row.id)
    audit.note(session, actor, "admin.password", f"admin {row.name}", sessions_ended=ended)
    return _plain(row)


def _existing(session: Session, name: str) -> AdminAccount:
    row = _find(session, plain_name(name))
    if row is None:
        known: Sequence[str] = session.scalars(select(AdminAccount.name).order_by(AdminAccount.name)).all()
        if not known:
            raise AccountRefused(N_("There is no admin yet: `coursewright admin create NAME` makes the first one."))
        raise AccountRefused(
            N_("There is no admin %(name)s; there are: %(known)s."), name=plain_name(name), known=", ".join(known)
        )
    return row


def _find(session: Session, name: str) -> AdminAccount | None:
    return session.scalar(select(AdminAccount).where(AdminAccount.name == name))


def _plain(row: AdminAccount) -> Account:
    return Account(row.id, row.name, row.created_at, row.signed_in_at, row.disabled_at)
