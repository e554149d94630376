"""Who came in and who was turned away: the last launches, refusals by cause, and the one with a reference."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from lti_tool.admin.platform_views import platforms
from lti_tool.launch_events import REFUSED
from lti_tool.launch_reports import PERIODS, UNKNOWN, CauseCount, LaunchRow, Wanted, launches, refusals_by_cause
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_page
from lti_tool.web.error_pages import words_of
from lti_tool.web.i18n import gettext, ngettext, number
from lti_tool.web.numbers import row_number
from lti_tool.web.sentences import time_element

blueprint = Blueprint("admin_launches", __name__, url_prefix="/admin/launches")


@dataclass(frozen=True, slots=True)
class LaunchLine:
    """A line of the list. `what` says how it ended; `who` is the platform, or what a stranger called itself."""

    at: Markup
    what: str
    icon: str
    cause: str
    who: str
    is_known: bool
    deployment_id: str
    reference: str | None
    times: str


@dataclass(frozen=True, slots=True)
class CauseLine:
    """A cause with the words of its page, and how often it turned somebody away."""

    cause: str
    times: str
    title: str
    message: str
    what_to_do: str
    last: Markup
    platforms: str
    href: str


@dataclass(frozen=True, slots=True)
class LaunchesPage:
    """template admin/launches.html. `found` is what the reference asked for names: a line, and what its page said."""

    frame: ConsoleFrame
    reference: str
    found: tuple[LaunchLine, CauseLine | None] | None
    causes: tuple[CauseLine, ...]
    periods: tuple[tuple[str, str], ...]
    period: str
    platforms: tuple[tuple[str, str], ...]
    platform: str
    only_refused: bool
    lines: tuple[LaunchLine, ...]
    is_filtered: bool
    older_href: str | None


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """The newest launches that fit the filter, and the causes of refusals."""
    known = tuple((str(one.id), one.name) for one in platforms(visit.session))
    platform = request.args.get("platform", "")
    platform = platform if platform == UNKNOWN or platform in dict(known) else ""
    period = request.args.get("period", "")
    period = period if period in PERIODS else "week"
    only_refused = request.args.get("refused") == "yes"
    cause = request.args.get("cause", "")
    wanted = Wanted(platform=int(platform) if platform.isdigit() else platform or None, only_refused=only_refused)
    listing = launches(
        visit.session,
        Wanted(platform=wanted.platform, only_refused=only_refused, cause=cause),
        before=request.args.get("before", type=row_number),
    )
    reference = request.args.get("reference", "").strip()
    asked = {"platform": platform, "period": period, "refused": "yes" if only_refused else "", "cause": cause}
    page = LaunchesPage(
        frame=frame(gettext("Launches")),
        reference=reference,
        found=_found(visit, reference),
        causes=tuple(_cause(one, asked) for one in refusals_by_cause(visit.session, PERIODS[period], wanted)),
        periods=(("day", gettext("Last day")), ("week", gettext("Last 7 days")), ("month", gettext("Last 30 days"))),
        period=period,
        platforms=(*known, (UNKNOWN, gettext("None that is known"))),
        platform=platform,
        only_refused=only_refused,
        lines=tuple(map(_line, listing.rows)),
        is_filtered=bool(platform or only_refused or cause),
        older_href=_href({**asked, "before": str(listing.before)}) if listing.before else None,
    )
    return render_template("admin/launches.html", page=page)


def _found(visit: AdminVisit, reference: str) -> tuple[LaunchLine, CauseLine | None] | None:
    rows = launches(visit.session, Wanted(reference=reference)).rows if reference else ()
    if not rows:
        return None
    told = _cause(CauseCount(rows[0].cause, 1, 1, rows[0]), {}) if rows[0].cause else None
    return _line(rows[0]), told


def _line(row: LaunchRow) -> LaunchLine:
    steps = {
        "login": gettext("Login"),
        "hand_over": gettext("Way into a window of its own"),
    }
    step = steps.get(row.step, gettext("Launch"))
    is_refused = row.outcome == REFUSED
    what = gettext("%(step)s refused", step=step) if is_refused else gettext("%(step)s let in", step=step)
    return LaunchLine(
        at=time_element(row.at),
        what=what,
        icon="not-quite" if is_refused else "passed",
        cause=row.cause,
        who=row.platform or " ".join(filter(None, (row.issuer, row.client_id))) or gettext("nobody known"),
        is_known=bool(row.platform),
        deployment_id=row.deployment_id,
        reference=row.reference,
        times=ngettext("%(num)s within an hour", "%(num)s within an hour", row.times) if row.times > 1 else "",
    )


def _cause(counted: CauseCount, asked: dict[str, str]) -> CauseLine:
    refusal = counted.last.refusal
    told = refusal.told(gettext) if refusal else words_of(counted.cause)
    return CauseLine(
        cause=counted.cause,
        times=number(counted.times),
        title=told.title if told else counted.cause,
        message=told.message if told else "",
        what_to_do=told.what_to_do if told else "",
        last=time_element(counted.last.at),
        platforms=ngettext("at %(num)s platform", "at %(num)s platforms", counted.platforms)
        if counted.platforms
        else gettext("at none that is known"),
        href=_href({**asked, "cause": counted.cause}),
    )


def _href(asked: dict[str, str]) -> str:
    return f"{url_for('admin_launches.show')}?{urlencode({name: value for name, value in asked.items() if value})}"
