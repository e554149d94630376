"""A turn cut into passages, about a sentence each: the unit that is flagged, left out or kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grading.transcript import CanonicalTurn

_BREAK = re.compile(r"(?<=[.!?…。！？])[\s\"')\]]+(?=\S)|\n+")
MOST_WORDS = 40  # a sentence without any stop is cut at the next blank, so that nothing hides in its length


@dataclass(frozen=True, slots=True)
class Passage:
    """Canonical characters `start` to `end` (exclusive) of a turn."""

    turn_id: str
    start: int
    end: int
    text: str


def passages_of(turn: CanonicalTurn) -> tuple[Passage, ...]:
    """All passages of a turn, in order. Together they hold every word of it."""
    return tuple(
        Passage(turn.id, start, end, turn.text[start:end])
        for first, last in _sentences(turn.text)
        for start, end in _at_most(turn.text, first, last)
    )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _BREAK.finditer(text):
        yield from _stripped(text, start, gap.start())
        start = gap.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end


def _at_most(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = [match.end() + start for match in re.finditer(r"\S+", text[start:end])]
    while len(words) > MOST_WORDS:
        cut = words[MOST_WORDS - 1]
        yield from _stripped(text, start, cut)
        start, words = cut, words[MOST_WORDS:]
    yield from _stripped(text, start, end)
