"""The only source of time. Everything is UTC and aware; tests move the clock by replacing `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, in UTC, with microseconds."""
    return datetime.now(UTC)


def whole_second(moment: datetime) -> datetime:
    """`moment` cut down to its whole second: LMSs compare score timestamps no finer than that."""
    return moment.replace(microsecond=0)


def isoformat(moment: datetime) -> str:
    """ISO 8601 with milliseconds and `Z`, the one form that Moodle, Canvas and the AGS spec all take."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
