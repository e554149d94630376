"""platforms and deployments that are switched off or wait to be allowed"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("registration", "deployment"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("state", sa.String(length=8), nullable=False, server_default="active"))
            batch_op.add_column(sa.Column("state_since", sa.DateTime(timezone=True), nullable=True))
    for table in ("registration", "deployment"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("state", server_default=None)
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token_obtained_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("token_obtained_at")
    for table in ("deployment", "registration"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("state_since")
            batch_op.drop_column("state")
