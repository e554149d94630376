"""What may be forgotten once its time is over."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from config import clock
from lti_tool.admin.models import AdminSession, SignInTries
from lti_tool.launch_events import forget_old
from lti_tool.models import AccessToken, BrowserSession, Invitation, LoginState, ReceivedNotice, Selection, SpentToken


def forget_expired(session: Session) -> None:
    """Delete every row whose `expires_at` has passed, and old launch events. Grades, attempts and people are never
    among them."""
    now = clock.now()
    passing = (LoginState, BrowserSession, SpentToken, AccessToken, Selection, Invitation, AdminSession, SignInTries)
    for table in (*passing, ReceivedNotice):
        session.execute(delete(table).where(table.expires_at < now))
    forget_old(session)
