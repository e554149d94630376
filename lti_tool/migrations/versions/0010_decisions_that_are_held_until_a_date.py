"""what a person has decided of a lab may be held until its date of release"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rubric_assessment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decision", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rubric_assessment", schema=None) as batch_op:
        batch_op.drop_column("decision")
