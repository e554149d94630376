"""Numbers as they are read out on pages."""

from decimal import ROUND_HALF_UP, Decimal

HUNDREDTHS = Decimal("0.01")


def points_text(points: Decimal, possible: Decimal) -> str:
    """Such as "4 of 5" or "0.67 of 1": at most two decimals, and none that say nothing."""
    return f"{_plain(points)} of {_plain(possible)}"


def _plain(value: Decimal) -> str:
    return f"{value.quantize(HUNDREDTHS, ROUND_HALF_UP).normalize():f}"
