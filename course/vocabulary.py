"""Which words carry a text's meaning, roughly: enough to see what somebody has spoken about, not what they said of it.

Written for English; in other languages more words count as meaningful, and what rests on it becomes less choosy.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_EMPTY_WORDS = (
    "a about after again all also am an and any are as at be because been before being both but by can could did do "
    "does doing done down each even every few for from further had has have having he her here him his how i if im in "
    "into is it its itself just like made make makes many may me might more most much my no nor not now of off ok okay "
    "on once one only or other our out over own same she should so some such than that thats the their them then there "
    "these they thing things this those through to too under until up us very was we well were what when where which "
    "while who whom why will with without would yes you your yours dont"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())
_ENDINGS = ("ingly", "ings", "ing", "edly", "ies", "ied", "est", "ed", "es", "ly", "er", "s")
SHORTEST_STEM = 3


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, in lower case, in their order."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def meaning_of(*texts: str) -> set[str]:
    """The stems of the words that carry meaning, numbers among them."""
    return {_stem(word) for text in texts for word in words_of(text) if word.replace("'", "") not in _EMPTY}


def runs_of(texts: Iterable[str], length: int) -> set[tuple[str, ...]]:
    """Every run of `length` words that stands in one of the texts."""
    runs: set[tuple[str, ...]] = set()
    for text in texts:
        words = words_of(text)
        runs.update(tuple(words[at : at + length]) for at in range(len(words) - length + 1))
    return runs


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word.removesuffix("e") if len(word) > SHORTEST_STEM else word
