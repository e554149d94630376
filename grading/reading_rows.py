"""Readings, verdicts and quotes as the JSON values that rows keep, and back."""

from dataclasses import asdict
from typing import Any

from grading.models import CriterionReading
from grading.readings import Reading
from grading.transcript import Quote
from grading.verdict import Unusable, Verdict
from grading.votes import Reader, Seat, View, Vote


def quote_values(quote: Quote) -> dict[str, Any]:
    """A quote: the number of its turn, its place in that turn's own text, and the words."""
    return {"turn": quote.turn_number, "start": quote.start, "end": quote.end, "text": quote.text}


def quote_of(values: dict[str, Any]) -> Quote:
    """The quote that `quote_values` was given."""
    return Quote(values["turn"], values["start"], values["end"], values["text"])


def result_values(result: Verdict | Unusable) -> dict[str, Any]:
    """A verdict, or `{"faults", "leaked"}`."""
    if isinstance(result, Unusable):
        return {"faults": list(result.faults), "leaked": result.leaked}
    return {**asdict(result), "evidence": [quote_values(quote) for quote in result.evidence]}


def call_values(reading: Reading) -> list[dict[str, Any]]:
    """The calls of a reading."""
    return [asdict(call) for call in reading.calls]


def vote_of(row: CriterionReading) -> Vote:
    """The vote that a row keeps."""
    seat = Seat(Reader(row.reader), View(row.view), row.number)
    values = row.result
    if "faults" in values:
        return Vote(seat, Unusable(tuple(values["faults"]), leaked=values["leaked"]))
    evidence = tuple(quote_of(quote) for quote in values["evidence"])
    return Vote(seat, Verdict(**{**values, "evidence": evidence}))
