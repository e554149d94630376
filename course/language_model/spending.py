"""What has been spent, added up from the ledger, and contexts' own budgets."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from course.language_model.ledger import OPEN, SETTLED
from course.language_model.models import BudgetOverride, ModelCall

By = Literal["context", "model", "lab", "month", "purpose"]

_COLUMNS = {
    "context": ModelCall.context_key,
    "model": ModelCall.model,
    "lab": ModelCall.lab_id,
    "month": ModelCall.month,
    "purpose": ModelCall.purpose,
}


@dataclass(frozen=True, slots=True)
class Spending:
    """The calls of one context, model, lab, month or purpose. Amounts are millionths of a US dollar: `cost` of ended
    calls, `reserved` of running ones. `came_to_nothing` counts calls that failed or were abandoned; `cost` has theirs.
    """

    key: str
    calls: int
    came_to_nothing: int
    cost: int
    reserved: int
    prompt_tokens: int
    cache_read_tokens: int
    output_tokens: int

    @property
    def cached_share(self) -> float | None:
        """The share of input tokens that came from the cache, 0–1; None without any input."""
        return self.cache_read_tokens / self.prompt_tokens if self.prompt_tokens else None


def spending(session: Session, by: By, *, month: str | None = None) -> list[Spending]:
    """All calls, or those of one month (`2026-11`), added up by `by`, in the order of its keys."""
    column = _COLUMNS[by]
    is_open = ModelCall.state == OPEN
    prompt = (
        ModelCall.input_tokens
        + ModelCall.cache_write_5m_tokens
        + ModelCall.cache_write_1h_tokens
        + ModelCall.cache_read_tokens
    )
    query = (
        select(
            column,
            func.count(ModelCall.id),
            func.sum(case((ModelCall.state.in_((OPEN, SETTLED)), 0), else_=1)),
            func.sum(ModelCall.cost),
            func.sum(case((is_open, ModelCall.reserved), else_=0)),
            func.sum(prompt),
            func.sum(ModelCall.cache_read_tokens),
            func.sum(ModelCall.output_tokens),
        )
        .group_by(column)
        .order_by(column)
    )
    if month is not None:
        query = query.where(ModelCall.month == month)
    return [Spending(str(row[0]), *(int(value) for value in row[1:])) for row in session.execute(query)]


def set_own_budgets(session: Session, context_key: str, **limits: int | None) -> BudgetOverride:
    """Give a context budgets of its own (`lab`, `student`, `context`, in millionths of a dollar); None takes one away.
    What is not named stays as it is."""
    own = session.get(BudgetOverride, context_key) or BudgetOverride(context_key=context_key)
    for scope, limit in limits.items():
        setattr(own, scope, limit)
    session.add(own)
    session.flush()
    return own
