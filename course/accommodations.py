"""What one learner has more of than the others: time, attempts, days, dates of their own. Set once for a context, and
in force for quizzes, tests and labs alike.

A row for all items and one for a single item add to each other in the learner's favour: the higher percentage and
the higher number of extra attempts hold, and dates of their own stand in place of the moved ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.items import Policy
from course.models import Accommodation
from course.policy_values import DATES

ALL_ITEMS = ""
LIMITS = {"time_percent": (100, 1000), "extra_attempts": (0, 1000), "extra_days": (0, 3650)}


class AccommodationInvalid(Exception):
    """Values that cannot be an accommodation; `faults` names each in a sentence."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def accommodations_in(session: Session, context_key: str) -> list[Accommodation]:
    """Every accommodation of a context, by learner and item."""
    query = select(Accommodation).where(Accommodation.context_key == context_key)
    return list(session.scalars(query.order_by(Accommodation.learner_id, Accommodation.item_id)))


def accommodations_for(session: Session, context_key: str, learner_id: int) -> dict[str, Accommodation]:
    """A learner's accommodations in a context, by item id; that of all items is under ''."""
    query = select(Accommodation).where(
        Accommodation.context_key == context_key, Accommodation.learner_id == learner_id
    )
    return {row.item_id: row for row in session.scalars(query)}


def own_policy(policy: Policy, rows: Mapping[str, Accommodation], item_id: str) -> Policy:
    """The rules of an item for a learner whose `accommodations_for` a context are these."""
    return accommodated(policy, [rows[key] for key in (ALL_ITEMS, item_id) if key in rows])


def accommodated(policy: Policy, rows: Sequence[Accommodation]) -> Policy:
    """The rules for a learner with these accommodations, which hold for the item: more generous in every respect,
    except where dates of their own are earlier."""
    if not rows:
        return policy
    percent = max(row.time_percent for row in rows)
    days = timedelta(days=max(row.extra_days for row in rows))
    minutes, attempts = policy.time_limit_minutes, policy.attempts
    own = {name: next((date for row in rows if (date := getattr(row, name)) is not None), None) for name in DATES}
    due_at = own["due_at"] or (policy.due_at and policy.due_at + days)
    closes_at = own["closes_at"] or (policy.closes_at and policy.closes_at + days)
    if due_at and closes_at and not own["closes_at"]:
        closes_at = max(closes_at, due_at)  # a due date of their own would be of no use after the end
    return replace(
        policy,
        time_limit_minutes=None if minutes is None else -(-minutes * percent // 100),  # rounded up
        attempts=None if attempts is None else attempts + max(row.extra_attempts for row in rows),
        opens_at=own["opens_at"] or policy.opens_at,
        due_at=due_at,
        closes_at=closes_at,
    )


def set_accommodation(
    session: Session, context_key: str, learner_id: int, item_id: str = ALL_ITEMS, **given: int | datetime | None
) -> Accommodation:
    """Set the values given (names as in `Accommodation`), and keep the others; a date of None is taken away.

    Raises `AccommodationInvalid`. What follows for attempts already begun is `lti_tool.policy_changes`'s to do.
    """
    row = session.get(Accommodation, (context_key, learner_id, item_id))
    names = [*LIMITS, *DATES]
    now = {name: getattr(row, name) for name in names} if row else {name: low for name, (low, _) in LIMITS.items()}
    if faults := _faults(item_id, {**now, **given}):
        raise AccommodationInvalid(faults)
    if row is None:
        row = Accommodation(context_key=context_key, learner_id=learner_id, item_id=item_id, **now)
        session.add(row)
    for name, value in given.items():
        setattr(row, name, value)
    row.changed_at = clock.now()
    session.flush()
    return row


def clear_accommodation(session: Session, context_key: str, learner_id: int, item_id: str = ALL_ITEMS) -> bool:
    """Take an accommodation away; False when there was none."""
    row = session.get(Accommodation, (context_key, learner_id, item_id))
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def _faults(item_id: str, values: dict[str, int | datetime | None]) -> list[str]:
    faults = [
        f"{name} must be a whole number from {low} to {high}, not {values[name]}."
        for name, (low, high) in LIMITS.items()
        if not (isinstance(values[name], int) and low <= int(str(values[name])) <= high)
    ]
    if item_id == ALL_ITEMS:
        faults += [f"{name} is for one item: name the item." for name in DATES if values.get(name)]
    elif values["extra_days"]:
        faults.append("extra_days move the dates of all items: leave the item out, or give it a due_at of its own.")
    dates = [(name, date) for name in DATES if isinstance(date := values.get(name), datetime)]
    faults += [f"{name} needs its zone." for name, date in dates if date.tzinfo is None]
    if not faults:
        pairs = pairwise(dates)
        faults += [f"{later} must not be before {earlier}." for (earlier, one), (later, other) in pairs if other < one]
    return faults
