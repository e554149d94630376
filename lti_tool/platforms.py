"""What platforms do differently when scores arrive: one object per platform, all differences here.

Measured on Moodle 4.5.6 and read in Canvas's code: any score that is not `FullyGraded` with a `scoreGiven` erases or
resets the grade held there. So such a score is never sent, on any platform.
"""

from typing import Any

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"


class Platform:
    """The plain reading of AGS 2.0, which fits Moodle too, and what every other platform's object starts from."""

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:  # noqa: ARG002 - Canvas needs to know
        """Members to add to a score; `is_first` for the first score of this learner in this column."""
        return {}


class Canvas(Platform):
    """Canvas makes a new submission of every score unless told otherwise, and so uses up allowed attempts."""

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:
        return {CANVAS_SUBMISSION: {"new_submission": is_first}}


_PLAIN = Platform()
_BY_FAMILY: dict[str, Platform] = {"canvas": Canvas()}


def platform_of(product_family: str | None) -> Platform:
    """The object for a launch's `product_family_code` (LTI core §5.4.7); the plain one for all others."""
    return _BY_FAMILY.get((product_family or "").lower(), _PLAIN)
