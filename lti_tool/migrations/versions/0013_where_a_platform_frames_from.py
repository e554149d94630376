"""where a platform frames us from, beside what its launches say"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("frame_origins", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.alter_column("frame_origins", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("frame_origins")
