"""The time left of an attempt, in words. Scripts carry on with the seconds; the clock that counts is the server's."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from course.models import Attempt
from lti_tool.web.i18n import duration, gettext
from lti_tool.web.sentences import time_element

UNDER_A_MINUTE_SECONDS = 45  # as in quiz_time.js
NEAR_END = 10  # a tenth of the whole time


@dataclass(frozen=True, slots=True)
class TimeView:
    """`seconds_left` is 0 or more, of `seconds_whole`; `text` says it as "about 12 minutes left"; `until` is the exact
    end. `is_near_end`: no more than a tenth is left."""

    seconds_left: int
    seconds_whole: int
    text: str
    until: Markup

    @property
    def is_near_end(self) -> bool:
        return self.seconds_left * NEAR_END <= self.seconds_whole


def time_left(attempt: Attempt, now: datetime) -> TimeView | None:
    """What is left of an open attempt, None where nothing ends it."""
    if attempt.ends_at is None:
        return None
    left = seconds_left(attempt, now) or 0
    whole = max(1, int((attempt.ends_at - attempt.started_at).total_seconds()))
    return TimeView(left, whole, _words(left), time_element(attempt.ends_at, exact=True))


def seconds_left(attempt: Attempt, now: datetime) -> int | None:
    """Whole seconds until nothing more is taken, 0 or more; None where nothing ends it."""
    return None if attempt.ends_at is None else max(0, int((attempt.ends_at - now).total_seconds()))


def _words(seconds: int) -> str:
    if seconds <= UNDER_A_MINUTE_SECONDS:
        return gettext("less than a minute left")
    return gettext("about %(time)s left", time=duration(round(seconds / 60)))
