"""What platforms do differently when scores arrive: one object per platform, all differences here.

Measured on Moodle 4.5.6 and read in Canvas's code: any score that is not `FullyGraded` with a `scoreGiven` erases or
resets the grade held there. So such a score is never sent, on any platform.
"""

from dataclasses import dataclass
from typing import Any

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"


@dataclass(frozen=True, slots=True)
class Platform:
    """The plain reading of AGS 2.0, and what every platform's object starts from.

    `conflict_means_newer`: 409 says that the platform holds a score with the same or a later timestamp.
    """

    name: str = "LTI 1.3 platform"
    conflict_means_newer: bool = True

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:  # noqa: ARG002 - Canvas needs to know
        """Members to add to a score; `is_first` for the first score of this learner in this column."""
        return {}


@dataclass(frozen=True, slots=True)
class Canvas(Platform):
    """Canvas makes a new submission of every score unless told otherwise, and so uses up allowed attempts."""

    name: str = "Canvas"

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:
        return {CANVAS_SUBMISSION: {"new_submission": is_first}}


@dataclass(frozen=True, slots=True)
class Moodle(Platform):
    """Moodle compares timestamps in whole seconds and answers 409 unless ours is later."""

    name: str = "Moodle"


_BY_FAMILY: dict[str, Platform] = {"canvas": Canvas(), "moodle": Moodle()}
_GENERIC = Platform()


def platform_of(product_family: str | None) -> Platform:
    """The object for a launch's `product_family_code` (LTI core §5.4.7); the generic one when it says nothing."""
    return _BY_FAMILY.get((product_family or "").lower(), _GENERIC)
