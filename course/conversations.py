"""A lab's conversation as rows: begin, say, retry, keep a draft, close. Who writes the replies is not known here.

Every move is safe to repeat. A student's turn and the empty row of the reply it is owed are written together, before
anybody is asked for that reply. The caller owns the transaction, and holds the attempt's row (`find_attempt` with
`for_change`), so that two tabs cannot both speak.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import clock
from course.attempts import refuse_if_finished
from course.items import Lab
from course.lab_refusals import (
    ConversationMovedOn,
    NothingSaid,
    NothingToRetry,
    NoTurnsLeft,
    PartnerIsReplying,
    TooMuchSaid,
)
from course.models import Attempt, Conversation, Turn

STUDENT, PARTNER = "student", "partner"
STREAMING, DONE, FAILED = "streaming", "done", "failed"
MODEL, SCRIPTED, NO_PARTNER = "model", "scripted", "none"
BY_AUTHOR, BY_MODEL = "author", "model"

MOST_CHARACTERS = 4_000  # of one turn: some 650 words
MOST_WRITTEN = 20_000  # characters of an answer written without a partner
UNANSWERED_FACTOR = 2  # turns may go unanswered through no fault of the student; beyond twice the maximum it ends

SUPPORT = "support"  # the cause on a reply that the partner did not give: it offers a person's help instead
HANDED_IN = "handed-in"  # the cause on a reply that was still being written when the attempt was handed in


@dataclass(frozen=True, slots=True)
class Line:
    """A finished turn as plain values."""

    number: int
    role: str
    text: str
    origin: str | None = None
    follow_up_id: str | None = None


def begin_conversation(session: Session, attempt: Attempt, lab: Lab, partner: str) -> Conversation:
    """The attempt's conversation, begun now if there is none: the partner's opening move is its first turn.
    With `NO_PARTNER` there are no turns before the one written answer."""
    kept = session.get(Conversation, attempt.id)
    if kept is not None:
        return kept
    conversation = Conversation(attempt_id=attempt.id, partner=partner, draft="")
    session.add(conversation)
    if partner != NO_PARTNER:
        _add(session, attempt, 1, PARTNER, lab.opening_move, status=DONE, origin=BY_AUTHOR)
    session.flush()
    return conversation


def conversation_of(session: Session, attempt: Attempt) -> Conversation:
    """The conversation of a lab attempt; one is begun with every such attempt."""
    return session.get_one(Conversation, attempt.id)


def turns_of(session: Session, attempt_id: int) -> list[Turn]:
    """All turns of an attempt, by number; the last may be a reply still being written, or failed ones among them."""
    return list(session.scalars(select(Turn).where(Turn.attempt_id == attempt_id).order_by(Turn.number)))


def lines_of(turns: Sequence[Turn]) -> tuple[Line, ...]:
    """The transcript: finished turns only."""
    return tuple(
        Line(turn.number, turn.role, turn.text, turn.origin, turn.follow_up_id) for turn in turns if turn.status == DONE
    )


def turns_left(lab: Lab, turns: Sequence[Turn]) -> int:
    """How often the student may still speak, 0 or more. A turn that nobody answered costs nothing, and neither does
    one that was answered with an offer of help."""
    spoken = [turn for turn in turns if turn.role == STUDENT]
    if len(spoken) >= lab.max_turns * UNANSWERED_FACTOR:
        return 0
    replies = {turn.number: turn for turn in turns if turn.role == PARTNER}
    unanswered = sum(_cost_nothing(replies.get(turn.number + 1)) for turn in spoken)
    return max(0, lab.max_turns - (len(spoken) - unanswered))


def _cost_nothing(reply: Turn | None) -> bool:
    return reply is None or reply.status == FAILED or reply.cause == SUPPORT


def is_replying(turns: Sequence[Turn]) -> bool:
    """Whether the last turn is a reply that has not ended yet."""
    return bool(turns) and turns[-1].status == STREAMING


def say(session: Session, attempt: Attempt, lab: Lab, text: str, number: int) -> Turn:
    """Keep what the student says as turn `number`, and the row of the reply that is now owed; that reply's row.

    `number` is the one the student's page expects: sending the same text under the same number again gives the reply
    that is there. Raises `AttemptClosed`, `AttemptOver`, `NothingSaid`, `TooMuchSaid`, `PartnerIsReplying`,
    `NoTurnsLeft`, and `ConversationMovedOn` when that number holds other words or is not the next.
    """
    refuse_if_finished(attempt)
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise NothingSaid
    if len(said) > MOST_CHARACTERS:
        raise TooMuchSaid
    turns = turns_of(session, attempt.id)
    repeated = _repeated(turns, number, said)
    if repeated is not None:
        return repeated
    if is_replying(turns):
        raise PartnerIsReplying
    if number != turns[-1].number + 1:
        raise ConversationMovedOn
    if turns_left(lab, turns) == 0:
        raise NoTurnsLeft
    _add(session, attempt, number, STUDENT, said, status=DONE)
    owed = _add(session, attempt, number + 1, PARTNER, "", status=STREAMING)
    keep_draft(session, attempt, "")
    session.flush()
    return owed


def _repeated(turns: Sequence[Turn], number: int, said: str) -> Turn | None:
    """The reply to a turn that was sent twice: a double click, a second tab, a request sent again."""
    earlier = next((turn for turn in turns if turn.number == number), None)
    if earlier is None:
        return None
    if earlier.role != STUDENT or earlier.text != said:
        raise ConversationMovedOn
    return next(turn for turn in turns if turn.number == number + 1)


def retry(session: Session, attempt: Attempt, number: int) -> Turn:
    """Owe the reply of that number anew. One that is being written is left alone.

    Raises `AttemptClosed`, `AttemptOver`, and `NothingToRetry` when it is not the last turn or has been answered.
    """
    refuse_if_finished(attempt)
    turns = turns_of(session, attempt.id)
    last = turns[-1] if turns else None
    if last is None or last.number != number or last.role != PARTNER or last.status == DONE:
        raise NothingToRetry
    if last.status == FAILED:
        last.status, last.text, last.cause, last.finished_at = STREAMING, "", None, None
        last.lease_owner = last.lease_until = None
        session.flush()
    return last


def keep_draft(session: Session, attempt: Attempt, text: str) -> None:
    """Keep what has been typed and not sent; without a partner that is the answer as it stands.
    Raises `AttemptClosed`, `AttemptOver` and `TooMuchSaid`."""
    refuse_if_finished(attempt)
    conversation = conversation_of(session, attempt)
    kept = text.replace("\r\n", "\n")
    if len(kept) > MOST_WRITTEN:
        raise TooMuchSaid
    if conversation.draft != kept:
        conversation.draft, conversation.draft_at = kept, clock.now()
        session.flush()


def close_conversation(session: Session, attempt: Attempt) -> None:
    """End what is still being written: from now on the transcript is what is done. To be called as an attempt is
    handed in, in the same transaction; of one without a partner the draft becomes the answer. Repeating it changes
    nothing."""
    conversation = session.get(Conversation, attempt.id)
    if conversation is None:
        return
    # In one statement: a reply that ends at this very moment has either come before it, or is no longer taken.
    session.execute(
        update(Turn)
        .where(Turn.attempt_id == attempt.id, Turn.status == STREAMING)
        .values(status=FAILED, cause=HANDED_IN, text="", finished_at=clock.now(), lease_owner=None, lease_until=None)
    )
    answer = conversation.draft.strip()
    if conversation.partner == NO_PARTNER and answer and not turns_of(session, attempt.id):
        _add(session, attempt, 1, STUDENT, answer, status=DONE)
    session.flush()


def _add(
    session: Session, attempt: Attempt, number: int, role: str, text: str, *, status: str, origin: str | None = None
) -> Turn:
    now = clock.now()
    turn = Turn(
        attempt_id=attempt.id,
        number=number,
        role=role,
        text=text,
        status=status,
        origin=origin,
        created_at=now,
        finished_at=now if status == DONE else None,
    )
    session.add(turn)
    return turn
