"""The rule by which a conversation is graded here: fixed, blind to sense, with real quotes.

Evidence words are the words of four letters or more in the criterion's name, in the descriptors of its levels and in
what the rubric says counts for it, cut to their first five letters, without the words that every criterion has. The
level follows from how many different ones stand in the student's turns (`STEPS`); a student who wrote twelve words or
more has at least level 1. Up to two quotes are the sentences (of four words or more, from different turns) with the
most of them; level 1 for want of evidence has none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.model_service.reading import Turn, criterion_text, student_turns, task, what_counts

STEPS = (1, 3, 6, 10)  # different evidence words from which on the level is 1, 2, 3, 4
NEAR_SILENCE = 12  # words; below, and without evidence, the level is 0
QUOTES = 2
LEAST_WORDS, MOST_WORDS = 4, 40
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_EVERYWHERE = frozenset({
    "about", "also", "answe", "becau", "been", "could", "crite", "does", "each", "even", "first", "from", "have",
    "here", "highe", "into", "judge", "just", "level", "like", "lowes", "more", "most", "must", "only", "order",
    "other", "over", "parti", "same", "shoul", "some", "somet", "stude", "such", "than", "that", "their", "them",
    "then", "there", "these", "they", "this", "those", "very", "what", "when", "where", "wheth", "which", "while",
    "will", "with", "would", "your",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand in a turn, to the letter."""

    turn: str
    text: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A level from 0 to 4 and the words it rests on; none at level 0."""

    level: int
    quotes: tuple[Quote, ...]


def grade(body: Mapping[str, Any]) -> Grade:
    """Grade the conversation of a request by the criterion that its last block asks about."""
    wanted = evidence_words(body)
    turns = student_turns(body)
    found = set().union(*(stems(turn.text) & wanted for turn in turns)) if turns else set()
    level = sum(len(found) >= step for step in STEPS)
    if not level and sum(len(turn.text.split()) for turn in turns) >= NEAR_SILENCE:
        level = 1
    return Grade(level, quotes(turns, wanted, task(body)) if found else ())


def evidence_words(body: Mapping[str, Any]) -> set[str]:
    """The words that count for the criterion of a request."""
    return stems(f"{criterion_text(body)}\n{what_counts(body)}") - _EVERYWHERE


def stems(text: str) -> set[str]:
    """The words of a text, each cut to five letters in lower case."""
    return {word.lower()[:5] for word in _WORD.findall(text)}


def quotes(turns: list[Turn], wanted: set[str], refused: str = "") -> tuple[Quote, ...]:
    """The best sentence of each of the best turns, best first; not those that `refused` (a repair's task) names."""
    best = []
    for turn in turns:
        offered = [sentence for sentence in sentences(turn.text) if sentence not in refused]
        if offered:
            top = max(offered, key=lambda sentence: len(stems(sentence) & wanted))
            best.append((len(stems(top) & wanted), Quote(turn.id, top)))
    best.sort(key=lambda pair: -pair[0])
    return tuple(quote for _, quote in best[:QUOTES])


def sentences(text: str) -> list[str]:
    """The sentences of four words or more, each cut after forty."""
    found = []
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        words = list(re.finditer(r"\S+", sentence))
        if len(words) > MOST_WORDS:
            sentence = sentence[: words[MOST_WORDS - 1].end()]
        if len(words) >= LEAST_WORDS:
            found.append(sentence)
    return found
