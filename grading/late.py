"""Pure: what late work loses. Nothing here reads a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from course.attempts import GRACE
from course.items import Late, Policy

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a late hand-in lost: `percent` (0 to 100) of `points_before`, as `days_late` (1 or more) have begun."""

    days_late: int
    percent: int
    points_before: Fraction

    @property
    def points(self) -> Fraction:
        """What is left, exact, 0 to `points_before`."""
        return self.points_before * (100 - self.percent) / 100


def days_late(policy: Policy, submitted_at: datetime) -> int:
    """How many days after the due date have begun, 0 when it was handed in in time. Within the grace that a lost
    connection gets nothing is late yet."""
    if policy.due_at is None or submitted_at <= policy.due_at + GRACE:
        return 0
    return -((policy.due_at - submitted_at) // DAY)  # rounded up


def deduction(policy: Policy, submitted_at: datetime, points: Fraction) -> Deduction | None:
    """What the rules take from `points` handed in at this moment; None when they take nothing."""
    days = days_late(policy, submitted_at)
    percent = min(days * policy.late_percent_per_day, policy.late_percent_at_most)
    if policy.late != Late.DEDUCT or percent == 0:
        return None
    return Deduction(days, percent, points)
