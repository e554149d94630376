"""The audit log: what admins have changed, in the console and by command."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from lti_tool.admin import audit
from lti_tool.admin.audit import Entry, Wanted
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_page
from lti_tool.web.i18n import gettext
from lti_tool.web.numbers import row_number
from lti_tool.web.sentences import time_element

blueprint = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line. `detail` are names of settings with their values, as the log holds them."""

    at: Markup
    actor: str
    action: str
    subject: str
    detail: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """template admin/audit.html. `wanted` is what the filter says, `actions` and `actors` what it may say; `older_href`
    leads to the next page, None on the last."""

    frame: ConsoleFrame
    entries: tuple[EntryView, ...]
    wanted: Wanted
    actions: tuple[str, ...]
    actors: tuple[str, ...]
    is_filtered: bool
    newest_href: str | None
    older_href: str | None


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """The newest entries, or those before one of them, that fit the filter."""
    wanted = Wanted(
        action=request.args.get("action", ""),
        subject=request.args.get("subject", ""),
        actor=request.args.get("actor", ""),
    )
    before = request.args.get("before", type=row_number)
    listing = audit.listing(visit.session, wanted, before=before)
    filters = {"action": wanted.action, "subject": wanted.subject, "actor": wanted.actor}
    asked = {name: value for name, value in filters.items() if value}
    page = AuditPage(
        frame=frame(gettext("Audit log")),
        entries=tuple(map(_view, listing.entries)),
        wanted=wanted,
        actions=tuple(audit.actions(visit.session)),
        actors=tuple(audit.actors(visit.session)),
        is_filtered=bool(asked),
        newest_href=_href(asked) if before is not None else None,
        older_href=_href({**asked, "before": str(listing.before)}) if listing.before else None,
    )
    return render_template("admin/audit.html", page=page)


def _href(asked: dict[str, str]) -> str:
    return f"{url_for('admin_audit.show')}?{urlencode(asked)}"


def _view(entry: Entry) -> EntryView:
    detail = tuple((name, _shown(value)) for name, value in entry.detail.items())
    return EntryView(time_element(entry.at), entry.actor, entry.action, entry.subject, detail)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return "–" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
