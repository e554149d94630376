"""Results that are complete and held back until a date, whoever came to them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.attempts import lab_of
from course.models import Attempt
from grading import assessments
from grading.conclusions import criteria_of, release_date, release_or_hold
from grading.models import Outcome, RubricAssessment
from grading.review import record_decision


def release_held(session: Session, attempt_id: int) -> Outcome | None:
    """Release a complete result whose date has come; None when it is not held, or not yet due. The caller owns the
    transaction, and owes the gradebook what follows."""
    row = session.scalar(
        select(RubricAssessment).where(RubricAssessment.attempt_id == attempt_id).with_for_update()
    )  # fmt: skip
    if row is None or row.state != assessments.HELD:
        return None
    attempt = session.get_one(Attempt, attempt_id)
    if row.decision is None:
        return release_or_hold(session, row, lab_of(attempt), criteria_of(session, row.id))
    if (date := release_date(session, attempt)) is not None:
        row.release_at = date
        return None
    session.get_one(Attempt, attempt_id, with_for_update={"of": Attempt})
    return record_decision(session, attempt, row, row.decision)
