"""The partner played by a language model: asks, holds the reply to the rules as it comes, asks once more if it must.

Never trusts what comes back. A reply that breaks a rule is not shown; after a second one the author's own question is
asked instead, and the page says so. So it is where an admin switches AI off, also in the middle of a reply.
"""

import time
from datetime import timedelta

from sqlalchemy.orm import Session

from course.conversations import BY_AUTHOR, BY_MODEL, STREAMING
from course.language_model.budgets import BudgetSpent
from course.language_model.calls import LanguageModel
from course.language_model.errors import LanguageModelError, ModelBusy, ModelCut, ModelRefused, ModelSwitchedOff
from course.language_model.ledger import PARTNER, CallFor
from course.live_replies import LiveReply, Sight
from course.partner_prompt import partner_request, prompt_hash
from course.reply_rows import ReplyTask
from course.reply_rules import MOST_QUESTIONS, ForbiddenReply, ReplyGate
from course.scripted_partner import scripted_reply
from course.written_replies import ReplyBroken, WrittenReply

TAKES = 2
LONGEST_PAUSE = timedelta(seconds=5)  # what the service may ask us to wait while a student looks on
PAUSE = timedelta(seconds=1)


class ModelPartner:
    """Plays the partners of one process with one model."""

    def __init__(self, language_model: LanguageModel, model: str) -> None:
        self._language_model = language_model
        self._model = model

    def write(self, task: ReplyTask, live: LiveReply) -> WrittenReply:
        """The reply, shown on `live` as it grows. Raises `ReplyBroken`."""
        broken_rule: str | None = None
        for take in range(TAKES):
            if take:
                live.show(Sight(live.sight.take + 1, "", STREAMING))
            try:
                return self._take(task, live, broken_rule)
            except ForbiddenReply as forbidden:
                broken_rule = forbidden.rule
            except BudgetSpent as spent:
                raise ReplyBroken("budget" if not spent.retryable else "busy") from spent
            except ModelSwitchedOff:
                live.show(Sight(live.sight.take + 1, "", STREAMING))
                break
            except LanguageModelError as error:
                self._pause_or_give_up(error, is_last=take == TAKES - 1)
        reply = scripted_reply(task.lab, task.lines, task.turns_left)
        return WrittenReply(reply.text, BY_AUTHOR, reply.follow_up_id)

    def is_on(self, session: Session, context_key: str) -> bool:
        """Whether the model may be asked in this context at this moment."""
        return self._language_model.is_on(session, context_key)

    def close(self) -> None:
        """Close the connections of this process."""
        self._language_model.close()

    def _take(self, task: ReplyTask, live: LiveReply, broken_rule: str | None) -> WrittenReply:
        gate = ReplyGate(task.lab, task.lines, questions=MOST_QUESTIONS if task.turns_left else 0)
        request = partner_request(self._model, task.lab, task.lines, task.turns_left, broken_rule=broken_rule)
        take = live.sight.take
        with self._language_model.stream(request, _call_for(task)) as stream:
            # A reply that has grown too long is read to its end all the same: only then is its cost known.
            stream.follow(lambda text: live.show(Sight(take, gate.take(text), STREAMING)))
        return WrittenReply(gate.finished(), BY_MODEL, model_call_id=stream.call_id)

    @staticmethod
    def _pause_or_give_up(error: LanguageModelError, *, is_last: bool) -> None:
        pause = error.retry_after or PAUSE
        if error.retryable and not is_last and pause <= LONGEST_PAUSE:
            time.sleep(pause.total_seconds())
            return
        causes = {ModelRefused: "refused", ModelCut: "stalled", ModelBusy: "busy"}
        raise ReplyBroken(causes.get(type(error), "away")) from error


def _call_for(task: ReplyTask) -> CallFor:
    return CallFor(
        purpose=PARTNER,
        about=f"turn {task.number}",
        attempt_id=task.attempt_id,
        learner_id=task.learner_id,
        context_key=task.context_key,
        lab_id=task.lab.id,
        prompt_hash=prompt_hash(task.lab),
    )
