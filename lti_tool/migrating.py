"""The database's shape, brought up to date by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def alembic_config() -> Config:
    """Alembic told where our migrations are; no ini file needed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def head_revision() -> str | None:
    """The newest migration there is."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def is_empty(engine: Engine) -> bool:
    """Whether the database holds no table yet."""
    return not inspect(engine).get_table_names()


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest migration; safe when several processes try at once."""
    with engine.begin() as connection:
        _one_at_a_time(connection)
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _one_at_a_time(connection: Connection) -> None:
    # SQLite's immediate transaction is a lock already; PostgreSQL is asked for one by an arbitrary number of ours.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4711213)")
