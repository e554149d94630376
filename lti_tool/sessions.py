"""Who may open what after a launch: a browser's session and its seats.

The cookie names the browser and nothing else. A seat lets that browser act as one learner at one placement, so two
tabs in two courses, or a teacher and a student in one browser, sit side by side. Each launch brings a fresh token
that takes the old one's seats along: a token that somebody planted before a launch gains nothing by it.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import clock
from course.models import Learner, Placement
from lti_tool.login_states import fingerprint
from lti_tool.models import BrowserSession, LoginState, Seat
from lti_tool.roles import INSTRUCTOR

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Occupant:
    """A seat as plain values: who sits where, in which role, and what the platform said of the visit."""

    placement_id: int
    learner_id: int
    role: str
    return_url: str | None
    locale: str

    @property
    def is_instructor(self) -> bool:
        """Whether this visit previews rather than works: nothing it does becomes a grade."""
        return self.role == INSTRUCTOR


def open_session(
    session: Session,
    occupant: Occupant,
    *,
    cookie_token: str | None,
    login_bindings: Iterable[str] = (),
    state: str | None = None,
) -> str:
    """A fresh session for a browser that has just launched; the token for its cookie.

    `state` is that of the login which led here, if one did. The session takes along the seats of the browser's old
    cookie, and of the launches whose login cookies the browser still shows: of two frames that launch at the same
    moment, neither then loses its seat to the other's cookie.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    fresh = BrowserSession(token_hash=fingerprint(token), created_at=now, expires_at=now + LIFETIME)
    session.add(fresh)
    session.flush()
    for seat in _seats_to_take_along(session, cookie_token, [fingerprint(one) for one in login_bindings]):
        session.merge(_copy(seat, fresh.id))
    if state:
        answered = update(LoginState).where(LoginState.state_hash == fingerprint(state))
        session.execute(answered.values(browser_session_id=fresh.id))
    session.merge(
        Seat(
            browser_session_id=fresh.id,
            placement_id=occupant.placement_id,
            learner_id=occupant.learner_id,
            role=occupant.role,
            return_url=occupant.return_url,
            locale=occupant.locale,
            launched_at=now,
        )
    )
    return token


def _seats_to_take_along(session: Session, cookie_token: str | None, binding_hashes: list[str]) -> list[Seat]:
    hashes = [fingerprint(cookie_token)] if cookie_token else []
    by_login = select(LoginState.browser_session_id).where(LoginState.binding_hash.in_(binding_hashes))
    query = (
        select(Seat)
        .join(BrowserSession, BrowserSession.id == Seat.browser_session_id)
        .where(BrowserSession.token_hash.in_(hashes) | BrowserSession.id.in_(by_login))
        .where(BrowserSession.expires_at > clock.now(), Seat.launched_at > clock.now() - LIFETIME)
        .order_by(Seat.launched_at)
    )
    return list(session.scalars(query))


def _copy(seat: Seat, browser_session_id: int) -> Seat:
    return Seat(
        browser_session_id=browser_session_id,
        placement_id=seat.placement_id,
        learner_id=seat.learner_id,
        role=seat.role,
        return_url=seat.return_url,
        locale=seat.locale,
        launched_at=seat.launched_at,
    )


def find_occupant(session: Session, token: str, placement_key: str, learner_key: str) -> Occupant | None:
    """The seat that a request's cookie and address name together; None when this browser has no such seat."""
    row = session.scalar(
        select(Seat)
        .join(BrowserSession, BrowserSession.id == Seat.browser_session_id)
        .join(Placement, Placement.id == Seat.placement_id)
        .join(Learner, Learner.id == Seat.learner_id)
        .where(BrowserSession.token_hash == fingerprint(token), BrowserSession.expires_at > clock.now())
        .where(Seat.launched_at > clock.now() - LIFETIME)
        .where(Placement.key == placement_key, Learner.key == learner_key)
    )
    if row is None:
        return None
    return Occupant(row.placement_id, row.learner_id, row.role, row.return_url, row.locale)
