"""What platforms do differently when scores arrive: one object per platform, all differences here.

Measured on Moodle 4.5.6 and read in Canvas's code: any score that is not `FullyGraded` with a `scoreGiven` erases or
resets the grade held there. So such a score is never sent, on any platform.
"""

from typing import Any

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
MOODLE_MAXIMUM = 100  # points of a column, on a site whose admin has not raised it


class Platform:
    """The plain reading of AGS 2.0, which fits Moodle too, and what every other platform's object starts from.

    `takes_dates`: whether an activity that comes by deep linking brings its dates along. `publishes`: whether it is
    open to students as soon as it is there.
    """

    takes_dates = True
    publishes = True

    def column_maximum(self, points: float) -> float:
        """The maximum of a new column for an item of so many points. Scores name their own maximum and are rescaled to
        it, so another number costs nobody anything."""
        return int(points) if points == int(points) else points

    def takes_only_graded(self, placement: str) -> bool:  # noqa: ARG002 - Canvas needs to know
        """Whether the place that a choice was asked for (`SelectionRequest.placement`) is one for a graded activity."""
        return False

    def makes_columns(self, placement: str) -> bool:  # noqa: ARG002 - Canvas needs to know
        """Whether graded activities that are chosen for the place get a column."""
        return True

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:  # noqa: ARG002 - Canvas needs to know
        """Members to add to a score; `is_first` for the first score of this learner in this column."""
        return {}


class Canvas(Platform):
    """Canvas makes a new submission of every score unless told otherwise, and so uses up allowed attempts.

    Read in its code: what is chosen in the editor is a link in a text without a column; the form of an assignment takes
    one activity, which is graded; assignments that come by deep linking are unpublished.
    """

    publishes = False

    def takes_only_graded(self, placement: str) -> bool:
        return placement == "assignment_selection"

    def makes_columns(self, placement: str) -> bool:
        return placement != "editor_button"

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:
        return {CANVAS_SUBMISSION: {"new_submission": is_first}}


class Moodle(Platform):
    """Measured on Moodle 4.5.6: of an activity that comes by deep linking it takes no dates, and a maximum only if it
    is a whole number up to the site's own limit (100 unless an admin changed it); any other loses the whole activity
    without a word when several come at once."""

    takes_dates = False

    def column_maximum(self, points: float) -> float:
        return int(points) if points == int(points) and 1 <= points <= MOODLE_MAXIMUM else MOODLE_MAXIMUM


_PLAIN = Platform()
_BY_FAMILY: dict[str, Platform] = {"canvas": Canvas(), "moodle": Moodle()}


def platform_of(product_family: str | None) -> Platform:
    """The object for a launch's `product_family_code` (LTI core §5.4.7); the plain one for all others."""
    return _BY_FAMILY.get((product_family or "").lower(), _PLAIN)
