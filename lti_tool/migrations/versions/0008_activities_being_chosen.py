"""activities being chosen by deep linking, and those that were chosen before"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "selection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("binding_hash", sa.String(length=64), nullable=True),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_selection_context_id_context"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_selection_key_hash")),
    )
    op.create_index(op.f("ix_selection_expires_at"), "selection", ["expires_at"])
    op.create_table(
        "chosen_activity",
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("selection_id", sa.Integer(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_chosen_activity_context_id_context"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_chosen_activity_selection_id_selection"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("context_id", "course_id", "item_id", name=op.f("pk_chosen_activity")),
    )


def downgrade() -> None:
    op.drop_table("chosen_activity")
    op.drop_index(op.f("ix_selection_expires_at"), table_name="selection")
    op.drop_table("selection")
