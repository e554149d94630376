"""AI switched off and on: everywhere, for a platform, for a context, with who, when and why."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug import Response

from config.task_queue import SWEEP_LABS
from lti_tool.ai_switches import Place, SwitchedOff, SwitchRefused, switch_off, switch_on, switches_off
from lti_tool.contexts import list_contexts
from lti_tool.registrations import list_platforms
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_action, admin_page
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, told
from lti_tool.web.sentences import sentence, time_element

blueprint = Blueprint("admin_ai", __name__, url_prefix="/admin/ai")
MOST_LISTED = 500  # contexts to choose from; any can be typed by its name


@dataclass(frozen=True, slots=True)
class SwitchView:
    """A switch that is off. `scope` and `key` name it in the form that switches it on; `name` is '' for everywhere."""

    scope: str
    key: str
    name: str
    since: Markup
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose from a list."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class AiPage:
    """template admin/ai.html. `by_settings` says why there is no AI whatever the switches say, or is ''. `asked` holds
    what was sent with a form that was refused, and `trouble` why."""

    frame: ConsoleFrame
    by_settings: str
    off: tuple[SwitchView, ...]
    is_off_everywhere: bool
    platforms: tuple[Choice, ...]
    contexts: tuple[Choice, ...]
    asked: dict[str, str]
    trouble: str


@blueprint.get("")
@admin_page
def show(visit: AdminVisit) -> str:
    """Where AI is switched off, and what switches it."""
    return _page(visit.session)


@blueprint.post("/off")
@admin_action
def off(visit: AdminVisit) -> Response | tuple[str, int]:
    """Switch it off, with a reason."""
    try:
        place = _place(request.form.get("scope", ""), request.form.get(request.form.get("scope", ""), "").strip())
        switch_off(visit.session, visit.admin.name, place, request.form.get("reason", ""))
    except SwitchRefused as refused:
        asked = {name: request.form.get(name, "") for name in ("scope", "platform", "context", "reason")}
        return _page(visit.session, asked, told(refused.template, refused.values)), 422
    return redirect(url_for("admin_ai.show"), code=303)


@blueprint.post("/on")
@admin_action
def on(visit: AdminVisit) -> Response:
    """Switch it on again; what waited for it is looked at now."""
    place = _place(request.form.get("scope", ""), request.form.get("key", ""))
    if switch_on(visit.session, visit.admin.name, place, request.form.get("reason", "")):
        visit.after_commit.append(lambda: services().nudger.nudge(SWEEP_LABS))
    return redirect(url_for("admin_ai.show"), code=303)


def _place(scope: str, key: str) -> Place:
    """The place a form means. Raises `SwitchRefused`, as for one that is not known."""
    if scope == "everywhere":
        return Place()
    if scope == "platform":
        return Place(registration_id=int(key) if key.isascii() and key.isdigit() and len(key) < 10 else 0)
    return Place(context_key=key)


def _page(session: Session, asked: dict[str, str] | None = None, trouble: str = "") -> str:
    found = switches_off(session)
    contexts = [
        Choice(one.key, gettext("%(title)s at %(platform)s", title=one.title or one.key, platform=one.platform))
        for one in list_contexts(session)[-MOST_LISTED:]
    ]
    page = AiPage(
        frame=frame(gettext("AI")),
        by_settings=_by_settings(),
        off=tuple(map(_view, found)),
        is_off_everywhere=any(one.place == Place() for one in found),
        platforms=tuple(Choice(str(one.id), one.name) for one in list_platforms(session)),
        contexts=tuple(contexts),
        asked=asked or {"scope": "everywhere", "platform": "", "context": "", "reason": ""},
        trouble=trouble,
    )
    return render_template("admin/ai.html", page=page)


def _by_settings() -> str:
    settings = services().settings
    if settings.ai_is_available:
        return ""
    if not settings.ai:
        return gettext("COURSEWRIGHT_AI is off, so there is no AI whatever stands here.")
    return gettext("No key of a language model is set, so there is no AI whatever stands here.")


def _view(one: SwitchedOff) -> SwitchView:
    by = Markup('<span dir="auto">{}</span>').format(one.by)
    since = sentence(gettext("Since %(time)s, by %(name)s."), time=time_element(one.at), name=by)
    if one.place.context_key is not None:
        return SwitchView("context", one.place.context_key, one.title, since, one.reason)
    if one.place.registration_id is not None:
        return SwitchView("platform", str(one.place.registration_id), one.title, since, one.reason)
    return SwitchView("everywhere", "", "", since, one.reason)
