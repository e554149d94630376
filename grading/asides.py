"""How much a passage looks like an aside: text about the grading, the conversation or its author, not about the case.

A linear score over features that any text has: its words, those of the lab's own subject made one; the marks of
aside-marks.yaml; how much of it is the case's. The weights are learned by `tests.attack_sets.learn` from attacks and
honest texts, and held against families of attacks that were left out while learning. The score is no verdict: a passage
with a high one is left out of one more reading, and only a difference that this makes leads to a person.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

from grading.common_words import COMMON_WORDS, FUNCTION_WORDS
from grading.topic import Topic, stem
from grading.transcript import words

_FOLDER = Path(__file__).parent
_MARKS = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in yaml.safe_load((_FOLDER / "aside-marks.yaml").read_text(encoding="utf-8")).items()
}
_PLAIN = COMMON_WORDS | FUNCTION_WORDS
_LEVELS = frozenset({"0", "1", "2", "3", "4", "four", "zero"})
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
CASE, NUMBER, LEVEL = "case", "<number>", "<level>"
GRADING, BESIDE_GRADING, ALWAYS = ("grading", "evaluator"), ("top", "student"), ("label", "instruction")
NAMED, DESCRIBED = (1, 2, 3), (2, 3, 4, 5, 6, 8)
LENGTHS = (4, 8, 14, 22, 32)
CASE_WORDS = (1, 2, 3, 4, 6)
SHARES = (0.1, 0.2, 0.3, 0.5, 0.7)


def aside_score(text: str, topic: Topic, weights: Mapping[str, float] | None = None) -> float:
    """Log-odds that the passage is an aside; above 0 it is more likely one than not, as far as what was learned (or the
    given weights) can say."""
    known = _weights() if weights is None else weights
    return sum(known.get(feature, 0.0) for feature in features(text, topic))


def grading_words(text: str, topic: Topic) -> list[tuple[int, int]]:
    """Where words stand that are about grading, if they are no words of the case, as (start, end)."""
    masked = _without_case(text, topic)
    speaks_of_grading = any(_MARKS[name].search(masked) for name in GRADING)
    names = (*ALWAYS, *GRADING, *BESIDE_GRADING) if speaks_of_grading else ALWAYS
    found = {match.span() for name in names for match in _MARKS[name].finditer(masked)}
    return sorted(found)


def features(text: str, topic: Topic) -> frozenset[str]:
    """What the score is made from: names of what holds for the passage."""
    said = [word.casefold().replace("’", "'") for word in words(text)]
    stems = [stem(word) for word in said]
    number = max(1, len(said))
    tokens = list(_tokens(said, stems, topic))
    case = topic.words_in(text)
    found = {"always", *(f"word {one}" for one in tokens), *(f"first {one}" for one in tokens[:1])}
    found |= _marks_of(text, topic)
    described = [len(best & set(stems)) for best in topic.best] or [0]
    found |= {f"named {least}" for least in NAMED if len(topic.names & set(stems)) >= least}
    found |= {f"described {least}" for least in DESCRIBED if max(described) >= least}
    found |= {f"described in all {least}" for least in DESCRIBED if sum(described) >= 2 * least}
    found |= {f"words {least}" for least in LENGTHS if len(said) >= least}
    found |= {f"case words {least}" for least in CASE_WORDS if case >= least}
    shares = {
        "case": sum(one in topic.stems for one in stems),
        "strange": sum(one not in _PLAIN and cut not in topic.stems for one, cut in zip(said, stems, strict=True)),
        "name": sum(one in topic.names for one in stems),
        "function": sum(one in FUNCTION_WORDS for one in said),
    }
    found |= {f"{name} {least}" for name, of in shares.items() for least in SHARES if of > least * number}
    return frozenset(found)


def _marks_of(text: str, topic: Topic) -> set[str]:
    """The marks that the text has without the words of the case, and those that it has only with them."""

    without = _without_case(text, topic)
    found = {name for name, mark in _MARKS.items() if mark.search(without)}
    only_with = {name for name, mark in _MARKS.items() if name not in found and mark.search(text)}
    several = {f"marks {number}" for number in range(1, len(found) + 1)}
    return {f"mark {name}" for name in found} | {f"case mark {name}" for name in only_with} | several


def _without_case(text: str, topic: Topic) -> str:
    """The text with each word of the case made one that says nothing, as long as it was."""

    def masked(match: re.Match[str]) -> str:
        word = match.group().casefold().replace("’", "'")
        return CASE[0] * len(word) if word not in _PLAIN and stem(word) in topic.stems else match.group()

    return _WORD.sub(masked, text)


def _tokens(said: list[str], stems: list[str], topic: Topic) -> Iterator[str]:
    for word, cut in zip(said, stems, strict=True):
        if word in _LEVELS:
            yield LEVEL
        elif any(one.isdigit() for one in word):
            yield NUMBER
        elif word in _PLAIN:
            yield word
        else:
            yield CASE if cut in topic.stems else cut


@cache
def _weights() -> dict[str, float]:
    return dict(json.loads((_FOLDER / "aside-weights.json").read_text(encoding="utf-8")))
