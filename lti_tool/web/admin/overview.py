"""The console's first page: what needs attention, and how things stand otherwise."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from markupsafe import Markup

from course.catalog import Catalog
from lti_tool.admin.overview import Figures, Matter, figures, matters
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_page
from lti_tool.web.admin.matter_words import PAGES, words_of
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, number
from lti_tool.web.sentences import paragraph, sentence, time_element

blueprint = Blueprint("admin_overview", __name__, url_prefix="/admin")

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class MatterView:
    """One line. `title` says what is so, `text` what it means; `href` is None where no page has more."""

    title: str
    text: Markup
    href: str | None


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """template admin/overview.html. `figures` are names with their values."""

    frame: ConsoleFrame
    matters: tuple[MatterView, ...]
    figures: tuple[tuple[str, str | Markup], ...]


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """What needs attention, most urgent first."""
    budgets = services().settings.budgets
    found = [*matters(visit.session, budgets), *_content(services().catalog)]
    page = OverviewPage(
        frame=frame(gettext("Overview")),
        matters=tuple(map(_view, found)),
        figures=_figures(figures(visit.session, budgets)),
    )
    return render_template("admin/overview.html", page=page)


def _content(catalog: Catalog) -> list[Matter]:
    """Course files that have problems: only this process knows them."""
    return [Matter("content", len(catalog.problems))] if catalog.problems else []


def _view(matter: Matter) -> MatterView:
    title, text = words_of(matter)
    since = [sentence(gettext("Since %(time)s."), time=time_element(matter.since))] if matter.since else []
    href = url_for(PAGES[matter.kind]) if matter.kind in PAGES else None
    return MatterView(title, paragraph(text, *since), href)


def _figures(now: Figures) -> tuple[tuple[str, str | Markup], ...]:
    spent = gettext("$%(spent)s of $%(budget)s", spent=number(now.spent / MICRO), budget=number(now.budget / MICRO))
    return (
        (gettext("Platforms"), number(now.platforms)),
        (gettext("Came in during the last day"), number(now.came_in)),
        (gettext("Turned away during the last day"), number(now.turned_away)),
        (gettext("Grades on their way"), number(now.on_their_way)),
        (gettext("Grades delivered in the last day"), number(now.delivered)),
        (gettext("AI this month"), spent),
        (gettext("Worker last seen"), time_element(now.worker_seen_at) if now.worker_seen_at else gettext("never")),
    )
