"""Tables of the money: each call, what is counted against which budget, and models that asked us to wait."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, UtcDateTime
from course.models import Attempt, Learner


class ModelCall(Base):
    """One call of a language model. Written before the call, settled after it, never deleted.

    `state`: open → settled | failed | abandoned (its process died; the worst case stays as its cost). `about` says in a
    word or two what was asked, such as a criterion and a vote. `reserved` and `cost` are millionths of a US dollar;
    while the call is open, `cost` is 0. `month` is that of `started_at` in UTC, as `2026-11`. `answered_by` is the
    model that says it answered. `latency` is in milliseconds.
    """

    __tablename__ = "model_call"
    __table_args__ = (
        Index(None, "state", "lease_until"),
        Index(None, "attempt_id"),
        Index(None, "context_key", "month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(120), default="")
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey(Attempt.id))
    learner_id: Mapped[int | None] = mapped_column(ForeignKey(Learner.id))
    context_key: Mapped[str] = mapped_column(String(40), default="")
    lab_id: Mapped[str] = mapped_column(String(64), default="")
    model: Mapped[str] = mapped_column(String(80))
    prompt_hash: Mapped[str] = mapped_column(String(64), default="")
    rubric_hash: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    month: Mapped[str] = mapped_column(String(7))
    lease_until: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reserved: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    answered_by: Mapped[str | None] = mapped_column(String(80))
    stop_reason: Mapped[str | None] = mapped_column(String(40))
    request_id: Mapped[str | None] = mapped_column(String(80))
    cause: Mapped[str | None] = mapped_column(String(40))
    latency: Mapped[int | None]
    input_tokens: Mapped[int] = mapped_column(default=0)
    cache_write_5m_tokens: Mapped[int] = mapped_column(default=0)
    cache_write_1h_tokens: Mapped[int] = mapped_column(default=0)
    cache_read_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    thinking_tokens: Mapped[int] = mapped_column(default=0)


class ModelSpend(Base):
    """What is counted against one budget: `spent` by calls that have ended, `reserved` by those that run.

    `scope` and `key` name the budget as in `budgets.py`. `warned_at`: when it first passed the warning share.
    """

    __tablename__ = "model_spend"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    spent: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BudgetOverride(Base):
    """One context's own budgets, in millionths of a US dollar; None leaves the installation's as it is."""

    __tablename__ = "budget_override"

    context_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    lab: Mapped[int | None] = mapped_column(BigInteger)
    student: Mapped[int | None] = mapped_column(BigInteger)
    context: Mapped[int | None] = mapped_column(BigInteger)


class ModelSwitch(Base):
    """That no language model is to be called in a place: a switch that is off. `scope` and `key` as in `switches.py`,
    with who switched it off, when, and what for in their own words."""

    __tablename__ = "model_switch"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    switched_by: Mapped[str] = mapped_column(String(64))
    switched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300))


class ModelPause(Base):
    """A model that nobody is to call before `not_before`, because its service asked for that. `cause` as in errors."""

    __tablename__ = "model_pause"

    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(String(40))
