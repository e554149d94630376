"""One platform: what is known of it, whether it may use the tool, how its services do, and what can be changed."""

from dataclasses import dataclass, replace

from flask import make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug import Response
from werkzeug.exceptions import BadRequest, NotFound

from config import outbound
from config.task_queue import SWEEP_SCORES
from lti_tool.admin.platform_views import DeploymentView, PlatformView, platform
from lti_tool.admin.platforms import NotRemoved, Removal, removal_of, remove, save_platform, switch_platform
from lti_tool.admin.service_health import Failure, Health, health_of
from lti_tool.errors import PlatformInvalid
from lti_tool.models import Deployment, Registration
from lti_tool.permission import ACTIVE, DISABLED
from lti_tool.registering.trial import Step, try_platform
from lti_tool.registering.trials import keep_trial, last_trial
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit, admin_action, admin_page
from lti_tool.web.admin.platforms import ADDRESSES, Field, address_fields, blueprint
from lti_tool.web.admin.state_words import StateView, state_view
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext
from lti_tool.web.i18n import number as number_text
from lti_tool.web.sentences import sentence, time_element


@dataclass(frozen=True, slots=True)
class DeploymentLine:
    """A line of the list of deployments; `action` switches it."""

    deployment_id: str
    state: StateView
    contexts: int
    last_launch: Markup | None
    action: str


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A service that is asked for; `said` is whether it is granted, in words with an icon."""

    scope: str
    why: str
    said: str
    icon: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """The last trial; `told` sums it up."""

    told: Markup
    icon: str
    steps: tuple[tuple[Step, str], ...]


@dataclass(frozen=True, slots=True)
class PlatformPage:
    """template admin/platform.html. `told` is what has just been done; `faults` are why a change was not taken."""

    frame: ConsoleFrame
    name: str
    told: str
    faults: tuple[str, ...]
    facts: tuple[tuple[str, str | Markup], ...]
    state: StateView
    state_since: Markup | None
    deployments: tuple[DeploymentLine, ...]
    scopes: tuple[ScopeLine, ...]
    health: tuple[tuple[str, str | Markup], ...]
    trial: TrialView | None
    fields: tuple[Field, ...]
    removal: Removal
    actions: dict[str, str]


@blueprint.get("/<int:number>")
@admin_page
def show_one(visit: AdminVisit, number: int) -> str:
    """Everything about one platform."""
    return render_template("admin/platform.html", page=_page(visit, number))


@blueprint.post("/<int:number>/state")
@admin_action
def switch_one(visit: AdminVisit, number: int) -> Response:
    """Switch the platform on or off."""
    return _switched(visit, number, _registration(visit, number))


@blueprint.post("/<int:number>/deployments/<int:deployment>/state")
@admin_action
def switch_deployment(visit: AdminVisit, number: int, deployment: int) -> Response:
    """Switch one of its deployments on or off."""
    row = visit.session.get(Deployment, deployment)
    if row is None or row.registration_id != number:
        raise NotFound
    return _switched(visit, number, row)


@blueprint.post("/<int:number>/test")
@admin_action
def test_one(visit: AdminVisit, number: int) -> Response:
    """Try the platform out, after this transaction: nothing waits for another machine while one is open."""
    _registration(visit, number)
    visit.after_commit.append(lambda: _try(number))
    return redirect(url_for("admin_platforms.show_one", number=number, _anchor="test"), code=303)


@blueprint.post("/<int:number>/addresses")
@admin_action
def change_one(visit: AdminVisit, number: int) -> Response:
    """Correct its name and addresses."""
    row = _registration(visit, number)
    given = {name: request.form.get(name, "").strip() for name in ("name", *ADDRESSES, "auth_audience")}
    try:
        save_platform(
            visit.session, actor=visit.admin.name, issuer=row.issuer, client_id=row.client_id,
            **{name: value or (row.name if name == "name" else value) for name, value in given.items()},
        )  # fmt: skip
    except PlatformInvalid as invalid:
        page = replace(_page(visit, number), faults=invalid.faults, fields=_fields(given), told="")
        return make_response(render_template("admin/platform.html", page=page), 422)
    return redirect(url_for("admin_platforms.show_one", number=number, done="changed"), code=303)


@blueprint.post("/<int:number>/remove")
@admin_action
def remove_one(visit: AdminVisit, number: int) -> Response:
    """Remove it, as the form says with or without forgetting whose grades it holds."""
    row = _registration(visit, number)
    try:
        remove(visit.session, row, forgets_grades=bool(request.form.get("forget")), actor=visit.admin.name)
    except NotRemoved as stays:
        page = replace(_page(visit, number), faults=(_why_not(stays.removal),), told="")
        return make_response(render_template("admin/platform.html", page=page), 409)
    return redirect(url_for("admin_platforms.show", done="removed"), code=303)


def _registration(visit: AdminVisit, number: int) -> Registration:
    row = visit.session.get(Registration, number)
    if row is None:
        raise NotFound
    return row


def _switched(visit: AdminVisit, number: int, row: Registration | Deployment) -> Response:
    state = {"on": ACTIVE, "off": DISABLED}.get(request.form.get("state", ""))
    if state is None:
        raise BadRequest
    switch_platform(visit.session, row, state, actor=visit.admin.name)
    if state == ACTIVE:
        visit.after_commit.append(lambda: services().nudger.nudge(SWEEP_SCORES))
    done = "on" if state == ACTIVE else "off"
    return redirect(url_for("admin_platforms.show_one", number=number, done=done), code=303)


def _try(number: int) -> None:
    ours = services()
    steps = list(try_platform(ours.database, ours.settings, number, seconds=outbound.TOTAL_SECONDS))
    with ours.database.transaction() as session:
        keep_trial(session, number, steps)


def _why_not(removal: Removal) -> str:
    if removal.owed:
        return gettext("Grades are on their way to it, so it was not removed. Wait until they have arrived.")
    return gettext("It holds grades of ours, so it was not removed. Say that we may forget whose they are.")


def _page(visit: AdminVisit, number: int) -> PlatformPage:
    view = platform(visit.session, number)
    if view is None:
        raise NotFound
    health = health_of(visit.session, visit.session.get_one(Registration, number))
    return PlatformPage(
        frame=frame(gettext("Platform")),
        name=view.name,
        told=_done(request.args.get("done", "")),
        faults=(),
        facts=_facts(view),
        state=state_view(view.state),
        state_since=time_element(view.state_since) if view.state_since else None,
        deployments=tuple(_deployment(number, one) for one in view.deployments),
        scopes=tuple(_scope(one.scope, gettext(one.why), one.is_granted) for one in health.scopes),
        health=_health(health),
        trial=_trial(visit, number),
        fields=_fields(
            {
                "name": view.name,
                **{name: getattr(view, name) for name in ADDRESSES},
                "auth_audience": view.auth_audience or "",
            }
        ),
        removal=removal_of(visit.session, number),
        actions={
            name: url_for(f"admin_platforms.{endpoint}", number=number)
            for name, endpoint in (
                ("state", "switch_one"), ("test", "test_one"), ("change", "change_one"), ("remove", "remove_one"),
            )
        }
        | {"launches": url_for("admin_launches.show", platform=number)},
    )  # fmt: skip


def _facts(view: PlatformView) -> tuple[tuple[str, str | Markup], ...]:
    return (
        (gettext("Kind"), view.family or gettext("not told yet")),
        (gettext("Issuer"), view.issuer),
        (gettext("Client id"), view.client_id),
        (gettext("Known since"), time_element(view.created_at)),
        (gettext("Last launch"), _moment(view.last_launch_at)),
    )


def _health(health: Health) -> tuple[tuple[str, str | Markup], ...]:
    failures = (
        (gettext("Grades: what went wrong last"), health.failed_delivery),
        (gettext("Lists of people: what went wrong last"), health.failed_roster),
        (gettext("Columns: what went wrong last"), health.failed_column),
    )
    return (
        (gettext("Last token"), _moment(health.token_obtained_at)),
        (gettext("Last grade delivered"), _moment(health.delivered_at)),
        (gettext("Last list of people"), _moment(health.roster_read_at)),
        (gettext("Grades on their way"), number_text(health.waiting)),
        (gettext("Grades stuck"), number_text(health.stuck)),
        *((name, _failure(failure)) for name, failure in failures if failure),
    )


def _deployment(number: int, view: DeploymentView) -> DeploymentLine:
    return DeploymentLine(
        deployment_id=view.deployment_id,
        state=state_view(view.state),
        contexts=view.contexts,
        last_launch=time_element(view.last_launch_at) if view.last_launch_at else None,
        action=url_for("admin_platforms.switch_deployment", number=number, deployment=view.id),
    )


def _scope(scope: str, why: str, is_granted: bool | None) -> ScopeLine:
    if is_granted is None:
        return ScopeLine(scope, why, gettext("Not known before the first launch"), "not-started")
    said = gettext("Granted") if is_granted else gettext("Not granted")
    return ScopeLine(scope, why, said, "passed" if is_granted else "not-quite")


def _trial(visit: AdminVisit, number: int) -> TrialView | None:
    trial = last_trial(visit.session, number)
    if trial is None:
        return None
    words = (
        gettext("Tested %(time)s: all was well.") if trial.is_well else gettext("Tested %(time)s: something is wrong.")
    )
    icons = {"ok": "passed", "warning": "not-quite", "failed": "stuck", "skipped": "not-started"}
    return TrialView(
        told=sentence(words, time=time_element(trial.tried_at)),
        icon="passed" if trial.is_well else "stuck",
        steps=tuple((step, icons.get(step.state, "note")) for step in trial.steps),
    )


def _fields(given: dict[str, str]) -> tuple[Field, ...]:
    return (Field("name", gettext("Name"), given["name"], is_required=True), *address_fields(given))


def _moment(value: object) -> str | Markup:
    return time_element(value) if value else gettext("never")  # type: ignore[arg-type]  # a moment or None


def _failure(failure: Failure) -> Markup:
    code = Markup("<code>{}</code>").format(failure.cause)
    return sentence("%(code)s, %(time)s", code=code, time=time_element(failure.at)) if failure.at else code


def _done(what: str) -> str:
    words = {
        "added": gettext("Added. Test it now: what is wrong is said with what helps."),
        "changed": gettext("Saved."),
        "on": gettext("It may use the tool. Grades that waited are sent now."),
        "off": gettext("Switched off, at once. Nothing is lost: work is kept, and grades wait."),
    }
    return words.get(what, "")
