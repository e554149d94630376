"""Scores owed to gradebooks. The row with its lease is the queue; whoever holds the lease may send it.

A row is written in the transaction that decides the score, and leaves this table's `pending` state only when the
platform has said what became of it. Life of a row: pending → delivered | superseded | stuck; a stuck row goes back to
pending when a launch may have mended its cause (`waking.py`). Rows for a platform that is switched off
(`permission.py`) stay as they are until it is on again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from config import clock
from config.database import changed_rows
from course.models import Attempt
from grading.models import Outcome
from lti_tool.ags import Result, score_body
from lti_tool.models import LineItem, LtiUser, OutboxScore, Registration, ResourceLink
from lti_tool.permission import may_be_told
from lti_tool.platforms import Platform, platform_of

PENDING, DELIVERED, SUPERSEDED, STUCK = "pending", "delivered", "superseded", "stuck"
LEASE = timedelta(seconds=5)  # renewed while a call runs; so a killed worker's row is free again after this long
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=14)
NO_LINE_ITEM = "no_line_item"
TEACHERS_GRADE = "teachers_grade"  # delivered or stuck: the gradebook shows a grade that a teacher has set
SUBMISSION_PATH = "/lti/submissions/"  # before an attempt's key; the address of it that a platform is given to open
CONFLICT = "conflict"  # the gradebook holds another score in spite of `conflict_1`, `conflict_2`… new stamps
GAVE_UP = "gave_up_"  # begins the cause of a score that waiting did not help; any later launch may


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed row as plain values, so that no transaction is open while it is sent."""

    outbox_id: int
    owner: str
    registration_id: int
    line_item_id: int
    line_item_url: str | None
    user_id: str
    body: str
    score: float
    share: float  # score given over score maximum
    before: Result | None  # what we delivered last into this cell, if anything
    platform: Platform
    tries: int  # earlier tries at this row
    may_have_arrived: bool  # an earlier try posted it, and the answer is not known
    conflicts: int  # how often it was stamped anew since the last failure of another kind
    reads_results: bool


def enqueue_score(
    session: Session,
    *,
    line_item: LineItem,
    lti_user: LtiUser,
    outcome: Outcome,
    attempt: Attempt,
    score_given: Decimal,
    score_maximum: Decimal,
) -> OutboxScore | None:
    """Owe a score to a line item, unless the last one owed there says the same. Only for a learner's own work.

    The timestamp is fixed here: whole seconds, later than any earlier one for this line item and user (AGS §3.4.5).
    """
    # One at a time per learner, also for the first score, when there is no row yet to lock.
    session.execute(select(LtiUser.id).where(LtiUser.id == lti_user.id).with_for_update(key_share=True))
    earlier = session.scalars(
        select(OutboxScore)
        .where(OutboxScore.line_item_id == line_item.id, OutboxScore.lti_user_id == lti_user.id)
        .order_by(OutboxScore.timestamp.desc())  # newest first, the order in which `claim` locks them too
        .with_for_update()
    ).all()
    last = earlier[0] if earlier else None
    if last and last.score_given == score_given and last.score_maximum == score_maximum and last.state != STUCK:
        return None
    now = clock.now()
    timestamp = _next_timestamp(now, last)
    for row in earlier:
        if row.state in {PENDING, STUCK} and not _is_leased(row, now):
            row.state = SUPERSEDED
    registration = session.get_one(Registration, lti_user.registration_id)
    row = OutboxScore(
        line_item=line_item,
        lti_user=lti_user,
        outcome_id=outcome.id,
        score_given=score_given,
        score_maximum=score_maximum,
        timestamp=timestamp,
        body=score_body(
            user_id=lti_user.sub,
            score_given=score_given,
            score_maximum=score_maximum,
            timestamp=timestamp,
            started_at=attempt.started_at,
            submitted_at=attempt.submitted_at or now,
            extension=platform_of(registration.product_family).score_extension(
                is_first=last is None, work_url=f"{SUBMISSION_PATH}{attempt.key}"
            ),
        ),
        state=PENDING,
        next_try_at=max(now, timestamp),  # never stamped in the platform's future
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _next_timestamp(now: datetime, last: OutboxScore | None) -> datetime:
    stamp = clock.whole_second(now)
    return stamp if last is None else max(stamp, last.timestamp + timedelta(seconds=1))


def _is_leased(row: OutboxScore, now: datetime) -> bool:
    # One further off than a lease can be was taken by a clock that was wrong.
    return row.lease_until is not None and now < row.lease_until <= now + LEASE


def due_ids(session: Session, limit: int = 200) -> list[int]:
    """The rows that may be sent now, most overdue first."""
    query = select(OutboxScore.id).where(_is_due(clock.now())).order_by(OutboxScore.next_try_at).limit(limit)
    return list(session.scalars(query))


def _is_due(now: datetime) -> ColumnElement[bool]:
    other = aliased(OutboxScore)
    # Two scores for one learner and column are never on their way at once: they could overtake each other.
    sibling_on_its_way = (
        select(other.id)
        .where(
            other.line_item_id == OutboxScore.line_item_id,
            other.lti_user_id == OutboxScore.lti_user_id,
            other.id != OutboxScore.id,
            other.state == PENDING,
            other.lease_until > now,
            other.lease_until <= now + LEASE,
        )
        .exists()
    )
    return and_(
        OutboxScore.state == PENDING,
        OutboxScore.next_try_at <= now,
        may_be_told(OutboxScore.line_item_id),
        or_(OutboxScore.lease_until.is_(None), OutboxScore.lease_until <= now, OutboxScore.lease_until > now + LEASE),
        ~sibling_on_its_way,
    )


def claim(session: Session, outbox_id: int) -> Delivery | None:
    """Lease a due row; None when it is not due, or somebody else's. A newer row takes an older one's place."""
    now = clock.now()
    owner = secrets.token_hex(8)
    claimed = session.execute(
        update(OutboxScore)
        .where(OutboxScore.id == outbox_id, _is_due(now))
        .values(lease_until=now + LEASE, lease_owner=owner)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(claimed):
        return None
    row = session.get_one(OutboxScore, outbox_id, populate_existing=True)
    if _newer_exists(session, row):
        row.state, row.lease_until = SUPERSEDED, None
        return None
    session.execute(
        update(OutboxScore)
        .where(
            OutboxScore.line_item_id == row.line_item_id,
            OutboxScore.lti_user_id == row.lti_user_id,
            OutboxScore.timestamp < row.timestamp,
            OutboxScore.state.in_((PENDING, STUCK)),
        )
        .values(state=SUPERSEDED)
    )
    line_item, tries, may_have_arrived = row.line_item, row.tries, row.may_have_arrived
    _, _, conflicts = (row.cause or "").partition(f"{CONFLICT}_")
    row.tries += 1
    row.tried_at = now
    row.may_have_arrived = True  # until we know better: a worker that is killed from here on tells nobody
    return Delivery(
        outbox_id=row.id,
        owner=owner,
        registration_id=row.lti_user.registration_id,
        line_item_id=line_item.id,
        line_item_url=line_item.url,
        user_id=row.lti_user.sub,
        body=row.body,
        score=float(row.score_given),
        share=float(row.score_given / row.score_maximum),
        before=_delivered_before(session, row),
        platform=platform_of(session.get_one(Registration, row.lti_user.registration_id).product_family),
        tries=tries,
        may_have_arrived=may_have_arrived,
        conflicts=int(conflicts or 0),
        reads_results=any(scope.endswith("/result.readonly") for scope in line_item.scopes),
    )


def _delivered_before(session: Session, row: OutboxScore) -> Result | None:
    last = session.scalar(
        select(OutboxScore)
        .where(
            OutboxScore.line_item_id == row.line_item_id,
            OutboxScore.lti_user_id == row.lti_user_id,
            OutboxScore.id != row.id,
            OutboxScore.state == DELIVERED,
        )
        .order_by(OutboxScore.timestamp.desc())
        .limit(1)
    )
    return Result(float(last.score_given), float(last.score_maximum)) if last else None


def _newer_exists(session: Session, row: OutboxScore) -> bool:
    newer = select(OutboxScore.id).where(
        OutboxScore.line_item_id == row.line_item_id,
        OutboxScore.lti_user_id == row.lti_user_id,
        OutboxScore.timestamp > row.timestamp,
        OutboxScore.state.in_((PENDING, DELIVERED)),
    )
    return session.scalar(newer.limit(1)) is not None


def renew_leases(session: Session, owners: list[str]) -> None:
    """Hold on to rows whose call is still running."""
    session.execute(
        update(OutboxScore)
        .where(OutboxScore.lease_owner.in_(owners), OutboxScore.state == PENDING)
        .values(lease_until=clock.now() + LEASE)
    )


def mark_delivered(session: Session, delivery: Delivery, cause: str | None = None) -> None:
    """The platform has this score. True whoever held the lease by now: it is a fact about the platform.

    `cause` is `TEACHERS_GRADE` where it took the score but shows another grade.
    """
    row = session.get_one(OutboxScore, delivery.outbox_id, with_for_update=True)
    row.lease_until = row.lease_owner = None
    if row.line_item.url != delivery.line_item_url:
        row.next_try_at, row.may_have_arrived = clock.now(), False  # it went to a column that has been replaced
        return
    row.state, row.cause, row.delivered_at = DELIVERED, cause, clock.now()


def _still_ours(row: OutboxScore, delivery: Delivery) -> bool:
    """Whether nobody took the row over. A worker that was paused beyond its lease has no say any more."""
    return row.state == PENDING and row.lease_owner == delivery.owner


def note_not_posted(session: Session, delivery: Delivery) -> None:
    """This try ended before anything was posted, or with an answer that says it was not taken."""
    row = session.get_one(OutboxScore, delivery.outbox_id, with_for_update=True)
    if _still_ours(row, delivery):
        row.may_have_arrived = delivery.may_have_arrived


def mark_for_retry(session: Session, delivery: Delivery, cause: str, retry_after: timedelta | None) -> datetime:
    """The post failed in a way that waiting may cure; says when the next try is."""
    row = session.get_one(OutboxScore, delivery.outbox_id, with_for_update=True)
    now = clock.now()
    if not _still_ours(row, delivery):
        return row.next_try_at
    if now - max(row.created_at, _switched_on_at(session, row)) > GIVE_UP_AFTER:
        mark_stuck(session, delivery, GAVE_UP + cause)
        return now
    wait = min(FIRST_RETRY * 2 ** min(delivery.tries, 16), LONGEST_RETRY)
    wait *= 0.8 + 0.4 * secrets.randbelow(1000) / 1000  # jitter: a class does not knock all at once
    row.next_try_at = now + max(wait, retry_after or timedelta(0))
    row.cause = cause[:40]
    row.lease_until = row.lease_owner = None
    return row.next_try_at


def _switched_on_at(session: Session, row: OutboxScore) -> datetime:
    """Since when its platform may be told; the time before counts for no waiting."""
    deployment = row.line_item.resource_link.context.deployment
    registration = session.get_one(Registration, deployment.registration_id)
    return max(one.state_since or one.created_at for one in (registration, deployment))


def mark_stuck(session: Session, delivery: Delivery, cause: str) -> None:
    """Waiting will not help: kept, with its cause, until a launch may have mended it.

    Not for want of a column that was found while the score was looked at: whoever found it has set free what was stuck
    by then, and this one was not.
    """
    row = session.get_one(OutboxScore, delivery.outbox_id, with_for_update=True)
    if not _still_ours(row, delivery):
        return
    row.lease_until = row.lease_owner = None
    if delivery.line_item_url is None and _has_column(session, row):
        row.next_try_at = clock.now()
        return
    row.state, row.cause = STUCK, cause[:40]


def _has_column(session: Session, row: OutboxScore) -> bool:
    line_item = session.get_one(LineItem, row.line_item_id, with_for_update=True, populate_existing=True)
    return line_item.url is not None


def be_no_new_attempt(session: Session, delivery: Delivery) -> None:
    """All attempts that the platform allows are used up: say the score again as one that makes no submission, now."""
    row = session.get_one(OutboxScore, delivery.outbox_id, with_for_update=True)
    if _still_ours(row, delivery):
        row.body = row.body.replace('"new_submission":true', '"new_submission":false', 1)
        row.next_try_at = clock.now()
        row.lease_until = row.lease_owner = None


def restamp(session: Session, delivery: Delivery) -> None:
    """The platform holds another score with this timestamp or a later one: say ours again, now."""
    row = session.get_one(OutboxScore, delivery.outbox_id, with_for_update=True)
    if not _still_ours(row, delivery):
        return
    row.lease_until = row.lease_owner = None
    if _newer_exists(session, row):
        row.state = SUPERSEDED
        return
    now = clock.now()
    stamp = _next_timestamp(now, row)
    row.body = row.body.replace(clock.isoformat(row.timestamp), clock.isoformat(stamp), 1)
    row.timestamp, row.next_try_at = stamp, max(now, stamp)
    row.cause = f"{CONFLICT}_{delivery.conflicts + 1}"


def find_line_item(session: Session, placement_id: int, item_id: str) -> LineItem | None:
    """The column for an item of a placement, if any launch has named one."""
    return session.scalar(
        select(LineItem)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .where(ResourceLink.placement_id == placement_id, LineItem.item_id == item_id)
    )


def last_score(session: Session, line_item: LineItem, lti_user_id: int) -> OutboxScore | None:
    """The newest score owed to a learner's cell of the gradebook."""
    return session.scalar(
        select(OutboxScore)
        .where(OutboxScore.line_item_id == line_item.id, OutboxScore.lti_user_id == lti_user_id)
        .order_by(OutboxScore.timestamp.desc())
        .limit(1)
    )


def count_owed(session: Session, registration_id: int) -> int:
    """How many scores a registration's gradebooks have not taken yet."""
    return _count(session, registration_id, (PENDING, STUCK))


def count_delivered(session: Session, registration_id: int) -> int:
    """How many scores a registration's gradebooks have taken."""
    return _count(session, registration_id, (DELIVERED,))


def _count(session: Session, registration_id: int, states: tuple[str, ...]) -> int:
    query = (
        select(func.count(OutboxScore.id))
        .join(LtiUser, LtiUser.id == OutboxScore.lti_user_id)
        .where(LtiUser.registration_id == registration_id, OutboxScore.state.in_(states))
    )
    return session.scalar(query) or 0
