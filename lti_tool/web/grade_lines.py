"""A learner's result and their grade as the gradebook has it, each in a line."""

from dataclasses import dataclass

from markupsafe import Markup

from course.models import Attempt
from grading.counting import what_counts
from lti_tool.standings import Score, Standing
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, percent
from lti_tool.web.sentences import sentence, time_element
from lti_tool.web.wording import points_text

DRAWINGS = {"none": "note", "on-its-way": "waiting", "delivered": "passed", "stuck": "stuck", "overruled": "note"}


@dataclass(frozen=True, slots=True)
class GradeLine:
    """What the gradebook has of an item. `state`: none, on-its-way, delivered, stuck, overruled; `drawing` is its icon.

    `text` says what was delivered last and when, or why nothing was; `more` what has been earned since, or is empty.
    """

    state: str
    drawing: str
    text: Markup
    more: str = ""


def grade_line(standing: Standing, *, has_result: bool) -> GradeLine | None:
    """The line of a standing; None while there is no result whose way could be told."""
    if not standing.has_column:
        text = gettext("No gradebook column belongs to it: your result stays here.")
        return _line("none", sentence(text)) if has_result else None
    if standing.state == "overruled":
        text = gettext("Your gradebook shows the grade that your instructor has set there.")
        return _line(standing.state, sentence(text))
    if standing.delivered is None or standing.delivered_at is None:
        return _never_delivered(standing.state)
    text = sentence(
        gettext("%(points)s in your gradebook since %(time)s."),
        points=_points(standing.delivered),
        time=time_element(standing.delivered_at),
    )
    return _line(standing.state, text, _waiting(standing))


def _never_delivered(state: str) -> GradeLine | None:
    match state:
        case "on-its-way":
            return _line(state, sentence(gettext("Saved, on its way to your gradebook.")))
        case "stuck":
            return _line(state, sentence(gettext("Saved here. Your gradebook has not taken it yet; nothing is lost.")))
        case _:
            return None


def _waiting(standing: Standing) -> str:
    if standing.waiting is None:
        return ""
    points = _points(standing.waiting)
    if standing.state == "stuck":
        return gettext("Your newer result, %(points)s, has not been taken yet; nothing is lost.", points=points)
    return gettext("Your newer result, %(points)s, is on its way.", points=points)


def _line(state: str, text: Markup, more: str = "") -> GradeLine:
    return GradeLine(state, DRAWINGS[state], text, more)


def _points(score: Score) -> str:
    return points_text(score.points, score.maximum)


def result_text(visit: Visit, attempts: list[Attempt]) -> str:
    """What counts of a learner's attempts at an item, such as "4 of 5 (80%)"; '' before anything is decided."""
    counted = what_counts(visit.session, attempts)
    if counted is None:
        return ""
    points = points_text(counted.points, counted.points_possible)
    return gettext("%(points)s (%(percent)s)", points=points, percent=percent(counted.share * 100))
