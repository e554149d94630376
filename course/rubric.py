"""A lab's rubric: frozen values of plain text, without HTML and without a way back to the file.

Two readers must not be mixed up. Students may read the names, weights and descriptors before they start. Exemplars,
what counts and what does not, and rulings hold answers: they are for graders and authors. Those stand in attributes
of their own, which `repr` leaves out, and `Rubric.for_students()` gives a value that does not have them. Pages for
students take that value and never the rubric itself.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from course.hashes import hash_of

HIGHEST_LEVEL = 4
POINTS_PERCENT: Mapping[int, int] = {4: 100, 3: 75, 2: 40, 1: 0, 0: 0}  # by level, unless the file says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """`level` is 0 to 4; `points_percent`, 0 to 100, is the share of the criterion's weight it earns, never less than
    that of the level below. `exemplars` are quotes a student might write; only for graders and authors."""

    level: int
    points_percent: int
    descriptor: str
    exemplars: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """`weight` is 1 to 100, in percent of the lab's points; `levels` are the five from 4 down to 0. `counts` and
    `does_not_count` say what is evidence here, `rulings` how close cases are decided; the three are only for graders
    and authors."""

    id: str
    name: str
    weight: int
    levels: tuple[Level, ...]
    counts: tuple[str, ...] = field(repr=False)
    does_not_count: tuple[str, ...] = field(repr=False)
    rulings: tuple[str, ...] = field(default=(), repr=False)

    def level(self, number: int) -> Level:
        """Raises KeyError for a number that is not 0 to 4."""
        for level in self.levels:
            if level.level == number:
                return level
        raise KeyError(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelForStudents:
    """A level as a student may read it."""

    level: int
    points_percent: int
    descriptor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionForStudents:
    """A criterion as a student may read it: no exemplars, no evidence, no rulings."""

    id: str
    name: str
    weight: int
    levels: tuple[LevelForStudents, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """How the conversations of one lab are judged. The weights of the criteria add up to 100. `general_rulings` hold
    for all criteria and are only for graders and authors."""

    lab_id: str
    criteria: tuple[Criterion, ...]
    general_rulings: tuple[str, ...] = field(default=(), repr=False)

    def find_criterion(self, criterion_id: str) -> Criterion | None:
        return next((criterion for criterion in self.criteria if criterion.id == criterion_id), None)

    def criterion(self, criterion_id: str) -> Criterion:
        """Raises KeyError when the rubric has no such criterion."""
        criterion = self.find_criterion(criterion_id)
        if criterion is None:
            raise KeyError(criterion_id)
        return criterion

    def for_students(self) -> tuple[CriterionForStudents, ...]:
        """All of the rubric that a student may see, in the order of the file."""
        return tuple(
            CriterionForStudents(
                id=criterion.id,
                name=criterion.name,
                weight=criterion.weight,
                levels=tuple(
                    LevelForStudents(
                        level=level.level, points_percent=level.points_percent, descriptor=level.descriptor
                    )
                    for level in criterion.levels
                ),
            )
            for criterion in self.criteria
        )


def rubric_hash(rubric: Rubric) -> str:
    """SHA-256, in hexadecimal, of all the rubric holds: two assessments with the same hash were judged by the same
    words, weights and points."""
    return hash_of(asdict(rubric))
