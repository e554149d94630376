"""Invitations as admins make and withdraw them, in the console and by command alike; each is in the audit log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from lti_tool.admin import audit
from lti_tool.claims import MAX_ID, holds_control
from lti_tool.models import Invitation, Registration
from lti_tool.registering import invitations

OPEN, USED = "open", "used"
LONGEST_HOURS = 24 * 60
DEFAULT_HOURS = int(invitations.DEFAULT_LIFETIME.total_seconds() // 3600)


class InvitationInvalid(ValueError):
    """An invitation cannot be made like this; `field` is name, hours or platform."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """`state`: open or used. `registration_id`: the platform it may bring up to date or was used for, if any."""

    id: int
    name: str
    state: str
    registration_id: int | None
    platform: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def invite(
    session: Session, base_url: str, *, name: str, hours: int, registration_id: int | None, actor: str
) -> tuple[str, InvitationView]:
    """A new invitation, and its address, which nobody can look up later. Raises `InvitationInvalid`."""
    name = name.strip()
    if not 0 < len(name) <= MAX_ID or holds_control(name):
        raise InvitationInvalid("name")
    if not 1 <= hours <= LONGEST_HOURS:
        raise InvitationInvalid("hours")
    if registration_id is not None and session.get(Registration, registration_id) is None:
        raise InvitationInvalid("platform")
    token, invitation = invitations.invite(
        session, name=name, lifetime=timedelta(hours=hours), registration_id=registration_id
    )
    audit.note(
        session, actor, "invitation.make", f"invitation {invitation.id}", hours=hours, registration=registration_id
    )
    return f"{base_url}/lti/register?{urlencode({'invitation': token})}", _view(session, invitation)


def listing(session: Session) -> list[InvitationView]:
    """Every invitation whose time is not over, used ones as well, oldest first."""
    return [_view(session, one) for one in invitations.list_invitations(session)]


def withdraw(session: Session, invitation_id: int, *, actor: str) -> bool:
    """Withdraw an invitation. False if there is none, or it has been used already."""
    is_withdrawn = invitations.revoke(session, invitation_id)
    if is_withdrawn:
        audit.note(session, actor, "invitation.withdraw", f"invitation {invitation_id}")
    return is_withdrawn


def _view(session: Session, row: Invitation) -> InvitationView:
    platform = session.get(Registration, row.registration_id) if row.registration_id else None
    return InvitationView(
        id=row.id,
        name=row.name,
        state=USED if row.used_at else OPEN,
        registration_id=row.registration_id,
        platform=platform.name if platform else "",
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
