"""The last trial of each platform, kept so that a page can show it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from config import clock
from lti_tool.models import PlatformTrial, Registration
from lti_tool.registering.trial import FAILED, Step


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found, and when."""

    tried_at: datetime
    steps: tuple[Step, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing has failed."""
        return all(step.state != FAILED for step in self.steps)


def keep_trial(session: Session, registration_id: int, steps: Sequence[Step]) -> None:
    """Keep what was found, in place of what was found before; nothing, if the platform is gone by now."""
    if session.get(Registration, registration_id, with_for_update=True) is not None:
        found = [asdict(step) for step in steps]
        session.merge(PlatformTrial(registration_id=registration_id, tried_at=clock.now(), steps=found))


def last_trial(session: Session, registration_id: int) -> Trial | None:
    """The last one; None if there was none."""
    row = session.get(PlatformTrial, registration_id)
    return Trial(row.tried_at, tuple(Step(**step) for step in row.steps)) if row else None
