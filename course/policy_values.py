"""Rules of a graded item as plain values, as course files, a context's overrides and snapshots hold them.

A key that is not there leaves the rule as it is. `null` and the word `unlimited` take a limit away.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from course.items import Counts, Feedback, Late, Policy, Release, Shuffle, UnlockWhen, WrittenAnswer

DATES = ("opens_at", "due_at", "closes_at")
MOMENTS = (*DATES, "release_at")  # every rule that is a date
YEARS = range(2000, 3000)  # at the ends of the calendar neither zones nor days can be added


def moment(text: str | None) -> datetime | None:
    """The moment of an ISO 8601 text, in UTC; None of None. Raises ValueError for no date, for one without a zone, and
    for one outside of `YEARS`."""
    if text is None:
        return None
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("a date needs its zone")
    if parsed.year not in YEARS:
        raise ValueError(f"no date of a course is in the year {parsed.year}")
    return parsed.astimezone(UTC)


def _whole(value: Any) -> int | None:
    return None if value in (None, "unlimited") else int(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "points": float,
    "attempts": _whole,
    "counts": Counts,
    "pass_percent": _whole,
    "shuffle": Shuffle,
    "feedback": Feedback,
    "time_limit_minutes": _whole,
    **dict.fromkeys(MOMENTS, moment),
    "late": Late,
    "late_percent_per_day": int,
    "late_percent_at_most": int,
    "unlock_after": tuple,
    "unlock_when": UnlockWhen,
    "release": Release,
    "written_answer": WrittenAnswer,
}

RULES = tuple(_READERS)
"""The names of all rules, in the order of the documentation."""


def with_rules(policy: Policy, rules: Mapping[str, Any]) -> Policy:
    """The policy with these rules in place of its own. Raises KeyError, TypeError or ValueError for values that do not
    fit; those of a file or an override have been held against the schema before."""
    return replace(policy, **{key: _READERS[key](value) for key, value in rules.items()})


def policy_from_values(values: Mapping[str, Any]) -> Policy:
    """The policy from what `dataclasses.asdict` and JSON made of one, or of one of a version that knew fewer rules."""
    return with_rules(Policy(points=float(values["points"])), values)
