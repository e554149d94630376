"""A learner's results of the whole course as one HTML file without scripts: to keep, to print, to show to somebody."""

from dataclasses import dataclass

from flask import make_response, render_template
from sqlalchemy import select
from werkzeug import Response

from config import clock
from course.attempts import attempts_of
from course.models import Attempt
from course.placements import home_of
from grading.models import Outcome
from grading.service import BY_KEY, BY_PERSON, BY_RUBRIC, BY_RULES, LATE, outcomes_of
from lti_tool.models import LtiUser
from lti_tool.reading import BY_READING
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext, moment, percent
from lti_tool.web.module_pages import ModulePage, StopView, module_page
from lti_tool.web.wording import points_text

DECIDED_TEXTS = {
    BY_KEY: lazy_gettext("scored by the answer key"),
    BY_RUBRIC: lazy_gettext("decided by an AI, by the rubric"),
    BY_RULES: lazy_gettext("decided by an AI, by the rubric"),
    BY_PERSON: lazy_gettext("decided by a person"),
    BY_READING: lazy_gettext("counted for reading to the end"),
}


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt: its number and times, and what came of it, each in words; '' where nothing is decided yet."""

    number: int
    started_text: str
    submitted_text: str
    points_text: str
    decided_text: str
    late_text: str


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """template files/results.html. `attempts` are those at each stop, by its address; `person` may be empty."""

    page: ModulePage
    person: str
    saved_text: str
    attempts: dict[str, tuple[AttemptLine, ...]]

    def attempts_at(self, stop: StopView) -> tuple[AttemptLine, ...]:
        """The attempts at one stop, oldest first."""
        return self.attempts[stop.href]


def results_file(visit: Visit) -> Response:
    """The file, as a download."""
    page = module_page(visit)
    stops = [stop for module in page.modules for stop in module.stops]
    person = visit.session.scalar(select(LtiUser.name).where(LtiUser.learner_id == visit.learner_id))
    content = ResultsFile(
        page=page,
        person=person or "",
        saved_text=moment(clock.now()),
        attempts={stop.href: _attempts(visit, item.id) for stop, item in zip(stops, visit.course.items, strict=True)},
    )
    response = make_response(render_template("files/results.html", content=content, page=page))
    response.headers["Content-Disposition"] = f'attachment; filename="{visit.course.id}-results.html"'
    return response


def _attempts(visit: Visit, item_id: str) -> tuple[AttemptLine, ...]:
    home = home_of(visit.session, visit.placement, item_id)
    if home is None:
        return ()
    attempts = attempts_of(visit.session, home, visit.learner_id, item_id, previews=visit.occupant.is_instructor)
    outcomes = outcomes_of(visit.session, attempts)
    return tuple(_line(attempt, outcomes.get(attempt.id)) for attempt in attempts)


def _line(attempt: Attempt, outcome: Outcome | None) -> AttemptLine:
    late = outcome.evidence.get(LATE) if outcome else None
    return AttemptLine(
        number=attempt.number,
        started_text=moment(attempt.started_at),
        submitted_text=moment(attempt.submitted_at) if attempt.submitted_at else "",
        points_text=points_text(outcome.points, outcome.points_possible) if outcome else "",
        decided_text=str(DECIDED_TEXTS[outcome.decided_by]) if outcome else "",
        late_text=gettext("%(percent)s taken off for being late", percent=percent(late["percent"])) if late else "",
    )
