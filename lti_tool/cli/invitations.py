"""`coursewright platforms invite`, `invitations` and `revoke`: who may register an LMS by itself."""

from typing import Any

import click

from config import clock
from lti_tool.admin import audit, invitations
from lti_tool.admin.invitations import InvitationInvalid, InvitationView
from lti_tool.claims import MAX_ID
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import end, find_platform, row_id


@click.command()
@click.option("--name", required=True, help="What the LMS is to be called in lists and logs.")
@click.option(
    "--expires-hours",
    type=click.IntRange(1, invitations.LONGEST_HOURS),
    default=invitations.DEFAULT_HOURS,
    show_default=True,
    help="How long the address is good.",
)
@click.option(
    "--platform", "platform_id", type=row_id, help="Bring this known platform up to date, even its addresses."
)
@as_json_option
def invite(name: str, expires_hours: int, platform_id: int | None, as_json: bool) -> None:
    """Print an address with which one LMS registers itself, once.

    Give it to the LMS's admin, who pastes it where the LMS takes a registration URL. Only its hash is kept: should it
    get lost, revoke the invitation and make another.
    """
    settings = load_settings()
    with open_database(settings).transaction() as session:
        if platform_id is not None:
            find_platform(session, platform_id)
        try:
            url, made = invitations.invite(
                session,
                settings.base_url,
                name=name,
                hours=expires_hours,
                registration_id=platform_id,
                actor=audit.CLI,
            )
        except InvitationInvalid:
            end(f"--name takes 1 to {MAX_ID} characters, none of them a control character.", code=2)
    row = {**_row(made), "url": url}
    show(row, as_json=as_json, text=row["url"])  # nothing else, so that a script can take it as it is
    click.echo(f"Good once, until {_utc(row['expires_at'])}.", err=True)


@click.command("invitations")
@as_json_option
def list_invitations(as_json: bool) -> None:
    """Show the invitations whose time is not over."""
    with open_database(load_settings()).reading() as session:
        rows = [_row(one) for one in invitations.listing(session)]
    text = "\n".join(f"{row['id']:4}  {row['state']:7}  {row['name']}  until {_utc(row['expires_at'])}" for row in rows)
    show(rows, as_json=as_json, text=text or "No invitation is open: see `coursewright platforms invite --help`.")


@click.command()
@click.argument("invitation_id", type=row_id)
def revoke(invitation_id: int) -> None:
    """Withdraw an invitation that has not been used."""
    with open_database(load_settings()).transaction() as session:
        if not invitations.withdraw(session, invitation_id, actor=audit.CLI):
            end(f"There is no unused invitation {invitation_id}; `coursewright platforms invitations` shows them.")
    click.echo(f"Withdrew invitation {invitation_id}.")


def _utc(iso: str) -> str:
    """Such as "2026-11-28 10:00 UTC"."""
    return f"{iso[:10]} {iso[11:16]} UTC"


def _row(invitation: InvitationView) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "name": invitation.name,
        "state": invitation.state,
        "platform_id": invitation.registration_id,
        "expires_at": clock.isoformat(invitation.expires_at),
        "used_at": clock.isoformat(invitation.used_at) if invitation.used_at else None,
    }
