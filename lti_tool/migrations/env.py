"""Run by Alembic, always with a connection that `lti_tool.migrating.upgrade` has opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import course.language_model.models  # noqa: F401 - imported for its tables
import grading.models  # noqa: F401 - imported for its tables
import lti_tool.admin.models
import lti_tool.models  # noqa: F401 - imported for its tables, and for course.models'
from config.database import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations name plain column types, so that they stay true when our classes move."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter tables in place
    transactional_ddl=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
