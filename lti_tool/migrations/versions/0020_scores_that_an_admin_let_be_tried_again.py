"""when an admin let a stuck score be tried again, and what finds the stuck among all scores"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox_score", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retried_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_outbox_score_retried_at", ["retried_at"])
        batch_op.create_index("ix_outbox_score_delivered_at", ["delivered_at"])
        batch_op.create_index("ix_outbox_score_state_cause", ["state", "cause"])


def downgrade() -> None:
    with op.batch_alter_table("outbox_score", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_score_state_cause")
        batch_op.drop_index("ix_outbox_score_delivered_at")
        batch_op.drop_index("ix_outbox_score_retried_at")
        batch_op.drop_column("retried_at")
