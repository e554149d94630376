"""Points as they are read out on pages."""

from decimal import Decimal

from lti_tool.web.i18n import gettext, ngettext, number


def points_text(points: Decimal, possible: Decimal) -> str:
    """Such as "4 of 5" or "0.67 of 1": at most two decimals, and none that say nothing."""
    return gettext("%(points)s of %(possible)s", points=number(points), possible=number(possible))


def points_of(points: Decimal, possible: Decimal) -> str:
    """Such as "0.67 of 1 point"."""
    return ngettext(
        "%(points)s of %(possible)s point",
        "%(points)s of %(possible)s points",
        int(possible) if possible == int(possible) else 2,  # gettext's plurals know whole numbers only
        points=number(points),
        possible=number(possible),
    )
