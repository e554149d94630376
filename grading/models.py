"""What came of an attempt, and why. An outcome is never changed: a later decision is a new row that outranks it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, UtcDateTime


class Outcome(Base):
    """The points of one attempt, who or what gave them, and the evidence. `decided_by`: "key", "reading", "rubric" (a
    model read by it), "rules" (worked out anew for changed rules), or "person".

    An attempt's outcomes are numbered from 1. A person's stands above all others, else the newest stands
    (`grading.service.outcomes_of`). `evidence` of a quiz:
    `{"questions": [{"question_id", "choice_ids", "points", "points_possible"}]}`; of reading:
    `{"sections": [{"section_id", "read_at"}]}`; of a lab, see `grading.lab_evidence`. Where late work lost points,
    whatever the kind, it also has `"late": {"days_late", "percent", "points_before"}`, and a decision made anew has
    `"reason"`.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        UniqueConstraint("attempt_id", "number"),
        Index(  # whatever is killed or repeated: no attempt has two outcomes of a model
            "uq_outcome_rubric",
            "attempt_id",
            unique=True,
            sqlite_where=text("decided_by = 'rubric'"),
            postgresql_where=text("decided_by = 'rubric'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    number: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str] = mapped_column(String(16))
    points: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    points_possible: Mapped[Decimal] = mapped_column(Numeric(10, 4))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RubricAssessment(Base):
    """How the judgement of one attempt at a lab stands. The row with its lease is the queue.

    `state`: waiting (for a model, `next_try_at` says when) → person (readings differ, or only a person may say) | held
    (complete, not released before `release_at`) → released (there is an outcome). `cause` says why it waits, as a
    code. `decision` is what a person has decided of a held result: `{"levels", "reasons", "reviewer_id"}`; it becomes
    the outcome on the date. `delimiter` stands around the conversation in prompts. `flags` are those of the
    pre-checks, as `[{"kind", "turn", "start", "end"}]` in the canonical text. `is_sampled`: picked for a blind look by
    a person, at random or because a level was released lower than the whole conversation read.
    """

    __tablename__ = "rubric_assessment"
    __table_args__ = (Index(None, "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str | None] = mapped_column(String(40))
    delimiter: Mapped[str] = mapped_column(String(32))
    rubric_hash: Mapped[str] = mapped_column(String(64))
    prompt_hash: Mapped[str] = mapped_column(String(64))
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    is_sampled: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    release_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class CriterionReading(Base):
    """What one reading of one criterion came to; written as soon as it is known, so that no kill makes it twice.

    `reader`, `view` and `number` as in `grading.votes.Seat`. `result` is a verdict or says why there is none
    (`grading.reading_rows`); `calls` are the model calls it took.
    """

    __tablename__ = "criterion_reading"
    __table_args__ = (
        UniqueConstraint("assessment_id", "criterion_id", "reader", "view", "number", name="uq_criterion_reading_seat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("rubric_assessment.id"))
    criterion_id: Mapped[str] = mapped_column(String(64))
    reader: Mapped[str] = mapped_column(String(8))
    view: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    calls: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CriterionAssessment(Base):
    """What the readings of one criterion came to. `level` is 0 to 4, None when nothing leans anywhere; it is settled
    when `reason` is None, and otherwise only what a person is shown, with why the person has to say.

    `quotes`: `[{"turn", "start", "end", "text"}]`, places in the turn's own text. `decided_by` is "model" or "rule".
    """

    __tablename__ = "criterion_assessment"
    __table_args__ = (UniqueConstraint("assessment_id", "criterion_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("rubric_assessment.id"))
    criterion_id: Mapped[str] = mapped_column(String(64))
    level: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(24))
    decided_by: Mapped[str] = mapped_column(String(8))
    quotes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    omission: Mapped[bool]
    boundary: Mapped[str] = mapped_column(Text)
    feedback: Mapped[str] = mapped_column(Text)
    confidence: Mapped[int | None]


class Appeal(Base):
    """A learner's objection to one criterion, in their own words, and the answer to it. One per criterion."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("attempt_id", "criterion_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    criterion_id: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("learner.id"))


class BlindReview(Base):
    """What a person found in a sampled attempt without seeing the model's levels. Measures; changes no grade."""

    __tablename__ = "blind_review"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("rubric_assessment.id"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    levels: Mapped[dict[str, int]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
