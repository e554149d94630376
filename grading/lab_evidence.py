"""What an outcome of a lab keeps: for each criterion the level, the words it rests on and who decided, and how it was
read. Nothing of it is looked up anywhere else later, so it stays true whatever becomes of rubric, prompt or tables.

    {"criteria": [{"criterion_id", "name", "level", "points", "points_possible", "quotes", "omission", "boundary",
                   "feedback", "decided_by": "model" | "rule" | "person", "why", "readings"}],
     "rubric_hash", "prompt_hash", "flags", "calls", "tokens": {"prompt", "cached", "output"}, "cost", "latency",
     "machine": {"criterion id": level}, "decided_by_learner"}

`quotes` are `{"turn", "start", "end", "text"}`; `why` is a person's reason for a level of theirs; `readings` are
`{"reader", "view", "number", "level", "confidence", "faults", "models"}`. `cost` is in millionths of a US dollar,
`latency` in seconds from handing in to the decision. `machine` stands in a person's outcome: what the machine had
settled or leaned to.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from course.items import Lab
from grading.models import CriterionAssessment, CriterionReading, RubricAssessment
from grading.points import CriterionPoints, RubricScore, score_levels
from grading.service import to_decimal


def score_of_levels(lab: Lab, levels: Mapping[str, int]) -> RubricScore:
    """The points of a lab for a level of each criterion."""
    return score_levels(lab.rubric, levels, Fraction(lab.policy.points).limit_denominator(10_000))


def criterion_values(
    lab: Lab,
    earned: CriterionPoints,
    row: CriterionAssessment,
    *,
    decided_by: str,
    why: str = "",
    readings: Sequence[CriterionReading] = (),
) -> dict[str, Any]:
    """One criterion of the evidence. The quotes and texts of a row belong to its level: at another level, which a
    person chose, they are left out."""
    is_rows_level = row.level == earned.level
    return {
        "criterion_id": earned.criterion_id,
        "name": lab.rubric.criterion(earned.criterion_id).name,
        "level": earned.level,
        "points": str(to_decimal(earned.points)),
        "points_possible": str(to_decimal(earned.points_possible)),
        "quotes": row.quotes if is_rows_level else [],
        "omission": row.omission if is_rows_level else False,
        "boundary": row.boundary if is_rows_level else "",
        "feedback": row.feedback if is_rows_level else "",
        "decided_by": decided_by,
        "why": why,
        "readings": [reading_values(one) for one in readings if one.criterion_id == earned.criterion_id],
    }


def reading_values(row: CriterionReading) -> dict[str, Any]:
    """One reading, in short."""
    return {
        "reader": row.reader,
        "view": row.view,
        "number": row.number,
        "level": row.result.get("level"),
        "confidence": row.result.get("confidence"),
        "faults": row.result.get("faults", []),
        "models": sorted({call["model"] for call in row.calls}),
    }


def totals(assessment: RubricAssessment, readings: Sequence[CriterionReading]) -> dict[str, Any]:
    """How it was read, all together."""
    calls = [call for row in readings for call in row.calls]
    judged, begun = assessment.judged_at, assessment.created_at
    return {
        "rubric_hash": assessment.rubric_hash,
        "prompt_hash": assessment.prompt_hash,
        "flags": sorted({flag["kind"] for flag in assessment.flags}),
        "calls": [call["call_id"] for call in calls],
        "tokens": {
            "prompt": sum(call["prompt_tokens"] for call in calls),
            "cached": sum(call["cached_tokens"] for call in calls),
            "output": sum(call["output_tokens"] for call in calls),
        },
        "cost": sum(call["cost"] for call in calls),
        "latency": round((judged - begun).total_seconds(), 3) if judged else None,
    }
