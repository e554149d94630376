"""Pure: how well two series of levels agree, and how sure one can be of a figure."""

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

LEVELS = 5
SAMPLES = 1_000
Item = TypeVar("Item")


def quadratic_weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Cohen's kappa with quadratic weights for levels 0 to 4, 1 at most; None when it is not defined (no pairs, or
    both series without any variation)."""
    if not pairs:
        return None
    ones, others = _counts([one for one, _ in pairs]), _counts([other for _, other in pairs])
    seen = sum((one - other) ** 2 for one, other in pairs) / len(pairs)
    expected = sum(
        (one - other) ** 2 * ones[one] * others[other] for one in range(LEVELS) for other in range(LEVELS)
    ) / (len(pairs) ** 2)
    return None if expected == 0 else 1 - seen / expected


def _counts(levels: Sequence[int]) -> list[int]:
    return [sum(level == one for level in levels) for one in range(LEVELS)]


def share(hits: Sequence[bool]) -> float | None:
    """The share of hits, 0 to 1; None of nothing."""
    return sum(hits) / len(hits) if hits else None


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that `percent` of the values do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def interval(
    items: Sequence[Item], figure: Callable[[Sequence[Item]], float | None], seed: int = 1
) -> tuple[float, float] | None:
    """A 95 % bootstrap interval: the figure over samples of the items, drawn with replacement. None where the figure
    cannot be had."""
    if figure(items) is None:
        return None
    chance = random.Random(seed)  # noqa: S311 - the same set gives the same interval
    found = [figure(chance.choices(items, k=len(items))) for _ in range(SAMPLES)]
    known = sorted(value for value in found if value is not None)
    return known[int(0.025 * len(known))], known[min(len(known) - 1, int(0.975 * len(known)))]
