"""dates, accommodations, and outcomes that are added to"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_override",
        sa.Column("context_key", sa.String(length=40), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("context_key", "course_id", "item_id", name=op.f("pk_policy_override")),
    )
    op.create_table(
        "accommodation",
        sa.Column("context_key", sa.String(length=40), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("time_percent", sa.Integer(), nullable=False),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("extra_days", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_accommodation_learner_id")),
        sa.PrimaryKeyConstraint("context_key", "learner_id", "item_id", name=op.f("pk_accommodation")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("override", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("writer", sa.String(length=32), nullable=True))
        batch_op.create_index(
            "ix_attempt_overdue",
            ["ends_at"],
            unique=False,
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        batch_op.drop_constraint(op.f("uq_outcome_attempt_id_decided_by"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outcome_attempt_id_number"), ["attempt_id", "number"])


def downgrade() -> None:
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_outcome_attempt_id_number"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_outcome_attempt_id_decided_by"), ["attempt_id", "decided_by"])
        batch_op.drop_column("number")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attempt_overdue",
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.drop_column("writer")
        batch_op.drop_column("ends_at")
        batch_op.drop_column("override")
    op.drop_table("accommodation")
    op.drop_table("policy_override")
