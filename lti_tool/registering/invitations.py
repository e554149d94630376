"""Invitations: an address that lets one platform register itself, once, within its time. Only its hash is kept.

A registration takes seconds and may fail on the way, so it first claims the invitation, and spends it in the same
transaction that stores the platform; a failure gives it back, and a process that died gives it back after a minute.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from config.words import N_
from lti_tool.claims import MAX_ID
from lti_tool.login_states import fingerprint
from lti_tool.models import Invitation, Registration
from lti_tool.registering.failures import Failure, RegistrationFailed

DEFAULT_LIFETIME = timedelta(hours=72)
CLAIMED_FOR = timedelta(seconds=60)  # longer than the two requests to the platform may take together
RANDOM_BYTES = 32
MAX_TOKEN = 200  # characters; ours have 43


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation allows: a platform called `name`, and if `registration_id` is set, that one brought up to
    date."""

    id: int
    name: str
    registration_id: int | None
    expires_at: datetime


def invite(
    session: Session, *, name: str, lifetime: timedelta = DEFAULT_LIFETIME, registration_id: int | None = None
) -> tuple[str, Invitation]:
    """A new invitation and its secret, which nobody can look up later. `name`: at most 255 characters are kept."""
    token = secrets.token_urlsafe(RANDOM_BYTES)
    now = clock.now()
    invitation = Invitation(
        token_hash=fingerprint(token),
        name=name[:MAX_ID],
        registration_id=registration_id,
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(invitation)
    session.flush()
    return token, invitation


def list_invitations(session: Session) -> list[Invitation]:
    """Every invitation whose time is not over, used ones as well, oldest first."""
    query = select(Invitation).where(Invitation.expires_at > clock.now())
    return list(session.scalars(query.order_by(Invitation.created_at, Invitation.id)))


def revoke(session: Session, invitation_id: int) -> bool:
    """Withdraw an invitation. False if there is none, or it has been used already."""
    unused = delete(Invitation).where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
    return changed_rows(session.execute(unused)) == 1


def look_at(session: Session, token: str) -> Invited:
    """What `token` allows, without using it. Raises `RegistrationFailed`: INVITATION_UNKNOWN, …_USED, …_EXPIRED."""
    found = session.scalar(select(Invitation).where(Invitation.token_hash == fingerprint(token[:MAX_TOKEN])))
    if found is None:
        raise RegistrationFailed(Failure.INVITATION_UNKNOWN)
    if found.used_at is not None:
        used_for = session.get(Registration, found.registration_id) if found.registration_id else None
        name = used_for.name if used_for else found.name
        raise RegistrationFailed(Failure.INVITATION_USED, details=((N_("name"), name),))
    if found.expires_at <= clock.now():
        raise RegistrationFailed(Failure.INVITATION_EXPIRED)
    return Invited(found.id, found.name, found.registration_id, found.expires_at)


def claim(session: Session, token: str) -> Invited:
    """Take an invitation for a registration that begins now; of two at once one gets it.

    Raises `RegistrationFailed` as `look_at`, and INVITATION_BUSY.
    """
    invited = look_at(session, token)
    now = clock.now()
    free = or_(Invitation.claimed_until.is_(None), Invitation.claimed_until <= now)
    taking = update(Invitation).where(Invitation.id == invited.id, Invitation.used_at.is_(None), free)
    if changed_rows(session.execute(taking.values(claimed_until=now + CLAIMED_FOR))) != 1:
        raise RegistrationFailed(Failure.INVITATION_BUSY)
    return invited


def give_back(session: Session, invited: Invited) -> None:
    """The registration came to nothing: the invitation may be used again at once."""
    session.execute(
        update(Invitation).where(Invitation.id == invited.id, Invitation.used_at.is_(None)).values(claimed_until=None)
    )


def spend(session: Session, invited: Invited, registration_id: int) -> None:
    """Use an invitation up for a platform that is stored in this very transaction.

    Raises `RegistrationFailed`: INVITATION_UNKNOWN if it was withdrawn meanwhile, INVITATION_BUSY if it was used.
    """
    spending = update(Invitation).where(Invitation.id == invited.id, Invitation.used_at.is_(None))
    values = {"used_at": clock.now(), "registration_id": registration_id, "claimed_until": None}
    if changed_rows(session.execute(spending.values(**values))) != 1:
        gone = session.get(Invitation, invited.id) is None
        raise RegistrationFailed(Failure.INVITATION_UNKNOWN if gone else Failure.INVITATION_BUSY)
