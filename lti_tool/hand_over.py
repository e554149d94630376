"""A one-time way to take a visit into a window of its own, where a browser lets a frame keep no cookie.

The token is signed, lives for minutes, works once, and travels in a form's body, never in an address.
"""

import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from lti_tool.login_states import fingerprint
from lti_tool.models import LtiUser, SpentToken
from lti_tool.sessions import Occupant

LIFETIME = timedelta(minutes=10)
_SALT = "hand-over"


def make_token(secret_key: str, occupant: Occupant) -> str:
    """A token that opens `occupant`'s seat once, within `LIFETIME`."""
    return URLSafeTimedSerializer(secret_key, salt=_SALT).dumps(
        [
            occupant.placement_id,
            occupant.learner_id,
            occupant.role,
            occupant.return_url,
            occupant.locale,
            secrets.token_hex(8),
        ]
    )


def spend_token(session: Session, secret_key: str, token: str) -> Occupant | None:
    """Whose seat a token opens; None if it is forged, too old, or was used before."""
    try:
        signer = URLSafeTimedSerializer(secret_key, salt=_SALT)
        placement_id, learner_id, role, return_url, locale, _ = signer.loads(
            token, max_age=int(LIFETIME.total_seconds())
        )
    except (BadSignature, ValueError, TypeError):
        return None
    try:
        with session.begin_nested():
            session.add(SpentToken(token_hash=fingerprint(token), expires_at=clock.now() + LIFETIME))
    except IntegrityError:
        return None
    return Occupant(placement_id, learner_id, role, return_url, locale)


def registration_id_of(session: Session, occupant: Occupant) -> int | None:
    """The platform that somebody came from; None if it was removed meanwhile."""
    return session.scalar(select(LtiUser.registration_id).where(LtiUser.learner_id == occupant.learner_id))
