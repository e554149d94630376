"""How much of the prompts a class's labs take from the prompt cache, and what that saves.

    python -m benchmarks.grading_cost [--transcripts 30] [--lab 1] [--latency 2] [--sqlite]

Hands in that many different conversations at once and has them judged as a worker does: the same prompts, order of
calls, ledger and database, against a model service that works its cache figures out from the bytes of each request and
lets nothing be read before the answer that writes it has begun. Limits: at least 80% of the prompts' tokens come from
the cache; and every conversation ends, with a grade or with a person.

These are regression figures of a scripted service: they say how prompts are laid out and calls are ordered. What a real
model costs depends on the length of its answers as well, and on its own tokens.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from benchmarks.measuring import Figure, migrated_database, model_service, report
from config.database import Database
from config.settings import Settings, from_environment
from course.language_model.calls import LanguageModel
from course.language_model.client import ModelClient
from course.language_model.ledger import Ledger
from course.language_model.messages import Usage
from course.language_model.models import ModelCall
from course.language_model.prices import PriceList, priced
from grading import assessments
from grading.models import RubricAssessment
from lti_tool.lab_grading import LabGrading
from tests.attack_sets.honest import honest_record
from tests.course.language_model.makers import PLENTY
from tests.grading.lab_class import LabClass

MILLIONTHS = 1_000_000
LEAST_CACHED = 0.80


@dataclass(frozen=True, slots=True)
class Money:
    """What all calls together took: tokens of prompts, how many of those came from the cache, and millionths of a
    dollar, as they were counted and as if nothing had ever been cached."""

    calls: int
    prompt: int
    read: int
    cost: int
    uncached: int


def main() -> int:
    """Measure and report; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading_cost")
    parser.add_argument("--transcripts", type=int, default=30)
    parser.add_argument("--lab", type=int, default=1, choices=(1, 2, 3, 4))
    parser.add_argument("--latency", type=float, default=2.0, help="seconds before each answer begins")
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    with migrated_database(sqlite=given.sqlite) as address, model_service("--latency", str(given.latency)) as url:
        settings, database = _settings(url, address), Database(address)
        prices = priced(settings)
        ended = _judge(settings, database, prices, given.lab, given.transcripts)
        with database.reading() as session:
            money = money_of(session.scalars(select(ModelCall)).all(), prices)
        database.dispose()
    status = report(
        [
            Figure("share of the prompts read from the cache", money.read / money.prompt, LEAST_CACHED, "", True),
            Figure("cost ÷ cost without any cache", money.cost / money.uncached, 1.0, ""),
            Figure("conversations that came to an end", ended, given.transcripts, "", True),
        ],
        transcripts=given.transcripts,
        lab=given.lab,
        latency_s=given.latency,
        calls=money.calls,
        usd_per_transcript=_usd(money.cost, given.transcripts),
        usd_per_transcript_uncached=_usd(money.uncached, given.transcripts),
        prices_as_of=str(prices.as_of),
    )
    sys.stdout.write("These are regression figures of a scripted service.\n")
    return status


def money_of(calls: Sequence[ModelCall], prices: PriceList) -> Money:
    """Add up settled calls; without a cache each would have paid the input's price for its whole prompt."""
    used = [(call, _usage(call)) for call in calls]
    return Money(
        calls=len(used),
        prompt=sum(usage.prompt for _, usage in used),
        read=sum(usage.cache_read for _, usage in used),
        cost=sum(call.cost for call, _ in used),
        uncached=sum(prices.cost(call.model, Usage(input=usage.prompt, output=usage.output)) for call, usage in used),
    )


def _usage(call: ModelCall) -> Usage:
    return Usage(
        input=call.input_tokens,
        cache_write_5m=call.cache_write_5m_tokens,
        cache_write_1h=call.cache_write_1h_tokens,
        cache_read=call.cache_read_tokens,
        output=call.output_tokens,
    )


def _usd(millionths: int, transcripts: int) -> float:
    return round(millionths / transcripts / MILLIONTHS, 5)


def _settings(url: str, address: str) -> Settings:
    return from_environment(
        {"ANTHROPIC_API_KEY": "benchmark", "ANTHROPIC_BASE_URL": url, "COURSEWRIGHT_DATABASE_URL": address}
    )


def _judge(settings: Settings, database: Database, prices: PriceList, number: int, transcripts: int) -> int:
    """Hand in and judge; how many have ended."""
    room = LabClass(database, None, number)
    handed_in = [
        room.hand_in(sub=f"student-{one}", lines=[(turn["role"], turn["text"]) for turn in _turns(room, one)])
        for one in range(transcripts)
    ]
    client = ModelClient(key=settings.model_key, base_url=settings.model_base_url)
    model = LanguageModel(database, client, Ledger(prices, PLENTY))
    grading = LabGrading(settings, database, model, lambda _outbox_id: None)
    for attempt_id in handed_in:
        grading.start(attempt_id)
    grading.close()  # waits for all of them
    client.close()
    with database.reading() as session:
        states = session.scalars(select(RubricAssessment.state)).all()
    return sum(state in {assessments.RELEASED, assessments.PERSON} for state in states)


def _turns(room: LabClass, number: int) -> list[dict[str, str]]:
    turns: list[dict[str, str]] = honest_record(room.lab, number)["turns"]
    return turns


if __name__ == "__main__":
    sys.exit(main())
