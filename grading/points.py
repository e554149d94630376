"""Pure: levels become points. Only code does this, by the rubric's weights; no model ever names a number of points."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from course.rubric import Rubric


@dataclass(frozen=True, slots=True)
class CriterionPoints:
    """What one criterion earned: `points` of `points_possible`, exact."""

    criterion_id: str
    level: int
    points: Fraction
    points_possible: Fraction


@dataclass(frozen=True, slots=True)
class RubricScore:
    """What a conversation earned, criterion by criterion, in the order of the rubric."""

    criteria: tuple[CriterionPoints, ...]

    @property
    def points(self) -> Fraction:
        """From 0 to `points_possible`."""
        return sum((one.points for one in self.criteria), Fraction(0))

    @property
    def points_possible(self) -> Fraction:
        return sum((one.points_possible for one in self.criteria), Fraction(0))

    @property
    def share(self) -> Fraction:
        """What was earned of what there was to earn, 0 to 1."""
        return self.points / self.points_possible


def score_levels(rubric: Rubric, levels: Mapping[str, int], points_possible: Fraction) -> RubricScore:
    """Points for a level of every criterion (criterion id → 0 to 4). Raises KeyError when one is missing or unknown."""
    strangers = set(levels) - {criterion.id for criterion in rubric.criteria}
    if strangers:
        raise KeyError(sorted(strangers)[0])
    whole = sum(criterion.weight for criterion in rubric.criteria)
    made = []
    for criterion in rubric.criteria:
        worth = points_possible * criterion.weight / whole
        level = criterion.level(levels[criterion.id])
        made.append(CriterionPoints(criterion.id, level.level, worth * level.points_percent / 100, worth))
    return RubricScore(tuple(made))


def is_near_pass_mark(rubric: Rubric, levels: Mapping[str, int], pass_percent: int | None) -> bool:
    """Whether half a level more or less in one criterion would move the score across the pass mark."""
    if pass_percent is None:
        return False
    score = score_levels(rubric, levels, Fraction(100))
    for criterion, earned in zip(rubric.criteria, score.criteria, strict=True):
        for step in (-1, 1):
            if 0 <= earned.level + step <= 4:
                other = score_levels(rubric, {**levels, criterion.id: earned.level + step}, Fraction(100)).points
                half_way = (score.points + other) / 2
                if (score.points >= pass_percent) != (half_way >= pass_percent):
                    return True
    return False
