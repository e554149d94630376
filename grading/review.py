"""What people decide: the queue, decisions with their reasons, appeals and their answers, blind looks.

A person's decision is a new outcome that stands above the machine's for good; both are kept. The caller owns the
transaction, and owes the gradebook what follows (`lti_tool.reviewing`).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.attempts import lab_of
from course.items import Lab
from course.models import Attempt
from grading import assessments
from grading.conclusions import BY_MODEL, criteria_of, readings_of, release_date
from grading.lab_evidence import criterion_values, score_of_levels, totals
from grading.models import Appeal, BlindReview, CriterionAssessment, Outcome, RubricAssessment
from grading.review_refusals import (
    AppealAnswered,
    AppealEmpty,
    AppealExists,
    LevelMissing,
    NothingDecided,
    NotReviewable,
    ReasonMissing,
    TextTooLong,
)
from grading.service import BY_PERSON, after_deduction, outcomes_of, record_outcome

MOST_CHARACTERS = 4_000


def decide(
    session: Session,
    attempt: Attempt,
    reviewer_id: int,
    levels: Mapping[str, int],
    reasons: Mapping[str, str],
    *,
    at_once: bool = False,
) -> Outcome | None:
    """Give every criterion its level: the outcome, decided by a person from now on.

    `levels` (0 to 4) may leave out criteria that stand already, settled by the readings or by an earlier decision.
    `reasons` are needed where a level differs from what stood. A first result of a lab whose date of release lies ahead
    is kept until then (`grading.releasing`), and there is no outcome yet, unless it is to be shown `at_once`.
    Raises `NotReviewable`, `LevelMissing`, `ReasonMissing`, `NothingDecided` when all is as it stands, and
    `TextTooLong`.
    """
    row = _locked_row(session, attempt)
    rows = {one.criterion_id: one for one in criteria_of(session, row.id)}
    standing = outcomes_of(session, [attempt]).get(attempt.id)
    stood = _levels_before(_standing_values(standing), row.decision, rows)
    wanted = _checked(lab_of(attempt), stood, levels, reasons)
    if standing is not None and wanted == stood:
        raise NothingDecided
    kept = {name: text.strip() for name, text in reasons.items() if text.strip()}
    decision = {
        "levels": wanted,
        "reasons": {**(row.decision["reasons"] if row.decision else {}), **kept},
        "reviewer_id": reviewer_id,
    }
    date = release_date(session, attempt) if standing is None and not at_once else None
    if date is None:
        return record_decision(session, attempt, row, decision)
    row.decision, row.state, row.cause, row.release_at = decision, assessments.HELD, None, date
    row.judged_at = row.judged_at or clock.now()
    session.flush()
    return None


def record_decision(session: Session, attempt: Attempt, row: RubricAssessment, decision: Mapping[str, Any]) -> Outcome:
    """Write a person's decision (`RubricAssessment.decision`) as the outcome. Both rows are to be locked."""
    lab, levels, reasons = lab_of(attempt), decision["levels"], decision["reasons"]
    rows = {one.criterion_id: one for one in criteria_of(session, row.id)}
    before = _standing_values(outcomes_of(session, [attempt]).get(attempt.id))
    stood = _levels_before(before, None, rows)
    score = score_of_levels(lab, levels)
    readings = readings_of(session, row.id)
    criteria = []
    for earned in score.criteria:
        name = earned.criterion_id
        if name in before and before[name]["level"] == earned.level:
            criteria.append(before[name])
            continue
        is_machines = stood.get(name) == earned.level
        criteria.append(
            criterion_values(
                lab,
                earned,
                rows[name],
                decided_by=rows[name].decided_by if is_machines else BY_PERSON,
                why=reasons.get(name, ""),
                readings=readings,
            )
        )
    row.state, row.cause, row.judged_at = assessments.RELEASED, None, row.judged_at or clock.now()
    row.decision = None
    # Levels are judged here, not when the work was handed in: late work loses what it loses, whoever judges it.
    points, late = after_deduction(session, attempt, score.points)
    return record_outcome(
        session,
        attempt,
        decided_by=BY_PERSON,
        points=points,
        points_possible=score.points_possible,
        evidence={
            "criteria": criteria,
            **totals(row, readings),
            "machine": machine_levels(rows),
            "decided_by_learner": decision["reviewer_id"],
            **late,
        },
    )


def _levels_before(
    standing: Mapping[str, Mapping[str, Any]],
    decision: Mapping[str, Any] | None,
    rows: Mapping[str, CriterionAssessment],
) -> dict[str, int]:
    """What stood of each criterion: by the outcome, else by a decision that is held, else by the settled readings."""
    if standing:
        return {name: int(values["level"]) for name, values in standing.items()}
    if decision is not None:
        return dict(decision["levels"])
    return {name: one.level for name, one in rows.items() if one.reason is None and one.level is not None}


def machine_levels(rows: Mapping[str, CriterionAssessment]) -> dict[str, int]:
    """What the model settled or leaned to; a suggestion by rule is no finding of its own."""
    return {
        name: one.level
        for name, one in rows.items()
        if one.level is not None and (one.decided_by == BY_MODEL or one.reason is None)
    }


def appeal(session: Session, attempt: Attempt, criterion_id: str, words: str) -> Appeal:
    """Keep what the learner says against one criterion of a released result. Nothing is held back by it.

    Saying the same again gives the appeal that is there. Raises `NotReviewable` without a result or such a criterion,
    `AppealEmpty`, `TextTooLong`, and `AppealExists` when another text has been sent for it.
    """
    said = words.strip()
    if outcomes_of(session, [attempt]).get(attempt.id) is None or attempt.is_preview:
        raise NotReviewable
    if lab_of(attempt).rubric.find_criterion(criterion_id) is None:
        raise NotReviewable
    if not said:
        raise AppealEmpty
    if len(said) > MOST_CHARACTERS:
        raise TextTooLong(MOST_CHARACTERS)
    kept = session.scalar(
        select(Appeal).where(Appeal.attempt_id == attempt.id, Appeal.criterion_id == criterion_id)
    )  # fmt: skip
    if kept is None:
        kept = Appeal(attempt_id=attempt.id, criterion_id=criterion_id, words=said, made_at=clock.now())
        session.add(kept)
        session.flush()
    elif kept.words != said:
        raise AppealExists
    return kept


def answer_appeal(
    session: Session, attempt: Attempt, criterion_id: str, *, reviewer_id: int, answer: str, level: int | None = None
) -> Outcome | None:
    """Answer an appeal in words, and change the level if it is to change; then the new outcome.

    Raises `NotReviewable` without such an appeal, `AppealAnswered`, `ReasonMissing` for an empty answer, `TextTooLong`.
    """
    kept = session.scalar(
        select(Appeal)
        .where(Appeal.attempt_id == attempt.id, Appeal.criterion_id == criterion_id)
        .with_for_update()
    )  # fmt: skip
    if kept is None:
        raise NotReviewable
    if kept.answer is not None:
        raise AppealAnswered
    said = answer.strip()
    if not said:
        raise ReasonMissing(lab_of(attempt).rubric.criterion(criterion_id).name)
    if len(said) > MOST_CHARACTERS:
        raise TextTooLong(MOST_CHARACTERS)
    kept.answer, kept.answered_at, kept.answered_by = said, clock.now(), reviewer_id
    standing = _standing_values(outcomes_of(session, [attempt]).get(attempt.id))
    if level is None or level == standing[criterion_id]["level"]:
        session.flush()
        return None
    return decide(session, attempt, reviewer_id, {criterion_id: level}, {criterion_id: said})


def look_blind(session: Session, attempt: Attempt, reviewer_id: int, levels: Mapping[str, int]) -> BlindReview:
    """Keep what a person found without seeing the machine's levels. It measures, and changes no grade.

    Raises `NotReviewable` unless the attempt was sampled and nobody has looked yet, `LevelMissing`.
    """
    row = _locked_row(session, attempt)
    if not row.is_sampled or session.get(BlindReview, row.id) is not None:
        raise NotReviewable
    wanted = _checked(lab_of(attempt), {}, levels, dict.fromkeys(levels, "blind"))
    looked = BlindReview(assessment_id=row.id, reviewer_id=reviewer_id, levels=wanted, made_at=clock.now())
    session.add(looked)
    session.flush()
    return looked


def _locked_row(session: Session, attempt: Attempt) -> RubricAssessment:
    row = session.scalar(
        select(RubricAssessment)
        .where(RubricAssessment.attempt_id == attempt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.state not in {assessments.PERSON, assessments.HELD, assessments.RELEASED}:
        raise NotReviewable
    session.execute(select(Attempt.id).where(Attempt.id == attempt.id).with_for_update())
    return row


def _standing_values(outcome: Outcome | None) -> dict[str, dict[str, Any]]:
    return {one["criterion_id"]: one for one in outcome.evidence["criteria"]} if outcome else {}


def _checked(
    lab: Lab, stood: Mapping[str, int], levels: Mapping[str, int], reasons: Mapping[str, str]
) -> dict[str, int]:
    """The level of every criterion, with what stood where nothing is said."""
    wanted: dict[str, int] = {}
    for criterion in lab.rubric.criteria:
        level = levels.get(criterion.id, stood.get(criterion.id))
        if level is None or level not in range(5):
            raise LevelMissing(criterion.name)
        reason = reasons.get(criterion.id, "").strip()
        if stood.get(criterion.id) != level and not reason:
            raise ReasonMissing(criterion.name)
        if len(reason) > MOST_CHARACTERS:
            raise TextTooLong(MOST_CHARACTERS)
        wanted[criterion.id] = level
    return wanted
