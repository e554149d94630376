"""A reply's row and its lease: take it up, keep it, finish it. Whoever has lost the lease can change nothing any more.

Each function is one step inside a transaction of the caller's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from config.public_ids import new_public_id
from course.attempts import lab_of
from course.conversations import DONE, FAILED, STREAMING, Line, conversation_of, lines_of, turns_left, turns_of
from course.items import Lab
from course.live_replies import Sight
from course.models import Attempt, Placement, Turn
from course.written_replies import WrittenReply

LEASE = timedelta(seconds=10)
DIED = "died"  # the cause when whoever wrote the reply has died twice
_TAKEN_OVER = "taken-over"  # on a streaming row: its first writer died, and this is the second


@dataclass(frozen=True, slots=True)
class ReplyTask:
    """A reply to be written, as plain values: nothing of it needs a session. `lines` end with the student's turn;
    `turns_left` counts those after it."""

    turn_id: int
    number: int
    owner: str
    take: int
    lab: Lab
    lines: tuple[Line, ...]
    turns_left: int
    partner: str
    attempt_id: int
    learner_id: int
    context_key: str


def claim(session: Session, turn_id: int) -> ReplyTask | None:
    """Take up a reply that nobody is writing; None when somebody is, or it has ended.

    A writer whose lease has run out has died. Its work is taken up once without anybody asking; after that the reply
    has failed, and the student decides.
    """
    turn = session.get(Turn, turn_id, with_for_update=True)
    now = clock.now()
    if turn is None or turn.status != STREAMING or (turn.lease_until is not None and turn.lease_until > now):
        return None
    if turn.lease_owner is not None and turn.cause == _TAKEN_OVER:
        turn.status, turn.cause, turn.text, turn.finished_at = FAILED, DIED, "", now
        turn.lease_owner = turn.lease_until = None
        return None
    turn.cause = _TAKEN_OVER if turn.lease_owner is not None else None
    turn.lease_owner, turn.lease_until = new_public_id(), now + LEASE
    turn.takes, turn.text = turn.takes + 1, ""
    session.flush()
    return _task(session, turn)


def _task(session: Session, turn: Turn) -> ReplyTask:
    attempt = session.get_one(Attempt, turn.attempt_id)
    placement = session.get_one(Placement, attempt.placement_id)
    turns = turns_of(session, attempt.id)
    lab = lab_of(attempt)
    return ReplyTask(
        turn_id=turn.id,
        number=turn.number,
        owner=turn.lease_owner or "",
        take=turn.takes,
        lab=lab,
        lines=lines_of(turns),
        turns_left=turns_left(lab, turns),
        partner=conversation_of(session, attempt).partner,
        attempt_id=attempt.id,
        learner_id=attempt.learner_id,
        context_key=placement.context_key,
    )


def keep(session: Session, texts: Mapping[tuple[int, str], Sight]) -> None:
    """Store the text so far of several replies, by turn id and owner, and renew their leases."""
    if not texts:
        return
    session.connection().execute(
        update(Turn)
        .where(Turn.id == bindparam("of_turn"), Turn.lease_owner == bindparam("of_owner"), Turn.status == STREAMING)
        .values(text=bindparam("so_far"), takes=bindparam("take"), lease_until=clock.now() + LEASE),
        [
            {"of_turn": turn_id, "of_owner": owner, "so_far": sight.text, "take": sight.take}
            for (turn_id, owner), sight in texts.items()
        ],
    )


def finish(session: Session, task: ReplyTask, written: WrittenReply) -> bool:
    """Write the whole reply; False when it is no longer this writer's to write."""
    values = {"origin": written.origin, "follow_up_id": written.follow_up_id, "model_call_id": written.model_call_id}
    return _end(session, task, status=DONE, text=written.text, cause=written.cause, **values)


def fail(session: Session, task: ReplyTask, cause: str) -> bool:
    """Write that there is no reply, and why; False when it is no longer this writer's to write."""
    return _end(session, task, status=FAILED, text="", cause=cause[:40])


def _end(session: Session, task: ReplyTask, **values: object) -> bool:
    ended = session.execute(
        update(Turn)
        .where(Turn.id == task.turn_id, Turn.lease_owner == task.owner, Turn.status == STREAMING)
        .values(finished_at=clock.now(), lease_owner=None, lease_until=None, **values)
    )
    return bool(changed_rows(ended))


def sights_of(session: Session, turn_ids: Iterable[int]) -> dict[int, tuple[Sight, bool]]:
    """How replies stand that are written elsewhere, and whether each needs somebody to write it: nobody has taken it
    up, or its writer has died."""
    now = clock.now()
    rows = session.execute(
        select(Turn.id, Turn.takes, Turn.text, Turn.status, Turn.cause, Turn.lease_until).where(
            Turn.id.in_(list(turn_ids))
        )
    )
    return {
        row.id: (
            Sight(row.takes, row.text, row.status, row.cause if row.status == FAILED else None),
            row.status == STREAMING and (row.lease_until is None or row.lease_until <= now),
        )
        for row in rows
    }
