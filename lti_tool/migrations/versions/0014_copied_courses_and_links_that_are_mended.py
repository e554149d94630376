"""courses that were copied from others, and links that are mended"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("context", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copied_from_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_context_copied_from_id_context"), "context", ["copied_from_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_column_url", sa.Text(), nullable=True))
    op.create_table(
        "link_repair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("lti_resource_link_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("named_course_id", sa.String(length=255), nullable=False),
        sa.Column("named_item_id", sa.String(length=255), nullable=True),
        sa.Column("chosen_course_id", sa.String(length=64), nullable=True),
        sa.Column("chosen_item_id", sa.String(length=64), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_link_repair_context_id_context"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_repair")),
        sa.UniqueConstraint(
            "context_id", "lti_resource_link_id", name=op.f("uq_link_repair_context_id_lti_resource_link_id")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_link_repair_key")),
    )


def downgrade() -> None:
    op.drop_table("link_repair")
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_column("refused_column_url")
    with op.batch_alter_table("context", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_context_copied_from_id_context"), type_="foreignkey")
        batch_op.drop_column("copied_at")
        batch_op.drop_column("copied_from_id")
