"""The audit log: every change an admin makes, written in the transaction that makes it, and never changed after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from lti_tool.admin.models import SUBJECT_LENGTH, AuditEntry

CLI = "cli"
PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `action` is a verb-noun code such as `registration.disable`, `subject` such as `registration 3`."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; '' and None ask for all. `subject` is how it begins: `registration` finds `registration 3`."""

    action: str = ""
    subject: str = ""
    actor: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the log, newest first; `before` asks for the next one, None where there is none."""

    entries: tuple[Entry, ...]
    before: int | None


def note(session: Session, actor: str, action: str, subject: str, **detail: Any) -> None:
    """Write that `actor` (an admin's name, or `CLI`) did this. `detail` takes ids and settings that JSON can hold, and
    never names or words of students, nor secrets."""
    session.add(AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject[:SUBJECT_LENGTH], detail=detail))
    session.flush()


def listing(
    session: Session, wanted: Wanted | None = None, *, before: int | None = None, length: int = PAGE_LENGTH
) -> Listing:
    """The newest `length` entries that are `wanted`, of those older than the entry `before`."""
    wanted = wanted or Wanted()
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(length + 1)
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditEntry.subject.startswith(wanted.subject, autoescape=True))
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.since:
        query = query.where(AuditEntry.at >= wanted.since)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = [
        Entry(row.id, row.at, row.actor, row.action, row.subject, row.detail) for row in session.scalars(query).all()
    ]
    shown = tuple(rows[:length])
    return Listing(shown, shown[-1].id if len(rows) > length else None)


def actions(session: Session) -> Sequence[str]:
    """The codes of everything that has been done yet, for choosing among them."""
    return session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def actors(session: Session) -> Sequence[str]:
    """Everybody who has changed something yet."""
    return session.scalars(select(AuditEntry.actor).distinct().order_by(AuditEntry.actor)).all()
