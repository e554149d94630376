"""The console's first page: what needs attention."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, url_for
from markupsafe import Markup

from lti_tool.admin.overview import Matter, matters
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_page
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, ngettext, percent
from lti_tool.web.sentences import paragraph, sentence, time_element

blueprint = Blueprint("admin_overview", __name__, url_prefix="/admin")


@dataclass(frozen=True, slots=True)
class MatterView:
    """One line. `title` says what is so, `text` what it means; `href` is None where no page has more."""

    title: str
    text: Markup
    href: str | None


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """template admin/overview.html."""

    frame: ConsoleFrame
    matters: tuple[MatterView, ...]


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """What needs attention, most urgent first."""
    found = matters(visit.session, services().settings.budgets)
    page = OverviewPage(frame=frame(gettext("Overview")), matters=tuple(map(_view, found)))
    return render_template("admin/overview.html", page=page)


def _view(matter: Matter) -> MatterView:
    words, endpoint = _WORDS[matter.kind]
    title, text = words(matter.number)
    since = [sentence(gettext("Since %(time)s."), time=time_element(matter.since))] if matter.since else []
    href = url_for(endpoint) if endpoint in current_app.view_functions else None
    return MatterView(title, paragraph(text, *since), href)


def _stuck(number: int) -> tuple[str, str]:
    title = ngettext("%(num)s grade is stuck", "%(num)s grades are stuck", number)
    return title, gettext("A platform does not take what was earned. Nothing is lost; the cause stands beside each.")


def _late(number: int) -> tuple[str, str]:
    title = ngettext("%(num)s grade waits for a worker", "%(num)s grades wait for a worker", number)
    return title, gettext("It is due and nobody takes it: check that a worker runs and that the broker can be reached.")


def _budget(number: int) -> tuple[str, str]:
    title = gettext("%(share)s of this month’s budget for AI is spent", share=percent(number))
    return title, gettext("When it is used up, labs go on with their scripted partner and people grade them.")


def _no_platform(_number: int) -> tuple[str, str]:
    title = gettext("No platform is registered yet")
    return title, gettext("Nobody can come in before there is one: invite your LMS, and it registers itself.")


_WORDS: dict[str, tuple[Callable[[int], tuple[str, str]], str]] = {
    "stuck": (_stuck, "admin_grades.show"),
    "late": (_late, "admin_grades.show"),
    "budget": (_budget, "admin_spend.show"),
    "no_platform": (_no_platform, "admin_platforms.show"),
}
