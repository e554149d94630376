"""An attempt's states and moves: start, answer, check, submit. What it is worth is `grading`'s to say.

Every move is safe to repeat: a double click, a second tab and a resent request leave the attempt as one click would.
The caller owns the transaction. Time is the server's: `Attempt.ends_at` says when an attempt is up, and what a lost
connection delivers late is taken for `GRACE` longer.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from config import clock
from config.database import changed_rows
from config.words import N_
from course.access import Access, judge
from course.items import Feedback, Graded, Item, Lab, Policy, Quiz, UnlockWhen
from course.models import Attempt, Placement, Response, Snapshot
from course.policies import end_of, override_of, policy_at
from course.policy_values import with_rules
from course.questions.registry import QUESTION_TYPES
from course.refusals import (
    AttemptClosed,
    AttemptOver,
    AttemptsExhausted,
    CheckNotOffered,
    ItemLocked,
    ResponseNotTaken,
    TakenOver,
)
from course.snapshots import content_hash, item_from_snapshot, policy_of_snapshot, snapshot

STARTS_TRIED = 5  # how often another tab may be faster
GRACE = timedelta(minutes=2)


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


def item_of(attempt: Attempt) -> Graded:
    """The quiz, test or lab as it was when the attempt began, whatever the course files or an override say by now."""
    item = item_from_snapshot(attempt.snapshot.body)
    return replace(item, policy=with_rules(item.policy, attempt.override))


def quiz_of(attempt: Attempt) -> Quiz:
    """`item_of` an attempt at a quiz or test. Raises TypeError for one at anything else."""
    item = item_of(attempt)
    if not isinstance(item, Quiz):
        raise TypeError(f"attempt {attempt.key} keeps a snapshot of a {item.kind}")
    return item


def lab_of(attempt: Attempt) -> Lab:
    """`item_of` an attempt at a lab. Raises TypeError for one at anything else."""
    item = item_of(attempt)
    if not isinstance(item, Lab):
        raise TypeError(f"attempt {attempt.key} keeps a snapshot of a {item.kind}")
    return item


def policy_as_begun(attempt: Attempt) -> Policy:
    """How the attempt counts: points, pass mark, which of several; for any kind of item, a page that is read too."""
    return with_rules(policy_of_snapshot(attempt.snapshot.body), attempt.override)


def is_over(attempt: Attempt) -> bool:
    """Whether an open attempt's time is up, the grace too: it takes nothing more and is to be handed in as it is."""
    return attempt.submitted_at is None and attempt.ends_at is not None and clock.now() > attempt.ends_at + GRACE


def start_attempt(
    session: Session,
    placement: Placement,
    learner_id: int,
    item: Graded,
    *,
    is_preview: bool,
    access: Access | None = None,
) -> Attempt:
    """The learner's open attempt at the item, begun now if there is none.

    `item` is the course file's, as the catalog has it. `access` is what `course.access.access_to` has just said;
    without it an item that others must come before counts as locked. A preview is never refused and never ends by
    itself: an instructor may look as often and as long as they like.
    Raises `NotOpenYet`, `ItemClosed`, `ItemLocked` or `AttemptsExhausted`.
    """
    for _ in range(STARTS_TRIED):
        earlier = attempts_of(session, placement, learner_id, item.id, previews=is_preview)
        for attempt in earlier:
            if attempt.submitted_at is None:
                return attempt
        policy = None if is_preview else policy_at(session, placement, item, learner_id)
        if policy is not None:
            _refuse_start(item, policy, len(earlier), access)
        if started := _try_to_start(session, placement, learner_id, item, number=len(earlier) + 1, policy=policy):
            return started
    raise AttemptsExhausted(item.id)


def _refuse_start(item: Graded, policy: Policy, used: int, access: Access | None) -> None:
    refusal = judge(item, policy, used, access.missing if access else ()).refusal
    if refusal is None and access is None and policy.unlock_after:
        refusal = ItemLocked(policy.unlock_after, must_pass=policy.unlock_when == UnlockWhen.PASSED)
    if refusal is not None:
        raise refusal


def _try_to_start(
    session: Session,
    placement: Placement,
    learner_id: int,
    item: Graded,
    *,
    number: int,
    policy: Policy | None,
) -> Attempt | None:
    now = clock.now()
    attempt = Attempt(
        placement_id=placement.id,
        learner_id=learner_id,
        item_id=item.id,
        number=number,
        is_preview=policy is None,
        started_at=now,
        snapshot=keep_snapshot(session, item),
        override=override_of(session, placement.context_key, placement.course_id, item.id),
        ends_at=None if policy is None else end_of(policy, now),
    )
    try:
        with session.begin_nested():
            session.add(attempt)
    except IntegrityError:
        return None  # another tab started one, and may have handed it in already: look again
    return attempt


def keep_snapshot(session: Session, item: Item) -> Snapshot:
    """The snapshot of the item as it is, made unless there is one: equal items share it."""
    digest = content_hash(item)
    kept = session.get(Snapshot, digest)
    if kept is None:
        kept = Snapshot(content_hash=digest, body=snapshot(item), created_at=clock.now())
        try:
            with session.begin_nested():
                session.add(kept)
        except IntegrityError:
            kept = session.get_one(Snapshot, digest)
    return kept


def give_response(session: Session, attempt: Attempt, question_id: str, choice_ids: list[str]) -> Response | None:
    """Keep what the learner chose; a response whose key has been shown stays as it was.

    The response as it now stands, None when the question is open: a type that lets every choice be taken back forgets
    the response that was there. Raises `AttemptClosed` once handed in, `AttemptOver` once its time is up,
    `ResponseNotTaken` for a question or choice that the attempt does not hold and for a number of choices the question
    does not take.
    """
    refuse_if_finished(attempt)
    question = quiz_of(attempt).find_question(question_id)
    if question is None:
        raise ResponseNotTaken(N_("This attempt has no question “%(question)s”."), question=question_id[:80])
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


def refuse_if_finished(attempt: Attempt) -> None:
    """Raises `AttemptClosed` once the attempt is handed in, `AttemptOver` once its time is up."""
    if attempt.submitted_at is not None:
        raise AttemptClosed(attempt.key, attempt.submitted_at)
    if attempt.ends_at is not None and is_over(attempt):
        raise AttemptOver(attempt.key, attempt.ends_at)


def take_over(attempt: Attempt, writer: str, seen_writer: str) -> None:
    """Let a page write to the attempt, unless another page has gone on with it since this one was shown.

    `writer` is a name that is made anew for each page that is shown (32 characters at most), `seen_writer` is
    `Attempt.writer` as it was then ('' for None); both come back with everything the page sends. Whoever wrote last
    may go on; a page that has seen the last writer takes its place; any other one knows less than has been saved.
    So a page opened before another device's first save can overwrite nothing, and reloading it takes over.
    Raises `TakenOver`. A page that names no writer may write only as long as none has.
    """
    if attempt.writer is not None and attempt.writer not in (writer, seen_writer):
        raise TakenOver
    attempt.writer = writer[:32] or attempt.writer


def _forget(session: Session, attempt: Attempt, response: Response | None) -> None:
    if response is not None:
        attempt.responses.remove(response)
        session.delete(response)
        session.flush()


def check_response(attempt: Attempt, question_id: str, policy: Policy | None = None) -> Response:
    """Make a given response final, so that its key may be shown. Repeating it changes nothing.

    `policy` are the rules the attempt is under now (`course.policies.rules_of`); those it was begun with unless given.
    Raises `CheckNotOffered` unless they show the key after each answer, `ResponseNotTaken` when the question has not
    been answered, `AttemptClosed` once handed in, `AttemptOver` once its time is up.
    """
    if (policy or policy_as_begun(attempt)).feedback != Feedback.AFTER_ANSWER:
        raise CheckNotOffered
    response = next((one for one in attempt.responses if one.question_id == question_id), None)
    if response is None:
        raise ResponseNotTaken(N_("Choose an answer first, then check it."))
    if response.checked_at is None:
        refuse_if_finished(attempt)
        response.checked_at = clock.now()
    return response


def unanswered(attempt: Attempt) -> tuple[str, ...]:
    """The ids of the questions without a response, in the order of the quiz."""
    given = {response.question_id for response in attempt.responses}
    return tuple(question.id for question in quiz_of(attempt).questions if question.id not in given)


def submit_attempt(session: Session, attempt: Attempt) -> bool:
    """Close the attempt. True for the one call that closed it, False for every later one: only the first may grade.

    It counts as handed in now, or when its time was up if that is past: whoever closes it, and however late.
    """
    closed = session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.submitted_at.is_(None))
        .values(submitted_at=_handed_in_at(attempt))
        .execution_options(synchronize_session=False)
    )
    session.refresh(attempt, ["submitted_at"])
    return bool(changed_rows(closed))


def _handed_in_at(attempt: Attempt) -> datetime:
    now = clock.now()
    # An override may have moved the end to before the start; nothing is handed in before it was begun.
    return now if attempt.ends_at is None else max(attempt.started_at, min(now, attempt.ends_at))
