"""Who replies to a student: a language model, if the conversation began with one and it is there; else the script."""

from sqlalchemy.orm import Session

from course.conversations import BY_AUTHOR, MODEL, SCRIPTED, SUPPORT
from course.distress import OFFER, needs_support
from course.live_replies import LiveReply
from course.model_partner import ModelPartner
from course.reply_rows import ReplyTask
from course.scripted_partner import scripted_reply
from course.written_replies import WrittenReply


class Partners:
    """The partners of one process; without a model partner all are scripted."""

    def __init__(self, model_partner: ModelPartner | None = None) -> None:
        self._model_partner = model_partner

    def on_offer(self, session: Session, context_key: str) -> str:
        """The partner of a conversation that is begun now in this context."""
        is_there = self._model_partner is not None and self._model_partner.is_on(session, context_key)
        return MODEL if is_there else SCRIPTED

    def close(self) -> None:
        """Close what a partner holds open."""
        if self._model_partner:
            self._model_partner.close()

    def write(self, task: ReplyTask, live: LiveReply) -> WrittenReply:
        """The reply to a conversation, shown on `live` if it grows. Raises `ReplyBroken`."""
        if needs_support(task.lines[-1].text):
            return WrittenReply(OFFER, BY_AUTHOR, cause=SUPPORT)
        if self._model_partner and task.partner == MODEL:
            return self._model_partner.write(task, live)
        reply = scripted_reply(task.lab, task.lines, task.turns_left)
        return WrittenReply(reply.text, BY_AUTHOR, reply.follow_up_id)
