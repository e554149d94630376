"""What commands share: settings with all faults shown at once, and a database that is ready to use."""

import json
import time
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from config import settings as config_settings
from config.database import Database, is_away
from config.settings import Settings, SettingsInvalid
from course.language_model.errors import ModelNotPriced
from course.language_model.prices import PricesInvalid, priced
from lti_tool.migrating import is_empty, upgrade

TRY_SECONDS = 1.0  # between two tries to reach a database


def load_settings(*, port: int = 5000) -> Settings:
    """The settings of the environment; a faulty one ends the command with every fault named."""
    try:
        return config_settings.from_environment(port=port)
    except SettingsInvalid as invalid:
        click.echo("These settings cannot be used:", err=True)
        for fault in invalid.faults:
            click.echo(f"  - {fault}", err=True)
        raise SystemExit(2) from invalid


def open_database(settings: Settings, *, patience: float = 0.0) -> Database:
    """The database, its tables made if it is empty and this is no production system: then it is waited for, `patience`
    seconds long, since it may be starting too. In production nothing is asked of it here."""
    try:
        return _opened(settings, time.monotonic() + patience)
    except (SQLAlchemyError, OSError, ImportError) as error:
        # The error's own text may hold the address, and with it a password.
        click.echo(f"The database of COURSEWRIGHT_DATABASE_URL cannot be used ({error.__class__.__name__}).", err=True)
        click.echo("Check that it runs, that the address is right, and that we may write there.", err=True)
        raise SystemExit(2) from error


def _opened(settings: Settings, deadline: float) -> Database:
    is_told = False
    while True:
        database = Database(settings.database_url)
        try:
            if not settings.is_production and is_empty(database.engine):
                upgrade(database.engine)
        except SQLAlchemyError as error:
            database.dispose()
            if not is_away(error) or time.monotonic() > deadline:
                raise
            if not is_told:
                click.echo(f"The database does not answer ({error.__class__.__name__}); waiting for it.", err=True)
                is_told = True
            time.sleep(TRY_SECONDS)
        else:
            return database


def check_language_models(settings: Settings) -> None:
    """End the command when models are configured that no price is known for: every call would be refused later."""
    if not settings.ai_is_available:
        return
    try:
        priced(settings)
    except (PricesInvalid, ModelNotPriced) as error:
        click.echo(f"Language models cannot be used: {error}", err=True)
        raise SystemExit(2) from error


def show(value: Any, *, as_json: bool, text: str) -> None:
    """Print `value` as JSON, or `text` for people."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str) if as_json else text)


as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
