"""What is counted and logged of calls: what for, how long, how many tokens, what it cost; never a word of them."""

import logging

from config import metrics
from course.language_model.budgets import BudgetSpent
from course.language_model.errors import (
    LanguageModelError,
    ModelBusy,
    ModelCut,
    ModelNotConfigured,
    ModelNotPriced,
    ModelRefused,
    ModelRejected,
    ModelSwitchedOff,
    ModelUnavailable,
    SpendLimit,
)
from course.language_model.ledger import CallFor
from course.language_model.messages import Reply, Request
from course.language_model.models import ModelCall

log = logging.getLogger(__name__)

MICRO = 1_000_000  # what the ledger counts in: millionths of a US dollar
LEFT = "left"  # the outcome of a call that we gave up; the cause says why
_OUTCOMES: dict[type[Exception], str] = {
    ModelNotConfigured: "not_configured",
    ModelNotPriced: "not_priced",
    ModelSwitchedOff: "switched_off",
    ModelUnavailable: "unavailable",
    ModelBusy: "busy",
    SpendLimit: "spend_limit",
    ModelRejected: "rejected",
    ModelRefused: "refused",
    ModelCut: "cut",
}


def answered(call_id: int, request: Request, call_for: CallFor, reply: Reply, cost: int) -> None:
    """A call came to its own end, at a cost of millionths of a US dollar."""
    _count(request, call_for, "answered", reply, cost)
    log.info("model answered", extra=_fields(call_id, request, call_for, reply, cost))


def failed(call_id: int, request: Request, call_for: CallFor, error: LanguageModelError, cost: int) -> None:
    """A call came to nothing."""
    outcome = _OUTCOMES[error.__class__]
    _count(request, call_for, outcome, error.reply, cost)
    fields = _fields(call_id, request, call_for, error.reply, cost)
    log.warning("model failed", extra={**fields, "outcome": outcome, "cause": error.cause})


def left(call_id: int, request: Request, call_for: CallFor, cause: str, cost: int) -> None:
    """A call was broken off by us."""
    _count(request, call_for, LEFT, None, cost)
    log.warning("model left", extra={**_fields(call_id, request, call_for, None, cost), "cause": cause})


def abandoned(call: ModelCall) -> None:
    """A call whose process died keeps its worst case as its cost. That process can count nothing any more."""
    metrics.count(metrics.MODEL_CALLS, call.purpose, call.model, "abandoned")
    metrics.count(metrics.MODEL_COST, call.purpose, call.model, by=call.cost / MICRO)
    fields = {"call": call.id, "purpose": call.purpose, "model": call.model, "attempt": call.attempt_id}
    log.warning("model call abandoned", extra={**fields, "cost": call.cost / MICRO})


def not_made(request: Request, call_for: CallFor, error: BudgetSpent | LanguageModelError) -> None:
    """No call was made: a budget is spent, the service asked us to wait, AI is switched off, or no price is known."""
    cause = error.cause if isinstance(error, BudgetSpent) else _OUTCOMES[error.__class__]
    metrics.count(metrics.MODEL_CALLS_NOT_MADE, call_for.purpose, request.model, cause)
    fields = {"purpose": call_for.purpose, "model": request.model, "attempt": call_for.attempt_id}
    log.warning("model not called", extra={**fields, "cause": cause})


def _count(request: Request, call_for: CallFor, outcome: str, reply: Reply | None, cost: int) -> None:
    about = (call_for.purpose, request.model)
    metrics.count(metrics.MODEL_CALLS, *about, outcome)
    metrics.count(metrics.MODEL_COST, *about, by=cost / MICRO)
    if reply is None:
        return
    metrics.observe(metrics.MODEL_SECONDS, reply.latency, *about)
    usage = reply.usage
    kinds = {
        "input": usage.input,
        "cache_write": usage.cache_write_5m + usage.cache_write_1h,
        "cache_read": usage.cache_read,
        "output": usage.output,
    }
    for kind, tokens in kinds.items():
        if tokens:
            metrics.count(metrics.MODEL_TOKENS, *about, kind, by=tokens)


def _fields(call_id: int, request: Request, call_for: CallFor, reply: Reply | None, cost: int) -> dict[str, object]:
    fields: dict[str, object] = {
        "call": call_id,
        "purpose": call_for.purpose,
        "model": request.model,
        "attempt": call_for.attempt_id,
        "context_key": call_for.context_key,
        "cost": cost / MICRO,
    }
    if reply is not None:
        tokens = {"tokens_in": reply.usage.prompt, "tokens_out": reply.usage.output}
        fields |= {**tokens, "milliseconds": round(reply.latency * 1000)}
    return fields
