"""What language models have cost, in a month: by platform, course and model, with the budgets that run short."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from course.language_model.budgets import month_of_now
from lti_tool.spend_report import NearBudget, Overview, Row, Stop, overview
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_page
from lti_tool.web.current import services
from lti_tool.web.i18n import dollars, gettext, lazy_gettext, ngettext, number, percent
from lti_tool.web.sentences import paragraph, sentence, time_element

blueprint = Blueprint("admin_spend", __name__, url_prefix="/admin/spend")
MONTH = re.compile(r"\d{4}-\d{2}")
BUDGETS = {
    "lab": lazy_gettext("One attempt at a lab"),
    "student": lazy_gettext("One learner’s labs in a course"),
    "context": lazy_gettext("One course of a platform"),
    "month": lazy_gettext("The month"),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a table of spending. `key` is an id or '', `name` what it is called or ''."""

    key: str
    name: str
    dollars: str
    calls: str
    tokens: str
    cached: str


@dataclass(frozen=True, slots=True)
class TableView:
    """One table of spending. `of` heads its first column."""

    title: str
    of: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class NearView:
    """A budget that runs short. `is_over`: nothing is left of it."""

    budget: str
    subject: str
    course: str
    text: Markup
    is_over: bool


@dataclass(frozen=True, slots=True)
class StopView:
    """Where a budget has stopped something."""

    course: str
    text: Markup


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month to choose."""

    key: str
    text: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class SpendPage:
    """template admin/spend.html. `share` is from 0 to 100, and more where the budget was lowered."""

    frame: ConsoleFrame
    action: str
    months: tuple[MonthView, ...]
    text: str
    share: int
    is_near: bool
    tables: tuple[TableView, ...]
    near: tuple[NearView, ...]
    stops: tuple[StopView, ...]


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """The month that is asked for, or the present one."""
    month = request.args.get("month", "")
    found = overview(visit.session, services().settings.budgets, month if MONTH.fullmatch(month) else None)
    return render_template("admin/spend.html", page=_page(found))


def _page(found: Overview) -> SpendPage:
    text = gettext(
        "%(spent)s of %(limit)s (%(share)s) in %(month)s.",
        spent=dollars(found.standing.spent),
        limit=dollars(found.standing.limit),
        share=percent(found.standing.share * 100),
        month=found.month,
    )
    return SpendPage(
        frame=frame(gettext("Spending on AI")),
        action=url_for("admin_spend.show"),
        months=_months(found),
        text=text,
        share=round(found.standing.share * 100),
        is_near=found.standing.is_near,
        tables=(
            TableView(gettext("By platform"), gettext("Platform"), _lines(found.platforms)),
            TableView(gettext("By course"), gettext("Course"), _lines(found.contexts)),
            TableView(gettext("By model"), gettext("Model"), _lines(found.models)),
        ),
        near=tuple(map(_near, found.near)),
        stops=tuple(map(_stop, found.stops)),
    )


def _months(found: Overview) -> tuple[MonthView, ...]:
    spent = {month_of_now(): 0, found.month: 0, **dict(found.months)}
    return tuple(
        MonthView(key, gettext("%(month)s: %(spent)s", month=key, spent=dollars(amount)), key == found.month)
        for key, amount in sorted(spent.items(), reverse=True)
    )


def _lines(rows: Sequence[Row]) -> tuple[LineView, ...]:
    return tuple(map(_line, rows))


def _line(row: Row) -> LineView:
    spent = row.spent
    calls = number(spent.calls)
    if spent.came_to_nothing:
        calls = gettext("%(calls)s, %(failed)s in vain", calls=calls, failed=number(spent.came_to_nothing))
    tokens = gettext(
        "%(read)s read, %(written)s written", read=number(spent.prompt_tokens), written=number(spent.output_tokens)
    )
    cached = "" if spent.cached_share is None else percent(spent.cached_share * 100)
    is_named = row.title and spent.key.isdigit()  # a platform: its number says no more than its name
    return LineView("" if is_named else spent.key, row.title, dollars(spent.cost), calls, tokens, cached)


def _near(one: NearBudget) -> NearView:
    standing = one.standing
    text = sentence(
        gettext("%(spent)s of %(limit)s (%(share)s), nearly spent since %(time)s"),
        spent=dollars(standing.spent),
        limit=dollars(standing.limit),
        share=percent(standing.share * 100),
        time=time_element(one.warned_at),
    )
    subject = gettext("attempt %(number)s", number=one.subject) if one.scope == "lab" else one.subject
    return NearView(str(BUDGETS[one.scope]), subject, one.title or one.context_key, text, standing.share >= 1)


def _stop(one: Stop) -> StopView:
    parts = []
    if one.replies:
        words = ngettext(
            "%(num)s reply of a partner did not come.", "%(num)s replies of partners did not come.", one.replies
        )
        parts.append(words)
    if one.labs:
        words = ngettext("%(num)s lab waits for a person.", "%(num)s labs wait for a person.", one.labs)
        parts.append(words)
    return StopView(one.title or one.context_key, paragraph(*map(Markup.escape, parts)))
