"""what is seen of workers, and an index of scores that are owed"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OWED = sa.text("state IN ('pending', 'stuck')")


def upgrade() -> None:
    op.create_table(
        "worker_sign",
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_worker_sign")),
    )
    op.create_index(
        "ix_outbox_score_owed", "outbox_score", ["state", "created_at"], sqlite_where=OWED, postgresql_where=OWED
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_score_owed", "outbox_score")
    op.drop_table("worker_sign")
