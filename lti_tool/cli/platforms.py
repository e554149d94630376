"""`coursewright platforms`."""

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import outbox, registrations
from lti_tool.cli import grade_trial, invitations, platform_states, platform_test
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import find_platform
from lti_tool.errors import PlatformInvalid
from lti_tool.models import Deployment, Registration
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
            registration, created = registrations.add_platform(session, frame_origins=frame_origins or None, **values)  # type: ignore[arg-type]  # click saw to the required ones
        except PlatformInvalid as invalid:
            for fault in invalid.faults:
                click.echo(fault, err=True)
            raise SystemExit(2) from invalid
        row = _row(registration, _deployments(session, registration))
    verb = "Added" if created else "Updated"
    show(row, as_json=as_json, text=f"{verb} platform {row['id']}: {row['name']} ({row['issuer']}).")


@platforms.command("list")
@as_json_option
def list_command(as_json: bool) -> None:
    """Show all registered platforms."""
    with open_database(load_settings()).reading() as session:
        rows = [_row(one, _deployments(session, one)) for one in registrations.list_platforms(session)]
    text = "\n".join(_line(row) for row in rows)
    show(rows, as_json=as_json, text=text or "No platform is registered yet: see `coursewright platforms add --help`.")


@platforms.command("show")
@click.argument("platform_id", type=int)
@as_json_option
def show_command(platform_id: int, as_json: bool) -> None:
    """Show one platform with everything we know of it."""
    with open_database(load_settings()).reading() as session:
        registration = find_platform(session, platform_id)
        row = _row(registration, _deployments(session, registration))
    show(row, as_json=as_json, text="\n".join(f"{name:15} {value}" for name, value in row.items()))


@platforms.command("remove")
@click.argument("platform_id", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--forget-grades", is_flag=True, help="Also forget whose the grades are that it holds.")
def remove(platform_id: int, yes: bool, forget_grades: bool) -> None:
    """Remove a platform with its contexts, links and people.

    Refused while grades are on their way to it. Where grades have been delivered, it takes --forget-grades: should the
    platform be added again, its people are new to us, and what they do then may lower what its gradebook holds.
    """
    with open_database(load_settings()).transaction() as session:
        registration = find_platform(session, platform_id)
        owed = outbox.count_owed(session, platform_id)
        if owed:
            click.echo(f"{owed} grades are still on their way to {registration.name}; nothing was removed.", err=True)
            raise SystemExit(1)
        delivered = outbox.count_delivered(session, platform_id)
        if delivered and not forget_grades:
            click.echo(
                f"{registration.name} holds {delivered} grades of ours; nothing was removed. Say --forget-grades if "
                "we are to forget whose they are.",
                err=True,
            )
            raise SystemExit(1)
        if not yes:
            click.confirm(
                f"Remove {registration.name} ({registration.issuer})? Nobody can launch from it then", abort=True
            )
        registrations.remove_platform(session, issuer=registration.issuer, client_id=registration.client_id)
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


def _deployments(session: Session, registration: Registration) -> list[Deployment]:
    query = select(Deployment).where(Deployment.registration_id == registration.id)
    return list(session.scalars(query.order_by(Deployment.id)))


def _line(row: dict[str, Any]) -> str:
    said = "" if row["state"] == ACTIVE else f"  {row['state'].upper()}"
    return f"{row['id']:4}  {row['name']}  {row['issuer']}  client {row['client_id']}{said}"


def _row(registration: Registration, deployments: list[Deployment]) -> dict[str, Any]:
    return {
        "id": registration.id,
        "name": registration.name,
        "issuer": registration.issuer,
        "client_id": registration.client_id,
        "auth_login_url": registration.auth_login_url,
        "auth_token_url": registration.auth_token_url,
        "jwks_url": registration.jwks_url,
        "auth_audience": registration.auth_audience,
        "product_family": registration.product_family,
        "frame_origins": registration.frame_origins,
        "state": registration.state,
        "deployment_ids": [one.deployment_id for one in deployments],
        "deployments": [{"id": one.id, "deployment_id": one.deployment_id, "state": one.state} for one in deployments],
    }
