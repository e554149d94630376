"""Requests, replies and a ledger with plain defaults."""

from datetime import date
from decimal import Decimal
from typing import Any

from config.settings import Budgets
from course.language_model.ledger import GRADER, CallFor, Ledger
from course.language_model.messages import Message, Part, Reply, Request, Usage
from course.language_model.prices import ModelPrice, Price, PriceList

CHEAP, DEAR = "claude-haiku-5-5", "claude-sonnet-5-5"
DOLLAR = 1_000_000
PLENTY = Budgets(lab=1000 * DOLLAR, student=1000 * DOLLAR, context=1000 * DOLLAR, month=1000 * DOLLAR)

ONE_EACH = Price(*(Decimal(1) for _ in range(5)))
PRICES = PriceList(date(2026, 11, 22), {CHEAP: ModelPrice(ONE_EACH), DEAR: ModelPrice(ONE_EACH)})


def request(text: str = "Which ingredient failed first?", **values: Any) -> Request:
    fields = {
        "model": CHEAP,
        "system": (Part("You question a diagnosis."),),
        "messages": (Message("user", (Part(text),)),),
        "max_tokens": 500,
        "timeout_seconds": 20.0,
        **values,
    }
    return Request(**fields)


def reply(**usage: int) -> Reply:
    return Reply("Fine.", "end_turn", None, CHEAP, Usage(**usage), 1.25, 0.5, "req_1")


def call_for(**values: Any) -> CallFor:
    return CallFor(**{"purpose": GRADER, "about": "mechanism, vote 1", "context_key": "context-1", **values})


def ledger(**budgets: int) -> Ledger:
    values = {scope: getattr(PLENTY, scope) for scope in ("lab", "student", "context", "month")}
    return Ledger(PRICES, Budgets(**{**values, **budgets}))
