"""calls of language models, and what they may cost"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_override",
        sa.Column("context_key", sa.String(length=40), nullable=False),
        sa.Column("lab", sa.BigInteger(), nullable=True),
        sa.Column("student", sa.BigInteger(), nullable=True),
        sa.Column("context", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("context_key", name=op.f("pk_budget_override")),
    )
    op.create_table(
        "model_pause",
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_model_pause")),
    )
    op.create_table(
        "model_spend",
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_model_spend")),
    )
    op.create_table(
        "model_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("learner_id", sa.Integer(), nullable=True),
        sa.Column("context_key", sa.String(length=40), nullable=False),
        sa.Column("lab_id", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("rubric_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=True),
        sa.Column("stop_reason", sa.String(length=40), nullable=True),
        sa.Column("request_id", sa.String(length=80), nullable=True),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("latency", sa.Integer(), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_write_5m_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_write_1h_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_read_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("thinking_tokens", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_model_call_attempt_id")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_model_call_learner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_call")),
    )
    with op.batch_alter_table("model_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_call_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_model_call_context_key_month"), ["context_key", "month"], unique=False)
        batch_op.create_index(batch_op.f("ix_model_call_state_lease_until"), ["state", "lease_until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("model_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_model_call_state_lease_until"))
        batch_op.drop_index(batch_op.f("ix_model_call_context_key_month"))
        batch_op.drop_index(batch_op.f("ix_model_call_attempt_id"))

    op.drop_table("model_call")
    op.drop_table("model_spend")
    op.drop_table("model_pause")
    op.drop_table("budget_override")
