"""What came of an attempt, and why. An outcome is never changed: a later decision is a new row that outranks it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, UtcDateTime


class Outcome(Base):
    """The points of one attempt, who or what gave them (`decided_by`: "key", "reading", "person" …), and the evidence.

    An attempt's outcomes are numbered from 1. A person's stands above all others, else the newest stands
    (`grading.service.outcomes_of`). `evidence` of a quiz:
    `{"questions": [{"question_id", "choice_ids", "points", "points_possible"}]}`; of reading:
    `{"sections": [{"section_id", "read_at"}]}`. Where late work lost points, whatever the kind, it also has
    `"late": {"days_late", "percent", "points_before"}`, and a decision made anew has `"reason"`.
    """

    __tablename__ = "outcome"
    __table_args__ = (UniqueConstraint("attempt_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str] = mapped_column(String(16))
    points: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    points_possible: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
