"""What else waits, in words: columns, lists of people, labs, attempts."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from lti_tool.stuck_causes import explain_column, explain_roster
from lti_tool.waiting_work import ColumnGroup, LabGroup, RosterGroup, waiting_work
from lti_tool.web.admin.guards import AdminVisit
from lti_tool.web.i18n import gettext, lazy_gettext, ngettext
from lti_tool.web.review_words import REASONS
from lti_tool.web.sentences import paragraph, sentence, time_element

PUT_OFF = (
    ("budget_", lazy_gettext("what may be spent on the AI is in use by other calls")),
    ("switched_off", lazy_gettext("AI is switched off")),
    ("spend_|billing_|.*spend_limit|.*402", lazy_gettext("the AI provider’s own limit is reached")),
    ("rate_limit|overloaded|.*(?:429|529)", lazy_gettext("the AI service asks us to wait")),
    ("authentication|permission|.*40[13]", lazy_gettext("the AI service does not accept our key")),
    ("failed_", lazy_gettext("our own program failed at it; the worker’s log says more")),
    ("", lazy_gettext("the AI service cannot be reached")),
)
"""Why a lab was put off, by how the cause's code begins."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line: whose it is ('' for nobody's in particular), what waits, why, and what to do. `platform_id` is set
    where it can be tried anew."""

    platform: str
    text: Markup
    steps: tuple[str, ...] = ()
    platform_id: int | None = None


@dataclass(frozen=True, slots=True)
class WaitingView:
    """The parts of the page below the grades; an empty one is told as such."""

    columns: tuple[LineView, ...]
    rosters: tuple[LineView, ...]
    labs: tuple[LineView, ...]
    overdue: Markup | None


def waiting_view(visit: AdminVisit) -> WaitingView:
    """What waits at this moment."""
    found = waiting_work(visit.session)
    overdue = None
    if found.overdue and found.overdue_since:
        words = ngettext(
            "%(num)s attempt is over and not handed in yet, since %(time)s. A worker hands it in within a minute.",
            "%(num)s attempts are over and not handed in yet, the first since %(time)s. A worker hands them in within "
            "a minute.",
            found.overdue,
            time="%(time)s",
        )
        overdue = sentence(words, time=time_element(found.overdue_since))
    return WaitingView(
        tuple(map(_column, found.columns)), tuple(map(_roster, found.rosters)), tuple(map(_lab, found.labs)), overdue
    )


def _column(group: ColumnGroup) -> LineView:
    if group.cause is None:
        words = ngettext("%(num)s column is being looked for.", "%(num)s columns are being looked for.", group.count)
        return LineView(group.platform, sentence(words))
    told = explain_column(group.cause)
    words = ngettext("%(num)s column: %(cause)s.", "%(num)s columns: %(cause)s.", group.count, cause="%(cause)s")
    found = [sentence(words, cause=gettext(told.title)), Markup.escape(gettext(told.meaning, status=told.status))]
    if group.next_try_at:
        found.append(sentence(gettext("Tried again %(time)s."), time=time_element(group.next_try_at)))
        return LineView(group.platform, paragraph(*found))
    steps = tuple(gettext(step, status=told.status) for step in told.steps)
    return LineView(group.platform, paragraph(*found), steps, group.registration_id)


def _roster(group: RosterGroup) -> LineView:
    told = explain_roster(group.cause)
    words = ngettext("%(num)s course: %(cause)s.", "%(num)s courses: %(cause)s.", group.count, cause="%(cause)s")
    found = [sentence(words, cause=gettext(told.title)), Markup.escape(gettext(told.meaning, status=told.status))]
    if group.tried_at:
        found.append(sentence(gettext("Last tried %(time)s."), time=time_element(group.tried_at)))
    return LineView(group.platform, paragraph(*found), tuple(gettext(step, status=told.status) for step in told.steps))


def _lab(group: LabGroup) -> LineView:
    since = sentence(gettext("The oldest since %(time)s."), time=time_element(group.since))
    if group.state == "held":
        words = ngettext(
            "%(num)s lab is graded and shown on its date.",
            "%(num)s labs are graded and shown on their date.",
            group.count,
        )
        return LineView("", paragraph(sentence(words), since))
    if group.state == "person":
        words = ngettext(
            "%(num)s lab waits for a person: %(why)s",
            "%(num)s labs wait for a person: %(why)s",
            group.count,
            why="%(why)s",
        )
        why = REASONS.get(group.cause or "", gettext("some of its criteria are in doubt."))
        return LineView("", paragraph(sentence(words, why=str(why)), since))
    if group.cause is None:
        words = ngettext("%(num)s lab waits to be graded.", "%(num)s labs wait to be graded.", group.count)
        return LineView("", paragraph(sentence(words), since))
    words = ngettext(
        "%(num)s lab is put off: %(why)s. It is tried again %(time)s.",
        "%(num)s labs are put off: %(why)s. The next is tried %(time)s.",
        group.count,
        why="%(why)s",
        time="%(time)s",
    )
    time = time_element(group.next_try_at) if group.next_try_at else ""
    told = paragraph(sentence(words, why=_why(group.cause), time=time), since)
    return LineView("", paragraph(told, Markup.escape(gettext("After a day a person decides."))))


def _why(cause: str) -> str:
    return str(next(words for pattern, words in PUT_OFF if re.match(pattern, cause)))
