"""Who has handed in what, of one item in one context: what an instructor looks work up by."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.models import Attempt, Learner, Placement
from grading.models import Outcome
from grading.service import outcomes_of
from lti_tool.people import Entry, roster_of
from lti_tool.roles import LEARNER
from lti_tool.roster_service import GONE


@dataclass(frozen=True, slots=True)
class HandIn:
    """Somebody and their work. `last` is what they handed in last, with the `outcome` that stands for it, if any;
    `count` says how often they did; `open` is what they are still at work on."""

    person: Entry
    last: Attempt | None = None
    outcome: Outcome | None = None
    count: int = 0
    open: Attempt | None = None


def hand_ins_of(session: Session, placement: Placement, item_id: str) -> list[HandIn]:
    """Everybody who may do the item here, by name. Who is off the roster or teaches is there with work only."""
    attempts: dict[str, list[Attempt]] = {}
    for key, attempt in session.execute(
        select(Learner.key, Attempt)
        .join(Learner, Learner.id == Attempt.learner_id)
        .join(Placement, Placement.id == Attempt.placement_id)
        .where(
            Placement.context_key == placement.context_key,
            Placement.course_id == placement.course_id,
            Attempt.item_id == item_id,
            Attempt.is_preview.is_(False),
        )
        .order_by(Attempt.started_at, Attempt.id)
    ):
        attempts.setdefault(key, []).append(attempt)
    last = {
        key: max(done, key=lambda one: (one.submitted_at, one.id))
        for key, of_them in attempts.items()
        if (done := [one for one in of_them if one.submitted_at is not None])
    }
    outcomes = outcomes_of(session, list(last.values()))
    found = []
    for person in roster_of(session, placement.context_key).entries:
        theirs = attempts.get(person.key or "", [])
        if theirs or (person.role == LEARNER and person.status != GONE):
            newest = last.get(person.key or "")
            found.append(
                HandIn(
                    person,
                    newest,
                    outcomes.get(newest.id) if newest else None,
                    sum(one.submitted_at is not None for one in theirs),
                    next((one for one in theirs if one.submitted_at is None), None),
                )
            )
    return found


def items_with_work(session: Session, placement: Placement) -> set[str]:
    """The items of the context's course that anybody has worked at."""
    return set(
        session.scalars(
            select(Attempt.item_id)
            .join(Placement, Placement.id == Attempt.placement_id)
            .where(
                Placement.context_key == placement.context_key,
                Placement.course_id == placement.course_id,
                Attempt.is_preview.is_(False),
            )
            .distinct()
        )
    )
