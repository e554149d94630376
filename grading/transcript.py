"""A conversation in the form a grader reads: numbered turns, one spelling of every character, bounded, as JSON.

What a student wrote is kept as it is; the canonical text is made from it and knows, character by character, where it
came from. So whatever is quoted from the canonical text can be shown as the student's own characters.
"""

import json
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

STUDENT, PARTNER = "student", "partner"
MOST_CHARACTERS_A_TURN = 20_000
MOST_CHARACTERS = 60_000  # about 15,000 tokens: far from the price step at 100,000
QUOTE_MARKS = str.maketrans(dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟«»″", '"'))
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FOLLOWS = re.compile("[\u1160-\u11ff]")  # Hangul vowels and finals join what stands before them


class SpokenTurn(Protocol):
    """What is needed of a turn: its place in the conversation (from 1), who speaks, and what was written."""

    @property
    def number(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CanonicalTurn:
    """One turn. `sources[i]` is the part of `original` that `text[i]` was made from; `hidden` counts characters that
    nobody sees (zero-width, direction marks, controls) and that were left out of `text`."""

    number: int
    role: str
    original: str
    text: str
    sources: tuple[tuple[int, int], ...]
    hidden: int

    @property
    def id(self) -> str:
        """`s3` is the third turn of the conversation, spoken by the student; `p2` the second, by the partner."""
        return f"{'s' if self.role == STUDENT else 'p'}{self.number}"

    @property
    def is_students(self) -> bool:
        return self.role == STUDENT

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the canonical characters `start` to `end` (exclusive, at least one) stand in `original`."""
        return self.sources[start][0], self.sources[end - 1][1]


@dataclass(frozen=True, slots=True)
class Transcript:
    """The turns of a conversation, in order. `was_cut` says that a turn or the whole was too long to be read whole."""

    turns: tuple[CanonicalTurn, ...]
    was_cut: bool = False

    @property
    def student_turns(self) -> tuple[CanonicalTurn, ...]:
        return tuple(turn for turn in self.turns if turn.is_students)

    def turn(self, turn_id: str) -> CanonicalTurn | None:
        return next((turn for turn in self.turns if turn.id == turn_id), None)

    @property
    def student_words(self) -> int:
        return sum(len(words(turn.text)) for turn in self.student_turns)

    def as_json(self) -> str:
        """The turns as a JSON array, keys sorted: the same conversation is the same bytes, so that it can be cached.

        Angle brackets are escaped: no text in it can close the tags that stand around it.
        """
        data = [{"id": turn.id, "role": turn.role, "text": turn.text} for turn in self.turns]
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e")


def words(text: str) -> list[str]:
    """The words of a text as they stand in it, numbers included, punctuation left out."""
    return _WORD.findall(text)


def canonical_turn(number: int, role: str, original: str, most: int = MOST_CHARACTERS_A_TURN) -> CanonicalTurn:
    """NFKC, line ends and blanks made plain, hidden characters taken out, cut after `most` characters."""
    characters: list[str] = []
    sources: list[tuple[int, int]] = []
    hidden = 0
    for start, end in _clusters(original):
        kept = [character for one in original[start:end] if (character := _visible(one))]
        hidden += (end - start) - len(kept)
        for character in unicodedata.normalize("NFKC", "".join(kept)):
            if len(characters) < most:
                characters.append(" " if character.isspace() and character != "\n" else character)
                sources.append((start, end))
    return CanonicalTurn(number, role, original, "".join(characters), tuple(sources), hidden)


def transcript_of(turns: Iterable[SpokenTurn], most: int = MOST_CHARACTERS) -> Transcript:
    """The conversation so far, in the order of the turns' numbers; turns without any visible character are left out."""
    kept: list[CanonicalTurn] = []
    left, was_cut = most, False
    for turn in sorted(turns, key=lambda one: one.number):
        made = canonical_turn(turn.number, turn.role, turn.text, min(left, MOST_CHARACTERS_A_TURN))
        was_cut = was_cut or len(made.text) == min(left, MOST_CHARACTERS_A_TURN)
        left -= len(made.text)
        if made.text.strip():
            kept.append(made)
    return Transcript(tuple(kept), was_cut)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """A character with the marks that combine with it: the smallest piece that can be normalised by itself."""
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or not (unicodedata.combining(text[position]) or _FOLLOWS.match(text[position])):
            if position > start:
                yield start, position
            start = position


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    if character in "\r\u2028\u2029":
        return "\n" if character != "\r" else " "
    # Format characters (zero-width, direction, tags), controls, unassigned, private use, lone surrogates.
    return "" if unicodedata.category(character)[0] == "C" else character


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one turn: `text` is what stands from `start` to `end` (exclusive) in the original of that turn."""

    turn_number: int
    start: int
    end: int
    text: str


def find_quote(turn: CanonicalTurn, quoted: str) -> tuple[int, int] | None:
    """Where `quoted` stands in the canonical text of a turn, as (start, end); None when it does not.

    Blanks, kinds of quotation marks and dashes, and case of letters make no difference; everything else does. A quote
    begins and ends between words: "loss" is not found in "blossom".
    """
    wanted = _wanted(quoted)
    if not wanted:
        return None
    text, places = _folded(turn.text)
    begin = text.find(wanted)
    while begin >= 0:
        finish = begin + len(wanted)
        if not _inside_word(text, begin) and not _inside_word(text, finish):
            return places[begin], places[finish - 1] + 1
        begin = text.find(wanted, begin + 1)
    return None


def quote_from(turn: CanonicalTurn, start: int, end: int) -> Quote:
    """The student's own characters behind a place in the canonical text."""
    first, last = turn.original_span(start, end)
    return Quote(turn.number, first, last, turn.original[first:last])


def _inside_word(text: str, position: int) -> bool:
    return 0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum()


@lru_cache(maxsize=64)
def _wanted(quoted: str) -> str:
    """What to look for, in whichever turn."""
    return _folded(canonical_turn(0, STUDENT, quoted).text)[0].strip(" \"'.,;:-…")


@lru_cache(maxsize=512)  # the turns of a submission are searched again for each of its readings
def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text as quotes are compared, and for each of its characters the place in `text` it stands for."""
    folded: list[str] = []
    places = array("L")
    for place, character in enumerate(text.translate(QUOTE_MARKS).translate(DASHES)):
        if character.isspace():
            if folded and folded[-1] != " ":
                folded.append(" ")
                places.append(place)
            continue
        for one in character.casefold():
            folded.append(one)
            places.append(place)
    return "".join(folded), places
