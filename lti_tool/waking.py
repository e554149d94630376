"""A launch as a sign of life: the platform is back, a column may have come, rights may have been granted."""

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from lti_tool.models import LineItem, LtiUser, OutboxScore
from lti_tool.outbox import FIRST_RETRY, GAVE_UP, GIVE_UP_AFTER, NO_LINE_ITEM, PENDING, STUCK, TEACHERS_GRADE

AT_MOST_EVERY = FIRST_RETRY  # a class of 300 that launches does not make every waiting score knock 300 times
STUCK_TRIED_AGAIN = timedelta(days=1)


def wake(session: Session, registration_id: int, line_item: LineItem | None = None) -> bool:
    """Let the scores that wait for this platform be tried now, and the stuck ones that the launch may have mended.

    A score that was tried within the last `AT_MOST_EVERY` sleeps on. True when there is anything to send.
    """
    now = clock.now()
    mine = OutboxScore.lti_user_id.in_(select(LtiUser.id).where(LtiUser.registration_id == registration_id))
    just_tried = OutboxScore.tried_at.between(now - AT_MOST_EVERY, now)
    rested = or_(OutboxScore.tried_at.is_(None), ~just_tried, OutboxScore.cause == NO_LINE_ITEM)  # that asked nobody
    waiting = (OutboxScore.state == PENDING) & (OutboxScore.next_try_at > now) & (OutboxScore.timestamp <= now)
    waiting &= or_(OutboxScore.cause.is_(None), ~OutboxScore.cause.endswith("_throttled"))  # it was asked to wait
    revived = (OutboxScore.state == STUCK) & OutboxScore.cause.startswith(GAVE_UP)
    if line_item is not None and line_item.url:
        # It brings the column's address anew, and rights may have been granted since: whatever the cause was.
        of_the_column = (OutboxScore.state == STUCK) & (OutboxScore.line_item_id == line_item.id)
        revived |= of_the_column & or_(OutboxScore.cause.is_(None), OutboxScore.cause != TEACHERS_GRADE)
    woken = 0
    for which, values in ((waiting, {}), (revived, {"state": PENDING, "cause": None})):
        query = update(OutboxScore).where(mine, rested, which).values(next_try_at=now, **values)
        woken += changed_rows(session.execute(query.execution_options(synchronize_session=False)))
    return woken > 0


def wake_stuck(session: Session) -> None:
    """Try every stuck score once a day for as long as one would be retried: an admin may have mended its cause."""
    now = clock.now()
    session.execute(
        update(OutboxScore)
        .where(OutboxScore.state == STUCK, OutboxScore.created_at > now - GIVE_UP_AFTER)
        .where(or_(OutboxScore.tried_at.is_(None), OutboxScore.tried_at <= now - STUCK_TRIED_AGAIN))
        .values(state=PENDING, next_try_at=now)
        .execution_options(synchronize_session=False)
    )
