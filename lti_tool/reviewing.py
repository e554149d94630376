"""Decisions of people on labs, and what the gradebook is owed because of them: one transaction, the caller's."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Attempt, Placement
from grading import review
from lti_tool.lab_grading import owe_for


def attempt_in_context(session: Session, key: str, context_key: str) -> Attempt | None:
    """An attempt by its public key, if it belongs to the context: a reviewer sees no other course's."""
    return session.scalar(
        select(Attempt)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(Attempt.key == key, Placement.context_key == context_key)
    )


def decide(
    session: Session,
    attempt: Attempt,
    reviewer_id: int,
    levels: Mapping[str, int],
    reasons: Mapping[str, str],
    *,
    at_once: bool = False,
) -> int | None:
    """`grading.review.decide`; the id of the score to be sent, if the gradebook is owed another one now."""
    outcome = review.decide(session, attempt, reviewer_id, levels, reasons, at_once=at_once)
    return owe_for(session, attempt) if outcome is not None else None


def answer_appeal(
    session: Session, attempt: Attempt, criterion_id: str, *, reviewer_id: int, answer: str, level: int | None
) -> int | None:
    """`grading.review.answer_appeal`; the id of the score to be sent, if the level has changed it."""
    changed = review.answer_appeal(session, attempt, criterion_id, reviewer_id=reviewer_id, answer=answer, level=level)
    return owe_for(session, attempt) if changed is not None else None
