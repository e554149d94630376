"""What a kill run prints at its end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from course.language_model.models import ModelCall
from grading import assessments
from grading.models import Outcome, RubricAssessment
from tests.faults.checks import lab_attempts, repeated_calls


@dataclass(frozen=True, slots=True)
class Ended:
    """What has become of everything."""

    submissions: int
    graded: int
    queued: int
    calls: Counter[str]  # by state
    repeated: int


def ended(session: Session) -> Ended:
    """The figures of the database."""
    waits_for_person = RubricAssessment.state == assessments.PERSON
    return Ended(
        submissions=len(lab_attempts(session)),
        graded=session.scalar(select(func.count(Outcome.id))) or 0,
        queued=session.scalar(select(func.count(RubricAssessment.id)).where(waits_for_person)) or 0,
        calls=Counter(session.scalars(select(ModelCall.state))),
        repeated=repeated_calls(session),
    )


def table(
    kills: Mapping[tuple[str, str], int],
    figures: Ended,
    *,
    fallen: Mapping[str, int],
    answers: Mapping[str, int],
    seconds: float,
    violations: Sequence[str],
) -> str:
    """Kills by victim and point, then the figures, then each violation. `fallen`: processes that ended by themselves;
    `answers`: what students got instead of a page."""
    by_victim: Counter[str] = Counter()
    for (victim, _), times in kills.items():
        by_victim[victim] += times
    calls = f"{figures.calls.total()} ({listed(figures.calls)}), {figures.repeated} of them repeated"
    return "\n".join(
        [
            "kills  victim    point",
            *(f"{times:5}  {victim:<9} {label}" for (victim, label), times in sorted(kills.items())),
            "",
            f"kills            {by_victim.total()} ({listed(by_victim)})",
            f"submissions      {figures.submissions}",
            f"graded           {figures.graded}",
            f"in the queue     {figures.queued}",
            f"model calls      {calls}",
            f"ended by itself  {listed(fallen)}",
            f"no page, but     {listed(answers)}",
            f"seconds          {seconds:.0f}",
            f"violations       {len(violations)}",
            *(f"  - {one}" for one in violations),
        ]
    )


def listed(counts: Mapping[str, int]) -> str:
    """Such as "beat 3, worker 20"."""
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items())) or "nothing"
