"""`coursewright platforms`."""

from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from lti_tool.admin import audit
from lti_tool.admin import platform_views as views
from lti_tool.admin.platform_views import PlatformView
from lti_tool.admin.platforms import removal_of, save_platform
from lti_tool.admin.platforms import remove as remove_platform
from lti_tool.admin.service_health import Failure, Health, health_of
from lti_tool.cli import grade_trial, invitations, platform_states, platform_test
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import end, find_platform, row_id
from lti_tool.errors import PlatformInvalid
from lti_tool.models import Registration
from lti_tool.permission import ACTIVE


@click.group()
def platforms() -> None:
    """The LMSs that may launch us. Changes take effect at once; nothing needs a restart."""


for command in (
    invitations.invite,
    invitations.list_invitations,
    invitations.revoke,
    platform_states.enable,
    platform_states.disable,
    platform_test.test,
    grade_trial.try_grades_command,
):
    platforms.add_command(command)


@platforms.command("add")
@click.option("--issuer", required=True, help="The platform's issuer (Moodle: Platform ID), to the letter.")
@click.option("--client-id", required=True, help="The client id it gave us.")
@click.option("--auth-login-url", help="Its authentication request address.")
@click.option("--auth-token-url", help="Its access token address.")
@click.option("--jwks-url", help="Its public key set.")
@click.option("--deployment-id", help="A deployment id; more can be added, or learnt at their first launch.")
@click.option("--auth-audience", help="The audience for token requests, where it is not the token address.")
@click.option("--name", help="A name for lists and logs.")
@click.option("--frame-origin", "frame_origins", multiple=True, help="Another site that frames us, such as a portal.")
@as_json_option
def add(as_json: bool, frame_origins: tuple[str, ...], **values: str | None) -> None:
    """Register a platform. One known by issuer and client id is brought up to date, its deployment added.

    The three addresses may be left out for a platform that is known.
    """
    with open_database(load_settings()).transaction() as session:
        _fill_in_known_addresses(session, values)
        try:
            registration, created = save_platform(
                session,
                actor=audit.CLI,
                frame_origins=frame_origins or None,
                **values,  # type: ignore[arg-type]  # click saw to the required ones
            )
        except PlatformInvalid as invalid:
            for fault in invalid.faults:
                click.echo(fault, err=True)
            raise SystemExit(2) from invalid
        row = _row(_shown(session, registration.id))
    verb = "Added" if created else "Updated"
    show(row, as_json=as_json, text=f"{verb} platform {row['id']}: {row['name']} ({row['issuer']}).")


@platforms.command("list")
@as_json_option
def list_command(as_json: bool) -> None:
    """Show all registered platforms."""
    with open_database(load_settings()).reading() as session:
        rows = [_row(one) for one in views.platforms(session)]
    text = "\n".join(_line(row) for row in rows)
    show(rows, as_json=as_json, text=text or "No platform is registered yet: see `coursewright platforms add --help`.")


@platforms.command("show")
@click.argument("platform_id", type=row_id)
@as_json_option
def show_command(platform_id: int, as_json: bool) -> None:
    """Show one platform with everything we know of it."""
    with open_database(load_settings()).reading() as session:
        registration = find_platform(session, platform_id)
        row = _row(_shown(session, platform_id)) | {"services": _services(health_of(session, registration))}
    show(row, as_json=as_json, text="\n".join(_lines(row)))


@platforms.command("remove")
@click.argument("platform_id", type=row_id)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--forget-grades", is_flag=True, help="Also forget whose the grades are that it holds.")
def remove(platform_id: int, yes: bool, forget_grades: bool) -> None:
    """Remove a platform with its contexts, links and people.

    Refused while grades are on their way to it. Where grades have been delivered, it takes --forget-grades: should the
    platform be added again, its people are new to us, and what they do then may lower what its gradebook holds.
    """
    with open_database(load_settings()).transaction() as session:
        registration = find_platform(session, platform_id)
        removal = removal_of(session, platform_id)
        if removal.owed:
            end(f"{removal.owed} grades are still on their way to {registration.name}; nothing was removed.")
        if removal.delivered and not forget_grades:
            end(
                f"{registration.name} holds {removal.delivered} grades of ours; nothing was removed. Say "
                "--forget-grades if we are to forget whose they are."
            )
        if not yes:
            takes = f"{removal.contexts} courses, {removal.links} links and {removal.people} people"
            click.confirm(
                f"Remove {registration.name} ({registration.issuer}) with {takes}? Nobody can launch from it then",
                abort=True,
            )
        remove_platform(session, registration, forgets_grades=forget_grades, actor=audit.CLI)
    click.echo(f"Removed platform {platform_id}.")


def _fill_in_known_addresses(session: Session, values: dict[str, str | None]) -> None:
    known = session.scalar(
        select(Registration).where(
            Registration.issuer == values["issuer"], Registration.client_id == values["client_id"]
        )
    )
    addresses = ("auth_login_url", "auth_token_url", "jwks_url")
    for name in addresses if known else ():
        values[name] = values[name] or getattr(known, name)
    missing = [f"--{name.replace('_', '-')}" for name in addresses if not values[name]]
    if missing:
        click.echo(f"This platform is new here, so it also takes {', '.join(missing)}.", err=True)
        raise SystemExit(2)


def _shown(session: Session, platform_id: int) -> PlatformView:
    return views.platform(session, platform_id) or end(f"There is no platform {platform_id}.")


def _line(row: dict[str, Any]) -> str:
    said = "" if row["state"] == ACTIVE else f"  {row['state'].upper()}"
    return f"{row['id']:4}  {row['name']}  {row['issuer']}  client {row['client_id']}{said}"


def _row(view: PlatformView) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "issuer": view.issuer,
        "client_id": view.client_id,
        "auth_login_url": view.auth_login_url,
        "auth_token_url": view.auth_token_url,
        "jwks_url": view.jwks_url,
        "auth_audience": view.auth_audience,
        "product_family": view.family,
        "frame_origins": list(view.frame_origins),
        "state": view.state,
        "created_at": clock.isoformat(view.created_at),
        "last_launch_at": _moment(view.last_launch_at),
        "deployment_ids": [one.deployment_id for one in view.deployments],
        "deployments": [
            {
                "id": one.id,
                "deployment_id": one.deployment_id,
                "state": one.state,
                "contexts": one.contexts,
                "last_launch_at": _moment(one.last_launch_at),
            }
            for one in view.deployments
        ],
    }


def _services(health: Health) -> dict[str, Any]:
    return {
        "scopes": {one.scope: one.is_granted for one in health.scopes},
        "token_obtained_at": _moment(health.token_obtained_at),
        "delivered_at": _moment(health.delivered_at),
        "failed_delivery": _failure(health.failed_delivery),
        "roster_read_at": _moment(health.roster_read_at),
        "failed_roster": _failure(health.failed_roster),
        "failed_column": _failure(health.failed_column),
        "waiting": health.waiting,
        "stuck": health.stuck,
    }


def _failure(failure: Failure | None) -> dict[str, str | None] | None:
    return {"cause": failure.cause, "at": _moment(failure.at)} if failure else None


def _moment(value: datetime | None) -> str | None:
    return clock.isoformat(value) if value else None


def _lines(row: dict[str, Any]) -> list[str]:
    plain = {name: value for name, value in row.items() if name not in {"deployments", "deployment_ids", "services"}}
    lines = [f"{name:18} {value}" for name, value in plain.items()]
    for one in row["deployments"]:
        last = f"last launch {one['last_launch_at'] or 'never'}"
        lines.append(f"{'deployment':18} {one['id']}  id {one['deployment_id']}, {one['state']}, {last}")
    for name, value in row["services"].items():
        if name != "scopes":
            lines.append(f"{name:18} {value}")
    said = {True: "granted", False: "not granted", None: "not known before a launch"}
    return [*lines, *(f"{said[granted]:18} {scope}" for scope, granted in row["services"]["scopes"].items())]
