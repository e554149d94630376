"""`coursewright db`."""

import click

from config.database import Database
from lti_tool.admin import audit
from lti_tool.cli.environment import load_settings
from lti_tool.migrating import current_revision, head_revision, upgrade


@click.group()
def db() -> None:
    """The database's shape."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the newest migration. Safe to repeat, and to run on several machines at once."""
    database = Database(load_settings().database_url)
    before = current_revision(database.engine)
    upgrade(database.engine)
    if before != head_revision():
        with database.transaction() as session:
            audit.note(session, audit.CLI, "database.upgrade", "database", before=before, now=head_revision())
    click.echo(f"The database is at migration {head_revision()}.")
