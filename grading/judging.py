"""A submission as it is judged: all criteria, the readings made so far, and what they come to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from course.rubric import Criterion, Rubric
from grading.points import is_near_pass_mark
from grading.prechecks import Checked, check
from grading.prompt import canary_of
from grading.topic import topic_of
from grading.transcript import SpokenTurn, Transcript, transcript_of
from grading.verdict import Verdict
from grading.views import reduced, shown
from grading.votes import Ask, ForPerson, Seat, Settled, Situation, Step, Vote, next_step

NEAR_SILENCE = Verdict(0, (), omission=True, boundary="", feedback="", confidence=5, speaks_to_grader=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """What is judged: a rubric and a conversation in canonical form, its flags, and the parts a prompt is made of.

    `delimiter`: random letters and digits, drawn once and kept, so that all readings share a cached prompt.
    """

    rubric: Rubric
    transcript: Transcript
    shown: Transcript
    reduced: Transcript
    checked: Checked
    delimiter: str
    canary: str


def submission_of(rubric: Rubric, turns: Iterable[SpokenTurn], delimiter: str) -> Submission:
    """Make the canonical transcript, flag it, and make what readers see of it: all, and only what is beyond doubt about
    the case."""
    transcript = transcript_of(turns)
    canary = canary_of(rubric)
    checked = check(transcript, rubric, canary)
    topic = topic_of(rubric)
    return Submission(
        rubric=rubric,
        transcript=transcript,
        shown=shown(transcript, topic),
        reduced=reduced(transcript, topic, checked),
        checked=checked,
        delimiter=delimiter,
        canary=canary,
    )


@dataclass(slots=True)
class Judging:
    """The state of a judgement. `counts`: the result goes to a gradebook; `pass_percent`: the lab's pass mark."""

    submission: Submission
    counts: bool
    has_third: bool = False
    pass_percent: int | None = None
    votes: dict[str, list[Vote]] = field(default_factory=dict)

    def add(self, criterion_id: str, vote: Vote) -> None:
        """Take a reading in."""
        self.votes.setdefault(criterion_id, []).append(vote)

    @property
    def steps(self) -> Mapping[str, Step]:
        """For each criterion, in the order of the rubric, what is to be done or what it came to."""
        rubric, checked = self.submission.rubric, self.submission.checked
        if checked.is_near_silence:
            return {criterion.id: Settled(0, (NEAR_SILENCE,)) for criterion in rubric.criteria}
        situation = Situation(
            counts=self.counts,
            is_flagged=bool(checked.serious_kinds),
            has_flags=bool(checked.flags),
            has_reduced_view=bool(checked.flags or checked.doubts),
            has_third=self.has_third,
            was_cut=self.submission.transcript.was_cut,
        )
        steps = {one.id: next_step(self.votes.get(one.id, ()), situation) for one in rubric.criteria}
        levels = {name: step.level for name, step in steps.items() if isinstance(step, Settled)}
        if len(levels) == len(steps) and is_near_pass_mark(rubric, levels, self.pass_percent):
            near = replace(situation, wants_second=True)
            steps = {one.id: next_step(self.votes.get(one.id, ()), near) for one in rubric.criteria}
        return steps

    @property
    def wanted(self) -> list[tuple[Criterion, Seat]]:
        """The readings that are needed next; none when every criterion is settled or waits for a person."""
        rubric = self.submission.rubric
        return [
            (rubric.criterion(name), seat)
            for name, step in self.steps.items()
            if isinstance(step, Ask)
            for seat in step.seats
        ]

    @property
    def levels(self) -> dict[str, int] | None:
        """The level of every criterion; None while one is not settled."""
        steps = self.steps
        levels = {name: int(step.level) for name, step in steps.items() if isinstance(step, Settled)}
        return levels if len(levels) == len(steps) else None

    @property
    def for_person(self) -> dict[str, ForPerson]:
        """The criteria that a person has to decide."""
        return {name: step for name, step in self.steps.items() if isinstance(step, ForPerson)}
