"""What late work loses: never in time, never more than agreed, never less for being later."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.items import Late, Policy
from grading.late import days_late, deduction

DUE = datetime(2026, 9, 30, 22, tzinfo=UTC)


def policy(per_day: int = 10, at_most: int = 50, late: Late = Late.DEDUCT, due_at: datetime | None = DUE) -> Policy:
    return Policy(points=5, late=late, late_percent_per_day=per_day, late_percent_at_most=at_most, due_at=due_at)


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(hours=-1), 0), (timedelta(0), 0), (timedelta(minutes=2), 0), (timedelta(minutes=2, seconds=1), 1),
        (timedelta(hours=24), 1), (timedelta(hours=24, microseconds=1), 2), (timedelta(days=3, hours=1), 4),
    ],
)  # fmt: skip
def test_each_day_that_has_begun_counts_after_the_grace(after: timedelta, days: int) -> None:
    assert days_late(policy(), DUE + after) == days


def test_nothing_is_taken_without_a_due_date_or_a_rule() -> None:
    late = DUE + timedelta(days=3)
    assert deduction(policy(due_at=None), late, Fraction(5)) is None
    assert deduction(policy(late=Late.ACCEPT), late, Fraction(5)) is None
    assert deduction(policy(late=Late.REFUSE), late, Fraction(5)) is None
    taken = deduction(policy(), late, Fraction(5))
    assert taken is not None
    assert (taken.days_late, taken.percent, taken.points_before, taken.points) == (3, 30, 5, Fraction(7, 2))


rates = st.integers(0, 100)
moments = st.integers(-5000, 30000).map(lambda minutes: DUE + timedelta(minutes=minutes))


@given(rates, rates, moments, moments, st.fractions(0, 100))
def test_what_is_taken_is_bounded_and_grows_with_time(
    per_day: int, at_most: int, one: datetime, other: datetime, points: Fraction
) -> None:
    earlier, later = sorted((one, other))
    left = []
    for moment in (earlier, later):
        taken = deduction(policy(per_day, at_most), moment, points)
        if taken is None:
            left.append(points)
            continue
        assert moment > DUE
        assert 0 < taken.percent <= at_most
        assert taken.percent <= taken.days_late * per_day
        assert points * (100 - at_most) / 100 <= taken.points <= points
        left.append(taken.points)
    assert left[1] <= left[0]
    postponed = deduction(policy(per_day, at_most, due_at=DUE + timedelta(days=2)), later, points)
    assert (postponed.points if postponed else points) >= left[1]
