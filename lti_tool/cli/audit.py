"""`coursewright audit`: what admins have changed."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from config import clock
from lti_tool.admin import audit as log
from lti_tool.admin.audit import Entry, Wanted
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show

LONGEST = 10_000


@click.command()
@click.option("--action", default="", help="Only this action, such as registration.disable.")
@click.option("--subject", default="", help='Only subjects that begin so, such as "registration 3".')
@click.option("--actor", default="", help=f"Only by this admin; commands stand as {log.CLI}.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Only from then on, in UTC.")
@click.option(
    "--limit", type=click.IntRange(1, LONGEST), default=100, show_default=True, help="How many, newest first."
)
@as_json_option
def audit(*, action: str, subject: str, actor: str, since: datetime | None, limit: int, as_json: bool) -> None:
    """Show what admins have changed, in the console and by command, newest first."""
    wanted = Wanted(action, subject, actor.lower(), since.replace(tzinfo=UTC) if since else None)
    with open_database(load_settings()).reading() as session:
        listing = log.listing(session, wanted, length=limit)
    text = "\n".join(map(_line, listing.entries))
    show([_row(one) for one in listing.entries], as_json=as_json, text=text or "Nothing has been changed yet.")
    if listing.before is not None:
        click.echo(f"There is more; these are the newest {limit} (--limit).", err=True)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": clock.isoformat(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def _line(entry: Entry) -> str:
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
    return f"{clock.isoformat(entry.at)[:19]}Z  {entry.actor:16} {entry.action:24} {entry.subject}  {detail}".rstrip()
