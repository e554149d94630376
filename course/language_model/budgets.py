"""What may be spent: four budgets, each a counter that a call's worst case is taken from before the call.

lab       one attempt at a lab, partner and grader together
student   one learner's labs in one context
context   one context, as long as it lives
month     the whole installation in one calendar month (UTC)

The counters are changed in this order by every transaction, one call a transaction, so none waits for another in a
circle. Amounts are millionths of a US dollar.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from config.settings import Budgets
from config.words import N_
from course.language_model.models import BudgetOverride, ModelCall, ModelSpend
from course.refusals import Refusal

log = logging.getLogger(__name__)

SCOPES = ("lab", "student", "context", "month")
WARNING_SHARE = 0.8
BUSY_WAIT = timedelta(seconds=10)

# The table itself: counters are added to in the database, hundreds of times a minute, and never held as objects.
_COUNTERS = cast(Table, ModelSpend.__table__)
# Four budgets are asked before a call and four after it, so these statements are put together once.
_THIS = (_COUNTERS.c.scope == bindparam("of_scope"), _COUNTERS.c.key == bindparam("of_key"))
_TAKE = (
    update(_COUNTERS)
    .where(*_THIS, _COUNTERS.c.spent + _COUNTERS.c.reserved + bindparam("amount") <= bindparam("most"))
    .values(reserved=_COUNTERS.c.reserved + bindparam("amount"))
)
_SETTLE = (
    update(_COUNTERS)
    .where(*_THIS)
    .values(reserved=_COUNTERS.c.reserved - bindparam("freed"), spent=_COUNTERS.c.spent + bindparam("grown"))
    .returning(_COUNTERS.c.spent, _COUNTERS.c.warned_at)
)

_WORDS = {
    "lab": N_(
        "This attempt has used up its share of AI replies. What you wrote is kept, and you can hand it in as it stands."
    ),
    "student": N_(
        "You have used up your share of AI replies in this course. What you wrote is kept, and you can hand it in as "
        "it stands."
    ),
    "context": N_(
        "Your course has used up what was set aside for AI replies. What you wrote is kept. Your instructor can have "
        "more set aside."
    ),
    "month": N_(
        "The AI replies for this month are used up. What you wrote is kept, and you can hand it in as it stands."
    ),
}
_BUSY = N_("Many people are using the AI right now. What you wrote is kept; try again in a few seconds.")


class BudgetSpent(Refusal):
    """A call could cost more than a budget has left; it was not made. The text is for the learner.

    `retryable`: only calls that are running stand in the way, and those seldom cost their worst case; then
    `retry_after` says when to try again.
    """

    def __init__(self, scope: str, *, only_reserved: bool) -> None:
        self.scope = scope
        self.cause = f"budget_{scope}"
        self.retryable = only_reserved
        self.retry_after = BUSY_WAIT if only_reserved else None
        super().__init__(_BUSY if only_reserved else _WORDS[scope])


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands: `spent` by ended calls, of `limit`; `reserved` by running ones."""

    scope: str
    spent: int
    reserved: int
    limit: int

    @property
    def share(self) -> float:
        """The share that is spent, 0 or more; 1 where nothing may be spent."""
        return self.spent / self.limit if self.limit else 1.0

    @property
    def is_near(self) -> bool:
        """Whether pages should warn."""
        return self.share >= WARNING_SHARE


def limits_in(session: Session, budgets: Budgets, context_key: str) -> dict[str, int]:
    """The budgets that hold in a context, by scope, its own values before the installation's."""
    limits = {scope: int(getattr(budgets, scope)) for scope in SCOPES}
    own = session.get(BudgetOverride, context_key) if context_key else None
    if own is not None:
        limits.update({scope: value for scope in SCOPES[:3] if (value := getattr(own, scope)) is not None})
    return limits


def reserve(session: Session, budgets: Budgets, call: ModelCall) -> None:
    """Take the call's `reserved` from every budget it belongs to. Raises `BudgetSpent`; the caller rolls back."""
    limits = limits_in(session, budgets, call.context_key)
    for scope, key in _keys(call):
        if _take(session, scope, key, call.reserved, limits[scope]):
            continue
        _ensure_counter(session, scope, key)  # the first call of all finds none; later ones mostly spare the question
        if not _take(session, scope, key, call.reserved, limits[scope]):
            spent = session.scalar(select(_COUNTERS.c.spent).where(*_THIS), _named(scope, key)) or 0
            raise BudgetSpent(scope, only_reserved=spent + call.reserved <= limits[scope])


def _take(session: Session, scope: str, key: str, amount: int, limit: int) -> bool:
    taken = session.connection().execute(_TAKE, {**_named(scope, key), "amount": amount, "most": limit})
    return changed_rows(taken) > 0


def settle(session: Session, budgets: Budgets, call: ModelCall, *, freed: int, spent: int) -> None:
    """Give `freed` of what was reserved back and count `spent`. Says so in the log when a budget nears its end."""
    limits = limits_in(session, budgets, call.context_key)
    for scope, key in _keys(call):
        amounts = {**_named(scope, key), "freed": freed, "grown": spent}
        now_spent, warned_at = session.connection().execute(_SETTLE, amounts).one()
        if warned_at is None and now_spent >= WARNING_SHARE * limits[scope]:
            session.connection().execute(
                update(_COUNTERS).where(*_THIS).values(warned_at=clock.now()), _named(scope, key)
            )
            told = {"budget": scope, "context_key": call.context_key, "attempt": call.attempt_id, "call": call.id}
            log.warning("a budget is nearly spent", extra=told)


def standings(
    session: Session,
    budgets: Budgets,
    *,
    attempt_id: int | None = None,
    learner_id: int | None = None,
    context_key: str = "",
) -> tuple[Standing, ...]:
    """How the budgets stand that a call for this attempt, learner and context would be taken from."""
    limits = limits_in(session, budgets, context_key)
    found = []
    for scope, key in _keys_of(attempt_id, learner_id, context_key, month_of_now()):
        counter = session.get(ModelSpend, (scope, key))
        spent, reserved = (counter.spent, counter.reserved) if counter else (0, 0)
        found.append(Standing(scope, spent, reserved, limits[scope]))
    return tuple(found)


def month_of_now() -> str:
    """The present calendar month in UTC, as `2026-11`."""
    return clock.now().strftime("%Y-%m")


def _keys(call: ModelCall) -> Iterator[tuple[str, str]]:
    return _keys_of(call.attempt_id, call.learner_id, call.context_key, call.month)


def _keys_of(attempt_id: int | None, learner_id: int | None, context_key: str, month: str) -> Iterator[tuple[str, str]]:
    if attempt_id is not None:
        yield "lab", str(attempt_id)
    if learner_id is not None:
        yield "student", f"{context_key}/{learner_id}"
    if context_key:
        yield "context", context_key
    yield "month", month


def _named(scope: str, key: str) -> dict[str, str]:
    """One counter, as the statements above ask for it."""
    return {"of_scope": scope, "of_key": key}


def _ensure_counter(session: Session, scope: str, key: str) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(_COUNTERS).values(scope=scope, key=key, spent=0, reserved=0).on_conflict_do_nothing())
