"""What a judgement comes to: rows for each criterion, and an outcome if all agree and it may be released now.

Everything here happens in the caller's one transaction, with the assessment's row locked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config import clock
from course.items import Lab, Release
from course.models import Attempt
from course.policies import rules_of
from grading import assessments
from grading.judging import NEAR_SILENCE, Judging
from grading.lab_evidence import criterion_values, score_of_levels, totals
from grading.models import CriterionAssessment, CriterionReading, Outcome, RubricAssessment
from grading.reading_rows import quote_values
from grading.service import BY_RUBRIC, record_outcome
from grading.suggestion import suggest
from grading.transcript import Quote
from grading.verdict import Verdict
from grading.votes import ForPerson, Reason, Settled

BY_MODEL, BY_RULE = "model", "rule"
AFTER_REVIEW = "after-review"  # the cause of waiting where an instructor looks at every result first
MOST_QUOTES = 4  # shown of one criterion


def conclude(
    session: Session, row: RubricAssessment, lab: Lab, judging: Judging, reason: Reason | None
) -> Outcome | None:
    """Write down what the readings came to. `reason`: why a person has to say, whatever has been read so far.

    The outcome, if there is one now; otherwise the row says what the attempt waits for.
    """
    row.judged_at = clock.now()
    row.lease_owner = row.lease_until = None
    row.flags = [
        {
            "kind": flag.kind,
            "turn": flag.turn_id,
            "start": flag.start,
            "end": flag.end,
            "serious": flag.is_serious,
        }
        for flag in judging.submission.checked.flags
    ]
    session.execute(delete(CriterionAssessment).where(CriterionAssessment.assessment_id == row.id))
    rows = [_criterion_row(row.id, lab, judging, criterion.id, reason) for criterion in lab.rubric.criteria]
    session.add_all(rows)
    row.is_sampled = row.is_sampled or any(
        isinstance(step, Settled) and step.has_fallen for step in judging.steps.values()
    )
    session.flush()
    unsettled = [one.reason for one in rows if one.reason is not None]
    if unsettled:
        row.state, row.cause = assessments.PERSON, unsettled[0]
        return None
    return release_or_hold(session, row, lab, rows)


def criteria_of(session: Session, assessment_id: int) -> list[CriterionAssessment]:
    """The rows of an assessment's criteria, in the order of the rubric."""
    query = select(CriterionAssessment).where(CriterionAssessment.assessment_id == assessment_id)
    return list(session.scalars(query.order_by(CriterionAssessment.id)))


def release_or_hold(
    session: Session, row: RubricAssessment, lab: Lab, criteria: Sequence[CriterionAssessment]
) -> Outcome | None:
    """The outcome of what the readings agree on, if the lab's rules let it be shown now; they are asked as they are
    now, for an instructor may have changed them since the attempt was begun."""
    attempt = session.get_one(Attempt, row.attempt_id)
    if rules_of(session, attempt).release is Release.AFTER_REVIEW:
        row.state, row.cause = assessments.PERSON, AFTER_REVIEW
        return None
    if (date := release_date(session, attempt)) is not None:
        row.state, row.cause, row.release_at = assessments.HELD, None, date
        return None
    row.state, row.cause = assessments.RELEASED, None
    return _outcome(session, row, lab, criteria)


def release_date(session: Session, attempt: Attempt) -> datetime | None:
    """The moment before which no result of the attempt is to be shown, by the rules of now; None when it may be."""
    date = rules_of(session, attempt).release_at
    return date if date is not None and date > clock.now() else None


def _outcome(session: Session, row: RubricAssessment, lab: Lab, criteria: Sequence[CriterionAssessment]) -> Outcome:
    readings = readings_of(session, row.id)
    by_id = {one.criterion_id: one for one in criteria}
    score = score_of_levels(lab, {name: one.level for name, one in by_id.items() if one.level is not None})
    values = [
        criterion_values(
            lab, one, by_id[one.criterion_id], decided_by=by_id[one.criterion_id].decided_by, readings=readings
        )
        for one in score.criteria
    ]
    return record_outcome(
        session,
        session.get_one(Attempt, row.attempt_id, with_for_update={"of": Attempt}),
        decided_by=BY_RUBRIC,
        points=score.points,
        points_possible=score.points_possible,
        evidence={"criteria": values, **totals(row, readings)},
    )


def readings_of(session: Session, assessment_id: int) -> list[CriterionReading]:
    """All readings of an assessment, in the order in which they were made."""
    query = select(CriterionReading).where(CriterionReading.assessment_id == assessment_id)
    return list(session.scalars(query.order_by(CriterionReading.id)))


def _criterion_row(
    assessment_id: int, lab: Lab, judging: Judging, criterion_id: str, reason: Reason | None
) -> CriterionAssessment:
    step = judging.steps[criterion_id]
    if isinstance(step, Settled) and (reason is None or step.bearing != (NEAR_SILENCE,)):
        decided_by = BY_RULE if step.bearing == (NEAR_SILENCE,) else BY_MODEL
        return _row(assessment_id, criterion_id, step.bearing, decided_by, reason=None)
    if isinstance(step, ForPerson) and step.leaning is not None:
        return _row(assessment_id, criterion_id, (step.leaning,), BY_MODEL, reason=step.reason)
    why = reason or (step.reason if isinstance(step, ForPerson) else Reason.NO_READING)
    suggested = suggest(judging.submission, lab.rubric.criterion(criterion_id))
    return _row(assessment_id, criterion_id, (suggested,), BY_RULE, reason=why)


def _row(
    assessment_id: int,
    criterion_id: str,
    bearing: Sequence[Verdict],
    decided_by: str,
    *,
    reason: Reason | None,
) -> CriterionAssessment:
    best = max(bearing, key=lambda verdict: (len(verdict.evidence) > 0, verdict.confidence))
    return CriterionAssessment(
        assessment_id=assessment_id,
        criterion_id=criterion_id,
        level=best.level,
        reason=reason.value if reason else None,
        decided_by=decided_by,
        quotes=[quote_values(quote) for quote in _merged(bearing)],
        omission=best.omission,
        boundary=best.boundary,
        feedback=best.feedback,
        confidence=min(verdict.confidence for verdict in bearing),
    )


def _merged(bearing: Sequence[Verdict]) -> list[Quote]:
    """The quotes of the verdicts that bear the level, those first that several of them named, without overlaps."""
    named: Mapping[Quote, int] = _counted([quote for verdict in bearing for quote in verdict.evidence])
    kept: list[Quote] = []
    for quote in sorted(named, key=lambda one: (-named[one], one.turn_number, one.start, -one.end)):
        overlaps = any(
            one.turn_number == quote.turn_number and one.start < quote.end and quote.start < one.end for one in kept
        )
        if not overlaps and len(kept) < MOST_QUOTES:
            kept.append(quote)
    return sorted(kept, key=lambda one: (one.turn_number, one.start))


def _counted(quotes: Sequence[Quote]) -> dict[Quote, int]:
    counts: dict[Quote, int] = {}
    for quote in quotes:
        counts[quote] = counts.get(quote, 0) + 1
    return counts
