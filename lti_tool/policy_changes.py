"""What follows when somebody has changed the rules of a context or of one learner: for attempts that run, and for work
that was late."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Attempt, Placement
from course.policies import end_of, rules_of
from grading.assessments import reconsider_release
from grading.service import rework_late
from lti_tool.gradebook import owe_score
from lti_tool.models import OutboxScore


def apply_changes(
    session: Session, context_key: str, *, learner_id: int | None = None, item_id: str | None = None
) -> list[OutboxScore]:
    """Bring attempts in line with the rules as they are now, of everyone and all items unless named; the scores that
    are owed because of it. To be called in the transaction that changed the rules.

    Open attempts get their end anew; one that is over by it is handed in by the next sweep. Of those handed in the
    deduction for being late is worked out anew; whatever a person has decided stays. Results that are held back until
    a date are looked at again by the next sweep.
    """
    query = (
        select(Attempt)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(Placement.context_key == context_key, Attempt.is_preview.is_(False))
        .order_by(Attempt.learner_id, Attempt.id)  # everyone locks in the same order
        .with_for_update(of=Attempt)
    )
    if learner_id is not None:
        query = query.where(Attempt.learner_id == learner_id)
    if item_id is not None:
        query = query.where(Attempt.item_id == item_id)
    owed = []
    for attempt in session.scalars(query.execution_options(populate_existing=True)).all():
        if attempt.submitted_at is None:
            attempt.ends_at = end_of(rules_of(session, attempt), attempt.started_at)
        elif rework_late(session, attempt) is not None:
            home = session.get_one(Placement, attempt.placement_id)
            owed.append(owe_score(session, home, attempt.learner_id, attempt.item_id))
        else:
            reconsider_release(session, attempt.id)
    return [row for row in owed if row is not None]
