"""Whether what is recorded about a grade bears it out: each quote the student's own words, each score what its levels
or answers are worth. Reads only, and tells faults by ids, never by anybody's text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from course.attempts import lab_of
from course.conversations import DONE, STUDENT, turns_of
from course.items import Lab
from course.models import Attempt
from grading.conclusions import BY_MODEL
from grading.lab_evidence import score_of_levels
from grading.late import Deduction
from grading.models import Outcome
from grading.service import BY_KEY, BY_PERSON, LATE, LATE_RULES_CHANGED, PLACES, score_of, to_decimal
from grading.verdict import LOWEST_WITH_EVIDENCE

NOT_VERBATIM = "a quote is not in the student's words"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must not be. `criterion_id` is empty where it concerns the whole attempt."""

    attempt_id: int
    what: str
    criterion_id: str = ""

    def __str__(self) -> str:
        where = f", {self.criterion_id}" if self.criterion_id else ""
        return f"attempt {self.attempt_id}{where}: {self.what}"


def own_words(session: Session, attempt_id: int) -> dict[int, str]:
    """What the student of an attempt at a lab said, by the number of the turn."""
    turns = turns_of(session, attempt_id)
    return {turn.number: turn.text for turn in turns if turn.role == STUDENT and turn.status == DONE}


def is_verbatim(quote: Mapping[str, Any], said: Mapping[int, str]) -> bool:
    """Whether a recorded quote (`turn`, `start`, `end`, `text`) stands, to the character, where it says it does."""
    return bool(quote["text"]) and said.get(quote["turn"], "")[quote["start"] : quote["end"]] == quote["text"]


def faults_of(session: Session, outcome: Outcome) -> Iterator[Fault]:
    """What does not bear an outcome out. Of one of a quiz that a person has decided nothing can be said."""
    attempt = session.get_one(Attempt, outcome.attempt_id)
    if attempt.submitted_at is None:
        yield Fault(attempt.id, "decided before it was handed in")
    if "criteria" in outcome.evidence:
        yield from _faults_of_lab(session, outcome, lab_of(attempt))
    elif outcome.decided_by == BY_KEY:
        worth = score_of(attempt)
        yield from _faults_of_points(outcome, worth.points, worth.points_possible, "its answers are")


def _faults_of_lab(session: Session, outcome: Outcome, lab: Lab) -> Iterator[Fault]:
    attempt_id, criteria = outcome.attempt_id, outcome.evidence["criteria"]
    said = own_words(session, attempt_id)
    for one in criteria:
        if not all(is_verbatim(quote, said) for quote in one["quotes"]):
            yield Fault(attempt_id, NOT_VERBATIM, one["criterion_id"])
        if one["decided_by"] == BY_MODEL and one["level"] >= LOWEST_WITH_EVIDENCE and not one["quotes"]:
            yield Fault(attempt_id, f"level {one['level']} of a model without a quote", one["criterion_id"])
    levels = {one["criterion_id"]: one["level"] for one in criteria}
    if levels.keys() != {criterion.id for criterion in lab.rubric.criteria} or len(levels) != len(criteria):
        yield Fault(attempt_id, "its criteria are not those of its rubric")
        return
    score = score_of_levels(lab, levels)
    yield from _faults_of_points(outcome, score.points, score.points_possible, "its levels are")
    recorded = {one["criterion_id"]: Fraction(one["points"]) for one in criteria}
    for earned in score.criteria:
        if recorded[earned.criterion_id] != Fraction(to_decimal(earned.points)):
            yield Fault(attempt_id, f"other points than level {earned.level} is worth", earned.criterion_id)


def _faults_of_points(outcome: Outcome, points: Fraction, possible: Fraction, whose: str) -> Iterator[Fault]:
    """`points`: before anything was taken for being late, which the evidence has to account for."""
    late, least_step = outcome.evidence.get(LATE), Decimal(0)
    if late is not None:
        if Decimal(late["points_before"]) != to_decimal(points):
            yield Fault(outcome.attempt_id, f"before the deduction {late['points_before']}, but {whose} worth another")
        points = Deduction(late["days_late"], late["percent"], points).points
        least_step = PLACES  # a deduction that is worked out anew begins with the rounded points
    worth = to_decimal(points)
    if abs(outcome.points - worth) > least_step or outcome.points_possible != to_decimal(possible):
        yield Fault(outcome.attempt_id, f"{outcome.points} points, but {whose} worth {worth}")


def decided_twice(session: Session) -> Iterator[Fault]:
    """Attempts that a machine has decided more than once. A deduction that is worked out anew for other rules is no
    decision: it stands on what was found before."""
    several = (
        select(Outcome.attempt_id)
        .where(Outcome.decided_by != BY_PERSON)
        .group_by(Outcome.attempt_id)
        .having(func.count() > 1)
    )
    query = select(Outcome).where(Outcome.attempt_id.in_(several), Outcome.decided_by != BY_PERSON)
    first: dict[int, Outcome] = {}
    for one in session.scalars(query.order_by(Outcome.attempt_id, Outcome.number)):
        before = first.setdefault(one.attempt_id, one)
        if before is not one and one.evidence.get("reason") != LATE_RULES_CHANGED:
            yield Fault(one.attempt_id, "decided twice by a machine")
        elif _found(before) != _found(one):
            yield Fault(one.attempt_id, "a deduction worked out anew rests on other findings")


def _found(outcome: Outcome) -> Any:
    return outcome.evidence.get("criteria", outcome.evidence.get("questions"))
