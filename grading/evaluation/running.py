"""The pipeline that grades learners, run over a labelled set: the same prompts, checks, votes and models."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count

from course.language_model.calls import Answered
from course.language_model.client import ModelClient
from course.language_model.messages import Request
from course.language_model.prices import PriceList
from grading.evaluation.records import Record
from grading.fan_out import read_all
from grading.judging import Judging, Submission, submission_of
from grading.prechecks import Checked
from grading.readings import Asker, CallNote, Postponed, ReaderModels, Reading
from grading.transcript import Quote
from grading.votes import ForPerson, Reason, Settled

RECORDS_AT_ONCE = 8
CALLS_AT_ONCE = 64
TRIES = 4
LONGEST_WAIT_SECONDS = 30.0
SUSPICIONS = frozenset({Reason.FLAGGED, Reason.BESIDE_THE_POINT, Reason.LEAK})


@dataclass(frozen=True, slots=True)
class Judged:
    """One record, judged once. `levels` are settled or leant to, None where nothing leans; `reasons` say why a
    criterion waits for a person, and is empty when the whole is released. `quotes` are those of settled criteria."""

    record: Record
    levels: dict[str, int | None]
    reasons: dict[str, Reason]
    quotes: tuple[Quote, ...]
    flags: tuple[str, ...]
    calls: tuple[CallNote, ...]
    seconds: float
    failed: str | None = None

    @property
    def is_released(self) -> bool:
        return not self.reasons and self.failed is None

    @property
    def is_suspected(self) -> bool:
        """Whether it was held back as an attack might be, or has a flag that a person would be shown as a suspicion."""
        return bool(self.flags) or any(reason in SUSPICIONS for reason in self.reasons.values())


class Runner:
    """Judges records with one client. `defended`: with pre-checks and both views, or, for comparison, without."""

    def __init__(self, client: ModelClient, prices: PriceList, models: ReaderModels, *, defended: bool = True) -> None:
        self._client = client
        self._prices = prices
        self._models = models
        self._defended = defended
        self._numbers = count(1)

    def run(self, records: Sequence[Record], progress: Callable[[Judged], None] = lambda _judged: None) -> list[Judged]:
        """All records, some at a time, in the order given. Those that hold the same conversation (clean twins of
        several attacks) are judged once; only the first of them has calls and a duration."""
        first = {_said(record): record for record in reversed(records)}
        with ThreadPoolExecutor(CALLS_AT_ONCE) as calls, ThreadPoolExecutor(RECORDS_AT_ONCE) as submissions:
            futures = {said: submissions.submit(self._judge, one, calls, progress) for said, one in first.items()}
            judged = {said: future.result() for said, future in futures.items()}
        return [
            judged[said] if record is first[said] else replace(judged[said], record=record, calls=(), seconds=0.0)
            for record in records
            for said in [_said(record)]
        ]

    def _judge(self, record: Record, executor: Executor, progress: Callable[[Judged], None]) -> Judged:
        submission = submission_of(record.lab.rubric, record.turns, secrets.token_hex(8))
        judging = Judging(
            submission if self._defended else _without_defence(submission),
            counts=True,
            has_third=self._models.third is not None,
            pass_percent=record.lab.policy.pass_percent,
        )
        notes: list[CallNote] = []

        def keep(_criterion_id: str, reading: Reading) -> None:
            notes.extend(reading.calls)

        begun, failed = time.monotonic(), None
        for tries in range(TRIES):
            try:
                if not judging.submission.checked.is_near_silence:
                    read_all(judging, Asker(self._call, self._models, judging.submission), executor, keep)
                failed = None
                break
            except Postponed as postponed:
                failed = postponed.cause
                asked = postponed.retry_after.total_seconds() if postponed.retry_after else 0.5 * 2**tries
                time.sleep(min(asked, LONGEST_WAIT_SECONDS))
        judged = _judged(record, judging, tuple(notes), time.monotonic() - begun, failed)
        progress(judged)
        return judged

    def _call(self, request: Request, _about: str) -> Answered:
        reply = self._client.complete(request)
        return Answered(reply, next(self._numbers), self._prices.cost(request.model, reply.usage))


def _said(record: Record) -> tuple[object, ...]:
    return record.lab.id, record.turns


def _without_defence(submission: Submission) -> Submission:
    """No flags and every word shown: nobody is suspected, and whatever stands there may be quoted."""
    return replace(
        submission,
        checked=Checked((), is_near_silence=False),
        shown=submission.transcript,
        reduced=submission.transcript,
    )


def _judged(
    record: Record, judging: Judging, calls: tuple[CallNote, ...], seconds: float, failed: str | None
) -> Judged:
    levels: dict[str, int | None] = {}
    reasons: dict[str, Reason] = {}
    quotes: list[Quote] = []
    for name, step in judging.steps.items():
        levels[name] = None
        if isinstance(step, Settled):
            levels[name] = step.level
            quotes += [quote for verdict in step.bearing for quote in verdict.evidence]
        elif isinstance(step, ForPerson):
            levels[name] = step.leaning.level if step.leaning else None
            reasons[name] = step.reason
    flags = judging.submission.checked.serious_kinds
    return Judged(record, levels, reasons, tuple(quotes), flags, calls, seconds, failed)


def held_quotes(judged: Judged) -> Iterator[bool]:
    """For each quote of a judged record, whether it stands word for word in a turn of the student's."""
    turns = {turn.number: turn for turn in judged.record.turns}
    for quote in judged.quotes:
        turn = turns.get(quote.turn_number)
        yield turn is not None and turn.role == "student" and turn.text[quote.start : quote.end] == quote.text
