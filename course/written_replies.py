"""What a partner comes back with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WrittenReply:
    """A whole reply. `origin` and `cause` are those of `course.models.Turn`; `follow_up_id` names the author's
    question that was asked, `model_call_id` the call in the ledger that wrote it, where there is one."""

    text: str
    origin: str
    follow_up_id: str | None = None
    model_call_id: int | None = None
    cause: str | None = None


class ReplyBroken(Exception):
    """There is no reply. `cause` goes into the row: the student reads what it means and may try again."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)
