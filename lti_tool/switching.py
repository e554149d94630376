"""Switching platforms and their deployments on and off."""

from sqlalchemy.orm import Session

from config import clock
from lti_tool.models import Deployment, Registration
from lti_tool.permission import ACTIVE
from lti_tool.waking import wake


def switch(session: Session, changed: Registration | Deployment, state: str) -> bool:
    """Put a platform or one of its deployments into a state of permission.py; False if that is how it was.

    One that is switched on again is owed what waited: its scores are due at once.
    """
    if changed.state == state:
        return False
    changed.state, changed.state_since = state, clock.now()
    session.flush()
    if state == ACTIVE:
        wake(session, changed.id if isinstance(changed, Registration) else changed.registration_id)
    return True
