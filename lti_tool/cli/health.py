"""`coursewright health`."""

import click

from config.database import Database
from course.catalog import Catalog
from course.errors import ContentError
from lti_tool.cli.environment import as_json_option, load_settings, show
from lti_tool.readiness import faults, worker_fault


@click.command()
@as_json_option
def health(as_json: bool) -> None:
    """Say whether database, migrations, broker, course files and workers are in order. Ends with 1 if one is not."""
    settings = load_settings()
    try:
        catalog = Catalog(settings.courses)
    except ContentError as error:
        click.echo(f"The course cannot be served:\n{error}", err=True)
        raise SystemExit(1) from error
    database = Database(settings.database_url)  # not opened for use: a check makes no tables
    found = {**faults(settings, database, catalog), "workers": worker_fault(database)}
    database.dispose()
    is_well = not any(found.values())
    rows = {name: fault or "ok" for name, fault in found.items()}
    text = "\n".join(f"{name:10}  {told}" for name, told in rows.items())
    show({"ok": is_well, "checks": rows}, as_json=as_json, text=text)
    if not is_well:
        raise SystemExit(1)
