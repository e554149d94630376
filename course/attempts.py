"""An attempt's states and moves: start, answer, check, submit. What it is worth is `grading`'s to say.

Every move is safe to repeat: a double click, a second tab and a resent request leave the attempt as one click would.
The caller owns the transaction.
"""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from config import clock
from config.database import changed_rows
from course.items import Quiz
from course.models import Attempt, Placement, Response, Snapshot
from course.questions.registry import QUESTION_TYPES
from course.refusals import AttemptClosed, AttemptsExhausted, ResponseNotTaken
from course.snapshots import content_hash, item_from_snapshot, snapshot

STARTS_TRIED = 5  # how often another tab may be faster


def attempts_of(
    session: Session, placement: Placement, learner_id: int, item_id: str, *, previews: bool = False
) -> list[Attempt]:
    """A learner's attempts at a placed item, or their previews of it: oldest first, with their responses."""
    return list(
        session.scalars(
            select(Attempt)
            .where(Attempt.placement_id == placement.id, Attempt.learner_id == learner_id, Attempt.item_id == item_id)
            .where(Attempt.is_preview.is_(previews))
            .options(selectinload(Attempt.responses))
            .order_by(Attempt.number)
        )
    )


def find_attempt(session: Session, key: str, learner_id: int, *, for_change: bool = False) -> Attempt | None:
    """A learner's own attempt by its public key; with `for_change`, its row is locked until the transaction ends."""
    query = (
        select(Attempt)
        .where(Attempt.key == key, Attempt.learner_id == learner_id)
        .options(selectinload(Attempt.responses))
    )
    return session.scalar(query.with_for_update(of=Attempt) if for_change else query)


def quiz_of(attempt: Attempt) -> Quiz:
    """The quiz as it was when the attempt began, whatever the course files say by now."""
    item = item_from_snapshot(attempt.snapshot.body)
    if not isinstance(item, Quiz):
        raise TypeError(f"attempt {attempt.key} keeps a snapshot of a {item.kind}")
    return item


def attempts_left(quiz: Quiz, attempts: list[Attempt]) -> int | None:
    """How many more attempts may be started, 0 or more; None means any number."""
    if quiz.policy.attempts is None:
        return None
    return max(0, quiz.policy.attempts - len(attempts))


def start_attempt(session: Session, placement: Placement, learner_id: int, quiz: Quiz, *, is_preview: bool) -> Attempt:
    """The learner's open attempt at the quiz, begun now if there is none.

    A preview takes up no attempt: an instructor may look as often as they like.
    Raises `AttemptsExhausted` when the policy allows no further one.
    """
    for _ in range(STARTS_TRIED):
        earlier = attempts_of(session, placement, learner_id, quiz.id, previews=is_preview)
        for attempt in earlier:
            if attempt.submitted_at is None:
                return attempt
        if not is_preview and attempts_left(quiz, earlier) == 0:
            break
        if started := _try_to_start(session, placement, learner_id, quiz, earlier, is_preview=is_preview):
            return started
    raise AttemptsExhausted(quiz.id)


def _try_to_start(
    session: Session, placement: Placement, learner_id: int, quiz: Quiz, earlier: list[Attempt], *, is_preview: bool
) -> Attempt | None:
    attempt = Attempt(
        placement_id=placement.id,
        learner_id=learner_id,
        item_id=quiz.id,
        number=len(earlier) + 1,
        is_preview=is_preview,
        started_at=clock.now(),
        snapshot=_keep_snapshot(session, quiz),
    )
    try:
        with session.begin_nested():
            session.add(attempt)
    except IntegrityError:
        return None  # another tab started one, and may have handed it in already: look again
    return attempt


def _keep_snapshot(session: Session, quiz: Quiz) -> Snapshot:
    digest = content_hash(quiz)
    kept = session.get(Snapshot, digest)
    if kept is None:
        kept = Snapshot(content_hash=digest, body=snapshot(quiz), created_at=clock.now())
        try:
            with session.begin_nested():
                session.add(kept)
        except IntegrityError:
            kept = session.get_one(Snapshot, digest)
    return kept


def give_response(session: Session, attempt: Attempt, question_id: str, choice_ids: list[str]) -> Response | None:
    """Keep what the learner chose; a response whose key has been shown stays as it was.

    The response as it now stands, None when the question is open: a type that lets every choice be taken back forgets
    the response that was there. Raises `AttemptClosed` once handed in, `ResponseNotTaken` for a question or choice
    that the attempt does not hold and for a number of choices the question does not take.
    """
    if attempt.submitted_at is not None:
        raise AttemptClosed(attempt.key, attempt.submitted_at)
    question = quiz_of(attempt).find_question(question_id)
    if question is None:
        raise ResponseNotTaken(f"This attempt has no question {question_id[:80]!r}.")
    kept = QUESTION_TYPES[question.type].kept(question, choice_ids)
    response = next((one for one in attempt.responses if one.question_id == question_id), None)
    if response is not None and response.checked_at is not None:
        return response
    if not kept:
        _forget(session, attempt, response)
        return None
    if response is None:
        response = Response(question_id=question_id, choice_ids=kept, given_at=clock.now())
        attempt.responses.append(response)
        session.flush()
    elif response.choice_ids != kept:
        response.choice_ids, response.given_at = kept, clock.now()
    return response


def _forget(session: Session, attempt: Attempt, response: Response | None) -> None:
    if response is not None:
        attempt.responses.remove(response)
        session.delete(response)
        session.flush()


def check_response(attempt: Attempt, question_id: str) -> Response:
    """Make a given response final, so that its key may be shown. Repeating it changes nothing.

    Raises `ResponseNotTaken` when the question has not been answered, `AttemptClosed` once handed in.
    """
    response = next((one for one in attempt.responses if one.question_id == question_id), None)
    if response is None:
        raise ResponseNotTaken("Choose an answer first, then check it.")
    if response.checked_at is None:
        if attempt.submitted_at is not None:
            raise AttemptClosed(attempt.key, attempt.submitted_at)
        response.checked_at = clock.now()
    return response


def unanswered(attempt: Attempt) -> tuple[str, ...]:
    """The ids of the questions without a response, in the order of the quiz."""
    given = {response.question_id for response in attempt.responses}
    return tuple(question.id for question in quiz_of(attempt).questions if question.id not in given)


def submit_attempt(session: Session, attempt: Attempt) -> bool:
    """Close the attempt. True for the one call that closed it, False for every later one: only the first may grade."""
    now = clock.now()
    closed = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.submitted_at.is_(None))
        .values(submitted_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(attempt, ["submitted_at"])
    return bool(changed_rows(closed))
