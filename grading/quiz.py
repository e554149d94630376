"""Pure: a quiz and the responses to it become points, each with its evidence. Nothing here reads a database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from course.items import Counts, Question, Quiz, SingleChoice


@dataclass(frozen=True, slots=True)
class Mark:
    """What one question earned: `share` of its worth, from 0 to 1, and what was chosen (empty if left open)."""

    question_id: str
    choice_ids: tuple[str, ...]
    share: Fraction

    @property
    def is_right(self) -> bool:
        """Whether the question earned all it is worth."""
        return self.share == 1


@dataclass(frozen=True, slots=True)
class QuizScore:
    """Points of an attempt, 0 to `points_possible`; all questions weigh the same."""

    marks: tuple[Mark, ...]
    points_possible: Fraction

    @property
    def points(self) -> Fraction:
        """Exact: nothing is rounded before it leaves for a gradebook."""
        earned = sum((mark.share for mark in self.marks), Fraction(0))
        return self.points_possible * earned / len(self.marks)


def mark(question: Question, choice_ids: Sequence[str]) -> Mark:
    """Mark one response. Single choice: all or nothing. Raises `TypeError` for a type nobody can mark."""
    if not isinstance(question, SingleChoice):
        raise TypeError(f"nobody can mark a question of the type {question.type!r}")
    share = Fraction(1 if list(choice_ids) == [question.key.id] else 0)
    return Mark(question.id, tuple(choice_ids), share)


def score(quiz: Quiz, responses: Mapping[str, Sequence[str]]) -> QuizScore:
    """Score the responses (question id → choice ids). A question left open earns nothing; strangers are ignored."""
    return QuizScore(
        marks=tuple(mark(question, responses.get(question.id, ())) for question in quiz.questions),
        points_possible=Fraction(quiz.policy.points).limit_denominator(10_000),
    )


def counted(points: Iterable[Fraction], counts: Counts) -> Fraction | None:
    """The points that count among those of all submitted attempts, oldest first; None when there are none."""
    given = list(points)
    if not given:
        return None
    match counts:
        case Counts.BEST:
            return max(given)
        case Counts.LAST:
            return given[-1]
        case Counts.FIRST:
            return given[0]
        case Counts.AVERAGE:
            return sum(given, Fraction(0)) / len(given)
