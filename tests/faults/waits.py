"""Time that passes at once: whatever waits for a moment need not wait any longer. No state is touched."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from config import clock
from course.conversations import STREAMING
from course.language_model.ledger import OPEN
from course.language_model.models import ModelCall
from course.models import Turn
from grading import assessments
from grading.models import RubricAssessment
from lti_tool.models import AccessToken, OutboxScore
from lti_tool.outbox import PENDING


def retry_now(session: Session) -> None:
    """Labs that were put off and scores that are to be sent again are due now."""
    now = clock.now()
    session.execute(
        update(RubricAssessment)
        .where(RubricAssessment.state == assessments.WAITING, RubricAssessment.next_try_at > now)
        .values(next_try_at=now)
    )
    session.execute(
        update(OutboxScore)
        .where(OutboxScore.state == PENDING, OutboxScore.next_try_at > now, OutboxScore.timestamp <= now)
        .values(next_try_at=now)
    )


def end_tokens(session: Session) -> None:
    """Bearer tokens have run out: the next score asks for another."""
    session.execute(update(AccessToken).values(expires_at=clock.now()))


def end_leases_of_calls(session: Session, begun_before: datetime) -> None:
    """Calls that were begun so long ago belong to processes that have died."""
    session.execute(
        update(ModelCall)
        .where(ModelCall.state == OPEN, ModelCall.started_at < begun_before)
        .values(lease_until=clock.now())
    )


def end_leases(session: Session) -> None:
    """Where nothing runs any more, every lease is one of a process that has died."""
    now = clock.now()
    end_leases_of_calls(session, now)
    session.execute(update(Turn).where(Turn.status == STREAMING).values(lease_until=now))
    session.execute(update(RubricAssessment).values(lease_until=None))
    session.execute(update(OutboxScore).values(lease_until=None))
