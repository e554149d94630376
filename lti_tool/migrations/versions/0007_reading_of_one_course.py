"""reading belongs to one course: two of ours in a context may have items of the same name"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_THE_OLDEST_LINK = """
UPDATE section_read SET course_id = COALESCE((
    SELECT placement.course_id FROM placement
    WHERE placement.context_key = section_read.context_key ORDER BY placement.id LIMIT 1
), '')
"""
WITHOUT_COURSE = ("learner_id", "context_key", "item_id", "section_id")


def upgrade() -> None:
    with op.batch_alter_table("section_read", schema=None) as batch_op:
        batch_op.add_column(sa.Column("course_id", sa.String(length=64), nullable=False, server_default=""))
    op.execute(OF_THE_OLDEST_LINK)
    with op.batch_alter_table("section_read", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("pk_section_read"), type_="primary")
        batch_op.create_primary_key(
            op.f("pk_section_read"), ["learner_id", "context_key", "course_id", "item_id", "section_id"]
        )


def downgrade() -> None:
    same = " AND ".join(f"other.{name} = section_read.{name}" for name in WITHOUT_COURSE)
    op.execute(
        f"DELETE FROM section_read WHERE EXISTS (SELECT 1 FROM section_read AS other "  # noqa: S608 - our own names
        f"WHERE {same} AND other.course_id < section_read.course_id)"
    )
    with op.batch_alter_table("section_read", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("pk_section_read"), type_="primary")
        batch_op.create_primary_key(op.f("pk_section_read"), list(WITHOUT_COURSE))
        batch_op.drop_column("course_id")
