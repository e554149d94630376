"""Pure: a quiz and the responses to it become points, each with its evidence. Nothing here reads a database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from course.items import ChoiceQuestion, Counts, Question, Quiz


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


def all_or_nothing(question: ChoiceQuestion, choice_ids: Sequence[str]) -> Fraction:
    """1 for the key and nothing else, otherwise 0."""
    return Fraction(1 if list(choice_ids) == [question.keys[0].id] else 0)


def right_less_wrong(question: ChoiceQuestion, choice_ids: Sequence[str]) -> Fraction:
    """Right choices less wrong ones, as a part of the keys, 0 to 1: choosing everything never pays."""
    keys = {choice.id for choice in question.keys}
    chosen = set(choice_ids)
    return max(Fraction(0), Fraction(len(chosen & keys) - len(chosen - keys), len(keys)))


SHARES: Mapping[str, Callable[[Any, Sequence[str]], Fraction]] = {
    "single": all_or_nothing,
    "multiple": right_less_wrong,
    "true-false": all_or_nothing,
}
"""For each question type, what share of a question's worth a response earns."""


def mark(question: Question, choice_ids: Sequence[str]) -> Mark:
    """Mark one response by its question's type. Raises `TypeError` for a type nobody can mark."""
    share = SHARES.get(question.type)
    if share is None:
        raise TypeError(f"nobody can mark a question of the type {question.type!r}")
    return Mark(question.id, tuple(choice_ids), share(question, choice_ids))


def worth_of_each(quiz: Quiz) -> Fraction:
    """What one question of the quiz is worth in points: all weigh the same."""
    return Fraction(quiz.policy.points).limit_denominator(10_000) / len(quiz.questions)


def score(quiz: Quiz, responses: Mapping[str, Sequence[str]]) -> QuizScore:
    """Score the responses (question id → choice ids). A question left open earns nothing; strangers are ignored."""
    return QuizScore(
        marks=tuple(mark(question, responses.get(question.id, ())) for question in quiz.questions),
        points_possible=worth_of_each(quiz) * len(quiz.questions),
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
