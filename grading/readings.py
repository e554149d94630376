"""One reading: a model is asked for a criterion, and what comes back is checked, repaired once, or found unusable."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from course.language_model.calls import Answered
from course.language_model.errors import LanguageModelError, ModelCut, ModelRefused, ModelRejected
from course.language_model.messages import Request
from course.rubric import Criterion
from grading.judging import Submission
from grading.prompt import build_prompt
from grading.transcript import Transcript
from grading.verdict import SCHEMA, Unusable, Verdict, read_reply
from grading.votes import Reader, Seat, View

MOST_TOKENS = 4_000  # thinking and text of one reading; a cut reply is asked for once more with twice as many
TIMEOUT_SECONDS = 120.0

Call = Callable[[Request, str], Answered]
"""Makes one call through the ledger: the request, and what it is about in a few words (no student's text)."""


@dataclass(frozen=True, slots=True)
class ReaderModels:
    """Which model stands behind each reader; without a third, a tie goes to a person."""

    first: str
    second: str
    third: str | None = None

    def of(self, reader: Reader) -> str:
        """The model's id. Raises ValueError for a third reader that nobody named."""
        model = {Reader.FIRST: self.first, Reader.SECOND: self.second, Reader.THIRD: self.third}[reader]
        if model is None:
            raise ValueError("no third reader is named")
        return model


@dataclass(frozen=True, slots=True)
class CallNote:
    """What a reading keeps of one of its calls. `cost` in millionths of a US dollar, `latency` in seconds; tokens are
    those of the prompt (all kinds together), read from the cache, and written."""

    call_id: int
    model: str
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: int
    latency: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A seat's result, with the calls that answered; one that was refused or cut stands in the ledger only."""

    seat: Seat
    result: Verdict | Unusable
    calls: tuple[CallNote, ...]


class Postponed(Exception):
    """The service cannot be used now. Nothing is known about the student; `cause` is a code for rows and logs."""

    def __init__(self, cause: str, retry_after: timedelta | None = None) -> None:
        self.cause = cause
        self.retry_after = retry_after
        super().__init__(cause)


class Asker:
    """Reads one submission: every call goes through `call`, to the models of `models`."""

    def __init__(self, call: Call, models: ReaderModels, submission: Submission) -> None:
        self._call = call
        self._models = models
        self._submission = submission

    def model_of(self, seat: Seat) -> str:
        """The model that will be asked."""
        return self._models.of(seat.reader)

    def read(self, criterion: Criterion, seat: Seat) -> Reading:
        """Ask for one reading. A reply that cannot be used is told what is wrong with it and asked for once more.

        A refusal and a reply that is cut twice make the reading unusable. Raises `Postponed` for everything that may
        pass with time, and `BudgetSpent` when no more may be spent.
        """
        reading = self._ask(criterion, seat, ())
        if isinstance(reading.result, Unusable) and reading.result.can_be_repaired:
            again = self._ask(criterion, seat, reading.result.faults)
            return replace(again, calls=(*reading.calls, *again.calls))
        return reading

    def _ask(self, criterion: Criterion, seat: Seat, faults: tuple[str, ...]) -> Reading:
        request = self._request(criterion, seat, faults)
        about = f"{criterion.id} {seat.reader} {seat.view} {seat.number}{' repair' if faults else ''}"
        for most_tokens in (MOST_TOKENS, 2 * MOST_TOKENS):
            try:
                answered = self._call(replace(request, max_tokens=most_tokens), about)
            except ModelCut as cut:
                if cut.cause == "max_tokens":
                    continue
                raise Postponed(cut.cause, cut.retry_after) from cut
            except (ModelRefused, ModelRejected) as refused:
                return Reading(seat, Unusable((refused.cause,), can_be_repaired=False), ())
            except LanguageModelError as error:
                raise Postponed(error.cause, error.retry_after) from error
            submission = self._submission
            result = read_reply(
                answered.reply.text, submission.transcript, self._seen(seat), submission.checked, submission.canary
            )
            return Reading(seat, result, (_note(answered),))
        return Reading(seat, Unusable(("max_tokens",), can_be_repaired=False), ())

    def _seen(self, seat: Seat) -> Transcript:
        return self._submission.reduced if seat.view is View.REDUCED else self._submission.shown

    def _request(self, criterion: Criterion, seat: Seat, faults: tuple[str, ...]) -> Request:
        submission = self._submission
        prompt = build_prompt(
            submission.rubric,
            self._seen(seat),
            criterion,
            delimiter=submission.delimiter,
            order=seat.order,
            faults=faults,
        )
        return Request(
            model=self._models.of(seat.reader),
            system=prompt.system,
            messages=prompt.messages,
            max_tokens=MOST_TOKENS,
            schema=SCHEMA,
            effort="medium",
            timeout_seconds=TIMEOUT_SECONDS,
        )


def _note(answered: Answered) -> CallNote:
    usage = answered.reply.usage
    return CallNote(
        call_id=answered.call_id,
        model=answered.reply.model,
        prompt_tokens=usage.prompt,
        cached_tokens=usage.cache_read,
        output_tokens=usage.output,
        cost=answered.cost,
        latency=answered.reply.latency,
    )
