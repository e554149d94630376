"""items chosen for links that the platform made without naming any"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_unnamed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("chosen_course_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("chosen_item_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_column("chosen_item_id")
        batch_op.drop_column("chosen_course_id")
        batch_op.drop_column("is_unnamed")
