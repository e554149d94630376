"""The door to language models: every call goes through the ledger, before and after, and no call without it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy.orm import Session

from config.database import Database
from config.settings import Budgets, Settings
from course.language_model import sightings
from course.language_model.arrivals import IsWanted
from course.language_model.budgets import BudgetSpent
from course.language_model.client import ModelClient
from course.language_model.errors import LanguageModelError, ModelSwitchedOff
from course.language_model.ledger import CallFor, Ledger, abandon, overdue_ids
from course.language_model.messages import Reply, Request
from course.language_model.prices import priced
from course.language_model.reply_stream import ReplyStream
from course.language_model.switch_watch import SwitchWatch
from course.language_model.switches import GroupOf, Switches, no_group


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, the ledger's id of the call, and its cost in millionths of a US dollar."""

    reply: Reply
    call_id: int
    cost: int


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is in the ledger."""

    id: int
    request: Request
    call_for: CallFor


class LanguageModel:
    """Calls models within the budgets. One per process, shared by its threads, made before or after a fork alike.

    Both calls open transactions of their own, before and after; none may be open around them (RuntimeError). They
    raise a `LanguageModelError` (errors.py) or `BudgetSpent` (budgets.py); both have `cause`, `retryable` and
    `retry_after`. A call that raised has been recorded too. Where an admin has switched AI off (switches.py) no call is
    made, and an answer that is streaming ends within two seconds: `ModelSwitchedOff`.
    """

    def __init__(
        self, database: Database, client: ModelClient, ledger: Ledger, switches: Switches | None = None
    ) -> None:
        self._database = database
        self._client = client
        self.ledger = ledger
        self._switches = switches or Switches()
        self._watch = SwitchWatch(database, self._switches)

    def is_on(self, session: Session, context_key: str) -> bool:
        """Whether calls may be made for this context, as far as switches go."""
        return self._switches.found_off(session, context_key) is None

    def complete(self, request: Request, call_for: CallFor) -> Answered:
        """The whole answer."""
        call = self._open(request, call_for)
        try:
            reply = self._client.complete(request)
        except LanguageModelError as error:
            self._fail(call, error)
            raise
        except BaseException as error:
            self._break_off(call, error.__class__.__name__)
            raise
        return self._settle(call, reply)

    def stream(self, request: Request, call_for: CallFor) -> "AnsweredStream":
        """The answer as it comes. The call has been made when this returns."""
        call = self._open(request, call_for)
        try:
            stream = self._client.stream(request)
        except LanguageModelError as error:
            self._fail(call, error)
            raise
        except BaseException as error:
            self._break_off(call, error.__class__.__name__)
            raise
        return AnsweredStream(self, call, stream)

    def watching(self, context_key: str) -> AbstractContextManager[IsWanted]:
        """While an answer for this context is on its way: whether it is still wanted."""
        return self._watch.watching(context_key)

    def close(self) -> None:
        """Close the connections of this process."""
        self._client.close()

    def _open(self, request: Request, call_for: CallFor) -> _Call:
        try:
            with self._database.transaction() as session:
                if not self.is_on(session, call_for.context_key):
                    raise ModelSwitchedOff
                return _Call(self.ledger.open(session, request, call_for), request, call_for)
        except (BudgetSpent, LanguageModelError) as error:
            sightings.not_made(request, call_for, error)
            raise

    def _settle(self, call: _Call, reply: Reply) -> Answered:
        with self._database.transaction() as session:
            cost = self.ledger.settle(session, call.id, reply)
        sightings.answered(call.id, call.request, call.call_for, reply, cost)
        return Answered(reply, call.id, cost)

    def _fail(self, call: _Call, error: LanguageModelError) -> None:
        with self._database.transaction() as session:
            cost = self.ledger.fail(session, call.id, call.request, error)
        sightings.failed(call.id, call.request, call.call_for, error, cost)

    def _break_off(self, call: _Call, cause: str) -> None:
        with self._database.transaction() as session:
            cost = self.ledger.break_off(session, call.id, cause[:40])
        sightings.left(call.id, call.request, call.call_for, cause, cost)


class AnsweredStream:
    """`follow` it for the text as it comes; then `answered` is the whole. A context manager: leaving it early breaks
    the call off, which keeps its worst case as its cost."""

    def __init__(self, model: LanguageModel, call: _Call, stream: ReplyStream) -> None:
        self.call_id = call.id
        self._model = model
        self._call = call
        self._stream = stream
        self._answered: Answered | None = None
        self._is_recorded = False

    @property
    def answered(self) -> Answered:
        """The whole, once it has been followed to its end; before that, a RuntimeError."""
        if self._answered is None:
            raise RuntimeError("the stream has not come to its end")
        return self._answered

    def follow(self, on_text: Callable[[str], None]) -> None:
        """Hand on the text as it comes; waits for the end. See `ReplyStream.follow`."""
        try:
            with self._model.watching(self._call.call_for.context_key) as is_wanted:
                self._stream.follow(on_text, is_wanted)
        except LanguageModelError as error:
            self._is_recorded = True
            self._model._fail(self._call, error)
            raise
        self._is_recorded = True
        self._answered = self._model._settle(self._call, self._stream.reply)

    def close(self) -> None:
        """Give the connection back; a call that has not come to its end is broken off."""
        self._stream.close()
        if not self._is_recorded:
            self._is_recorded = True
            self._model._break_off(self._call, "left_early")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def abandon_overdue(database: Database, budgets: Budgets) -> int:
    """Abandon each call whose lease has ended while it was open, in a transaction of its own; returns how many."""
    with database.reading() as session:
        overdue = overdue_ids(session)
    for call_id in overdue:
        with database.transaction() as session:
            call = abandon(session, budgets, call_id)
        if call is not None:
            sightings.abandoned(call)
    return len(overdue)


def language_model(settings: Settings, database: Database, group_of: GroupOf = no_group) -> LanguageModel | None:
    """The language model that `settings` ask for; None without a key or where they switch it off. Raises like `priced`.
    `group_of`: which groups of contexts can be switched off together."""
    if not settings.ai_is_available:
        return None
    prices = priced(settings)
    client = ModelClient(key=settings.model_key, base_url=settings.model_base_url)
    return LanguageModel(database, client, Ledger(prices, settings.budgets), Switches(group_of))
