"""how labs are judged: assessments, readings, appeals"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["learner.id"], name=op.f("fk_appeal_answered_by")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_appeal_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("attempt_id", "criterion_id", name=op.f("uq_appeal_attempt_id_criterion_id")),
    )
    op.create_table(
        "rubric_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("delimiter", sa.String(length=32), nullable=False),
        sa.Column("rubric_hash", sa.String(length=64), nullable=False),
        sa.Column("prompt_hash", sa.String(length=64), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("is_sampled", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_rubric_assessment_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_assessment")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_rubric_assessment_attempt_id")),
    )
    with op.batch_alter_table("rubric_assessment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rubric_assessment_state_next_try_at"), ["state", "next_try_at"], unique=False
        )
    op.create_table(
        "blind_review",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["rubric_assessment.id"], name=op.f("fk_blind_review_assessment_id")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["learner.id"], name=op.f("fk_blind_review_reviewer_id")),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_blind_review")),
    )
    op.create_table(
        "criterion_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("decided_by", sa.String(length=8), nullable=False),
        sa.Column("quotes", sa.JSON(), nullable=False),
        sa.Column("omission", sa.Boolean(), nullable=False),
        sa.Column("boundary", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["rubric_assessment.id"], name=op.f("fk_criterion_assessment_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_assessment")),
        sa.UniqueConstraint(
            "assessment_id", "criterion_id", name=op.f("uq_criterion_assessment_assessment_id_criterion_id")
        ),
    )
    op.create_table(
        "criterion_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("reader", sa.String(length=8), nullable=False),
        sa.Column("view", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("calls", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["rubric_assessment.id"], name=op.f("fk_criterion_reading_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion_reading")),
        sa.UniqueConstraint(
            "assessment_id", "criterion_id", "reader", "view", "number", name="uq_criterion_reading_seat"
        ),
    )
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.create_index(
            "uq_outcome_rubric",
            ["attempt_id"],
            unique=True,
            sqlite_where=sa.text("decided_by = 'rubric'"),
            postgresql_where=sa.text("decided_by = 'rubric'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outcome_rubric",
            sqlite_where=sa.text("decided_by = 'rubric'"),
            postgresql_where=sa.text("decided_by = 'rubric'"),
        )
    op.drop_table("criterion_reading")
    op.drop_table("criterion_assessment")
    op.drop_table("blind_review")
    with op.batch_alter_table("rubric_assessment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rubric_assessment_state_next_try_at"))
    op.drop_table("rubric_assessment")
    op.drop_table("appeal")
