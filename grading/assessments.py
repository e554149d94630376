"""Rows of the judgement of labs: begun, claimed by lease, read, put off. The caller owns the transaction."""

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from course.attempts import lab_of
from course.models import Attempt, Conversation
from course.rubric import rubric_hash
from grading.models import CriterionReading, RubricAssessment
from grading.prompt import prompt_hash
from grading.reading_rows import call_values, result_values
from grading.readings import Reading

WAITING, PERSON, HELD, RELEASED = "waiting", "person", "held", "released"
LEASE = timedelta(seconds=15)  # renewed while the work runs; so a killed worker's submission is free again after this
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=24)  # then a person need not wait for the model any longer
SAMPLED_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed assessment, as plain values."""

    assessment_id: int
    attempt_id: int
    owner: str


def begin_assessment(session: Session, attempt: Attempt) -> RubricAssessment:
    """The assessment of a handed-in attempt at a lab, begun now if there is none. A preview is not assessed."""
    lab = lab_of(attempt)
    now = clock.now()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(RubricAssessment).values(
        attempt_id=attempt.id,
        state=WAITING,
        delimiter=secrets.token_hex(8),
        rubric_hash=rubric_hash(lab.rubric),
        prompt_hash=prompt_hash(),
        flags=[],
        is_sampled=secrets.randbelow(100) < SAMPLED_PERCENT,
        tries=0,
        next_try_at=now,
        created_at=now,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["attempt_id"]))
    return session.scalars(select(RubricAssessment).where(RubricAssessment.attempt_id == attempt.id)).one()


def find_assessment(session: Session, attempt_id: int) -> RubricAssessment | None:
    """The assessment of an attempt, if one has been begun."""
    return session.scalar(select(RubricAssessment).where(RubricAssessment.attempt_id == attempt_id))


def forgotten_attempts(session: Session, limit: int = 100) -> list[Attempt]:
    """Attempts at labs that were handed in and have no assessment, whatever became of the one that should be there."""
    return list(
        session.scalars(
            select(Attempt)
            .join(Conversation, Conversation.attempt_id == Attempt.id)  # every lab has one, and nothing else
            .outerjoin(RubricAssessment, RubricAssessment.attempt_id == Attempt.id)
            .where(Attempt.submitted_at.is_not(None), Attempt.is_preview.is_(False), RubricAssessment.id.is_(None))
            .order_by(Attempt.submitted_at)
            .limit(limit)
        )
    )


def due_attempt_ids(session: Session, limit: int = 200) -> list[int]:
    """The attempts that may be judged or released now, longest waiting first."""
    query = select(RubricAssessment.attempt_id).where(_is_due(clock.now())).order_by(RubricAssessment.next_try_at)
    return list(session.scalars(query.limit(limit)))


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(
        RubricAssessment.lease_until.is_(None),
        RubricAssessment.lease_until <= now,
        RubricAssessment.lease_until > now + LEASE,  # further off than a lease can be: the clock was wrong
    )
    return or_(
        and_(RubricAssessment.state == WAITING, RubricAssessment.next_try_at <= now, free),
        and_(RubricAssessment.state == HELD, RubricAssessment.release_at <= now),
    )


def claim(session: Session, attempt_id: int) -> Claim | None:
    """Lease a waiting assessment that is due; None when it is not due, not waiting, or somebody else's."""
    now = clock.now()
    owner = secrets.token_hex(8)
    claimed = session.execute(
        update(RubricAssessment)
        .where(RubricAssessment.attempt_id == attempt_id, RubricAssessment.state == WAITING, _is_due(now))
        .values(lease_owner=owner, lease_until=now + LEASE, tries=RubricAssessment.tries + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(claimed):
        return None
    row = session.scalars(select(RubricAssessment).where(RubricAssessment.attempt_id == attempt_id)).one()
    return Claim(row.id, attempt_id, owner)


def renew_leases(session: Session, owners: list[str]) -> None:
    """Hold on to assessments that are being worked on."""
    session.execute(
        update(RubricAssessment)
        .where(RubricAssessment.lease_owner.in_(owners), RubricAssessment.state == WAITING)
        .values(lease_until=clock.now() + LEASE)
    )


def claimed_row(session: Session, held: Claim) -> RubricAssessment | None:
    """The row behind a claim, locked; None when somebody else took it over meanwhile."""
    row = session.get_one(RubricAssessment, held.assessment_id, with_for_update=True, populate_existing=True)
    return row if row.state == WAITING and row.lease_owner == held.owner else None


def keep_reading(session: Session, assessment_id: int, criterion_id: str, reading: Reading) -> None:
    """Write a reading down. One that is there already stays: it has been counted."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(CriterionReading).values(
        assessment_id=assessment_id,
        criterion_id=criterion_id,
        reader=reading.seat.reader.value,
        view=reading.seat.view.value,
        number=reading.seat.number,
        result=result_values(reading.result),
        calls=call_values(reading),
        made_at=clock.now(),
    )
    session.execute(row.on_conflict_do_nothing())


def put_off(row: RubricAssessment, cause: str, retry_after: timedelta | None) -> None:
    """Try again later. `cause` is kept and shown in words; the wait doubles and is never shorter than was asked for."""
    wait = min(FIRST_RETRY * 2 ** min(row.tries - 1, 16), LONGEST_RETRY)
    wait *= 0.8 + 0.4 * random.random()  # noqa: S311 - jitter: a class does not knock all at once
    row.next_try_at = clock.now() + max(wait, retry_after or timedelta(0))
    row.cause = cause[:40]
    row.lease_owner = row.lease_until = None


def resume(session: Session, cause: str) -> None:
    """Let what was put off for this cause be tried now: the cause has gone."""
    session.execute(
        update(RubricAssessment)
        .where(RubricAssessment.state == WAITING, RubricAssessment.cause == cause)
        .values(next_try_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def reconsider_release(session: Session, attempt_id: int) -> None:
    """Look at a result that is held back again: its date may be another one by now."""
    session.execute(
        update(RubricAssessment)
        .where(RubricAssessment.attempt_id == attempt_id, RubricAssessment.state == HELD)
        .values(release_at=clock.now())
    )


def has_waited_long(row: RubricAssessment) -> bool:
    """Whether it is time for a person, whatever the service does next."""
    return clock.now() - row.created_at > GIVE_UP_AFTER
