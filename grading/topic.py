"""Which words belong to a lab's subject, worked out from its rubric: how a passage on the case is told from another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from course.rubric import Criterion, Rubric
from grading.common_words import COMMON_WORDS, FUNCTION_WORDS
from grading.transcript import words

_ENDINGS = ("ations", "ation", "ings", "ing", "ers", "er", "ies", "ied", "ed", "es", "ly", "s", "e", "y")
_SHORTEST_STEM = 3
LOWEST_OF_BEST = 3
_ABOUT_GRADING = frozenset(
    """
    level levels grade grades graded grading grader criterion criteria rubric rubrics descriptor descriptors score
    scored scores points credit mark marks judge judges judged earns counts percent maximum generic specific
    """.split()  # noqa: SIM905 - readable
)


def stem(word: str) -> str:
    """A word without its ending, roughly: enough to see that "tested" and "tests" are one word."""
    plain = word.casefold().replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= _SHORTEST_STEM:
            return plain.removesuffix(ending)
    return plain


@dataclass(frozen=True, slots=True)
class Topic:
    """The stems of a lab's own words. `names`: those of its criteria's names; `best`: for each criterion, those of the
    descriptors of the levels that earn most, the words in which students may read what is wanted."""

    stems: frozenset[str]
    names: frozenset[str] = frozenset()
    best: tuple[frozenset[str], ...] = ()

    def words_in(self, text: str) -> int:
        """How many different words of the text belong to the subject; numbers from the case do."""
        return len({stem(word) for word in words(text)} & self.stems)


def topic_of(rubric: Rubric) -> Topic:
    """The words of the rubric's names, descriptors, exemplars and evidence that are no common English."""
    common = {stem(word) for word in COMMON_WORDS | FUNCTION_WORDS | _ABOUT_GRADING}
    found = _stems(_texts(rubric.criteria))
    function = {stem(word) for word in FUNCTION_WORDS}
    return Topic(
        stems=frozenset(one for one in found - common if len(one) > 1),
        names=_stems(criterion.name for criterion in rubric.criteria) - common,
        best=tuple(
            _stems(level.descriptor for level in criterion.levels if level.level >= LOWEST_OF_BEST) - function
            for criterion in rubric.criteria
        ),
    )


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(word) for text in texts for word in words(text))


def _texts(criteria: Iterable[Criterion]) -> Iterator[str]:
    for criterion in criteria:
        yield criterion.name
        yield from criterion.counts
        for level in criterion.levels:
            if level.level > 0:
                yield level.descriptor
                yield from level.exemplars
