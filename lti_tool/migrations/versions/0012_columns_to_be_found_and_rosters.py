"""columns that are found or made by us, and rosters"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "column_search",
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_item_id"], ["line_item.id"], name=op.f("fk_column_search_line_item_id_line_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_item_id", name=op.f("pk_column_search")),
    )
    op.create_index(op.f("ix_column_search_next_try_at"), "column_search", ["next_try_at"])
    op.create_table(
        "roster",
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_roster_context_id_context"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("context_id", name=op.f("pk_roster")),
    )
    op.create_table(
        "roster_member",
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_roster_member_context_id_context"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("context_id", "user_id", name=op.f("pk_roster_member")),
    )


def downgrade() -> None:
    op.drop_table("roster_member")
    op.drop_table("roster")
    op.drop_index(op.f("ix_column_search_next_try_at"), table_name="column_search")
    op.drop_table("column_search")
