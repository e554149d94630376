"""The migrations make exactly the tables the code expects, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import course.language_model.models
import grading.models
import lti_tool.admin.models
import lti_tool.models
from config.database import Base, Database
from lti_tool.migrating import alembic_config, head_revision, upgrade

assert course.language_model.models
assert grading.models, (lti_tool.admin.models, lti_tool.models)  # imported for their tables


def test_there_is_one_migration_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_migrations_leave_nothing_for_the_models_to_add(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_of_an_upgraded_database_changes_nothing(database: Database) -> None:
    upgrade(database.engine)
    with database.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head_revision()
    assert "outbox_score" in inspect(database.engine).get_table_names()
