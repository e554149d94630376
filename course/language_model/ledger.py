"""The book of calls: a row before each, settled after it, whatever happened. The caller owns the transaction.

A call left open by a process that died is abandoned when its lease has ended and keeps its worst case as its cost: the
service may well have charged for it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from config.settings import Budgets
from course.language_model import budgets as money
from course.language_model import pauses
from course.language_model.errors import LanguageModelError
from course.language_model.messages import Reply, Request, Usage
from course.language_model.models import ModelCall
from course.language_model.prices import PriceList

OPEN, SETTLED, FAILED, ABANDONED = "open", "settled", "failed", "abandoned"
PARTNER, GRADER = "partner", "grader"
MARGIN = timedelta(seconds=60)  # for all that a call does beside waiting for the service


@dataclass(frozen=True, slots=True)
class CallFor:
    """Whom and what a call is for. `purpose`: PARTNER or GRADER. `about`: up to 120 characters, no student's text."""

    purpose: str
    about: str = ""
    attempt_id: int | None = None
    learner_id: int | None = None
    context_key: str = ""
    lab_id: str = ""
    prompt_hash: str = ""
    rubric_hash: str = ""


class Ledger:
    """Writes calls by one price list, within one set of budgets."""

    def __init__(self, prices: PriceList, budgets: Budgets) -> None:
        self.prices = prices
        self.budgets = budgets

    def open(self, session: Session, request: Request, call_for: CallFor) -> int:
        """Reserve the worst case and write the row; returns its id. To be committed before the call is made.

        Raises `BudgetSpent`, `ModelNotPriced`, and `ModelBusy` or `SpendLimit` while the model is to be left alone.
        """
        now = clock.now()
        pauses.refuse_paused(session, request.model)
        call = ModelCall(
            purpose=call_for.purpose,
            about=call_for.about[:120],
            attempt_id=call_for.attempt_id,
            learner_id=call_for.learner_id,
            context_key=call_for.context_key,
            lab_id=call_for.lab_id,
            prompt_hash=call_for.prompt_hash,
            rubric_hash=call_for.rubric_hash,
            model=request.model,
            state=OPEN,
            started_at=now,
            month=money.month_of_now(),
            lease_until=now + timedelta(seconds=request.timeout_seconds) + MARGIN,
            reserved=self.prices.worst_case(request),
        )
        session.add(call)
        session.flush()
        money.reserve(session, self.budgets, call)  # last: all calls of a month wait for the lock this takes
        return call.id

    def settle(self, session: Session, call_id: int, reply: Reply) -> int:
        """The call came to its own end; returns its cost. Also for one that was given up too early."""
        call = session.get_one(ModelCall, call_id, with_for_update=True)
        cost = self.prices.cost(call.model, reply.usage)
        return _close(session, self.budgets, call, SETTLED, cost=cost, reply=reply)

    def fail(self, session: Session, call_id: int, request: Request, error: LanguageModelError) -> int:
        """The call came to nothing; returns what it may have cost."""
        call = session.get_one(ModelCall, call_id, with_for_update=True)
        pauses.note(session, call.model, error)
        cost = self._cost_of(call, request, error)
        return _close(session, self.budgets, call, FAILED, cost=cost, reply=error.reply, cause=error.cause)

    def break_off(self, session: Session, call_id: int, cause: str) -> int:
        """The call was left without an answer, by us; it keeps its worst case."""
        call = session.get_one(ModelCall, call_id, with_for_update=True)
        return _close(session, self.budgets, call, FAILED, cost=call.reserved, cause=cause)

    def _cost_of(self, call: ModelCall, request: Request, error: LanguageModelError) -> int:
        if error.reply is None or not error.reply.usage.prompt:
            return call.reserved if error.may_be_billed else 0
        usage = error.reply.usage
        if error.may_be_billed:  # the input is known, but not how much was written before the stream broke
            usage = replace(usage, output=max(usage.output, request.max_tokens))
        return self.prices.cost(call.model, usage)


def abandon(session: Session, budgets: Budgets, call_id: int) -> ModelCall | None:
    """Close a call whose process died, at its worst case, and return it; None if it has been settled by now."""
    call = session.get_one(ModelCall, call_id, with_for_update=True, populate_existing=True)
    if call.state != OPEN or call.lease_until >= clock.now():
        return None
    _close(session, budgets, call, ABANDONED, cost=call.reserved, cause="process_died")
    return call


def _close(
    session: Session,
    budgets: Budgets,
    call: ModelCall,
    state: str,
    *,
    cost: int,
    reply: Reply | None = None,
    cause: str | None = None,
) -> int:
    if call.state in {SETTLED, FAILED}:
        return call.cost  # it has been closed by the one who made it; only an abandoned call may turn out to be alive
    freed = call.reserved if call.state == OPEN else 0
    grown = cost - call.cost
    call.state, call.cost, call.cause = state, cost, cause
    call.settled_at = clock.now()
    if reply is not None:
        call.answered_by = reply.model[:80]
        call.stop_reason = reply.stop_reason[:40] if reply.stop_reason else None
        call.request_id = reply.request_id[:80] if reply.request_id else None
        call.latency = round(reply.latency * 1000)
        _note_usage(call, reply.usage)
    session.flush()
    money.settle(session, budgets, call, freed=freed, spent=grown)  # last, for the same reason
    return cost


def _note_usage(call: ModelCall, usage: Usage) -> None:
    call.input_tokens = usage.input
    call.cache_write_5m_tokens = usage.cache_write_5m
    call.cache_write_1h_tokens = usage.cache_write_1h
    call.cache_read_tokens = usage.cache_read
    call.output_tokens = usage.output
    call.thinking_tokens = usage.thinking


def overdue_ids(session: Session, limit: int = 500) -> list[int]:
    """Calls whose lease has ended while they were open. Abandon each in a transaction of its own."""
    query = select(ModelCall.id).where(ModelCall.state == OPEN, ModelCall.lease_until < clock.now())
    return list(session.scalars(query.order_by(ModelCall.lease_until).limit(limit)))
