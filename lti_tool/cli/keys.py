"""`coursewright keys`."""

from datetime import timedelta

import click

from config import clock
from lti_tool import keys as tool_keys
from lti_tool.admin import audit
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show

KNOWN_EVERYWHERE_AFTER = timedelta(hours=24)  # longer than any LMS we know keeps a key set


@click.group()
def keys() -> None:
    """Our own signing keys."""


@keys.command("list")
@as_json_option
def list_command(as_json: bool) -> None:
    """Show our keys: which signs now, which comes next, which are still published."""
    with open_database(load_settings()).transaction() as session:
        tool_keys.ensure_keys(session)
        rows = [
            {
                "kid": key.kid,
                "status": key.status,
                "created_at": key.created_at.isoformat(),
                "published_until": key.published_until.isoformat() if key.published_until else None,
            }
            for key in tool_keys.list_keys(session)
        ]
    text = "\n".join(f"{row['status']:8} {row['kid']}  since {row['created_at']}" for row in rows)
    show(rows, as_json=as_json, text=text)


@keys.command("rotate")
@as_json_option
def rotate(as_json: bool) -> None:
    """Sign with the next key from now on; the old one stays published for platforms that have not looked yet."""
    with open_database(load_settings()).transaction() as session:
        tool_keys.ensure_keys(session)
        following = next(key for key in tool_keys.list_keys(session) if key.status == tool_keys.NEXT)
        tool_keys.rotate(session)
        audit.note(session, audit.CLI, "key.rotate", f"key {following.kid}")
    if clock.now() - following.created_at < KNOWN_EVERYWHERE_AFTER:
        click.echo("Note: this key was published only lately. An LMS that keeps our key set may refuse it", err=True)
        click.echo("for a while; grades wait meanwhile and are sent again.", err=True)
    show({"kid": following.kid}, as_json=as_json, text=f"Signing with {following.kid} from now on.")
