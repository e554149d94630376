"""A model's reply becomes a verdict, or the list of what is wrong with it. Never a score without words to rest on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from jsonschema import Draft202012Validator

from grading.prechecks import NOT_OWN_WORDS, Checked, is_partners_words
from grading.transcript import CanonicalTurn, Quote, Transcript, find_quote, quote_from, words

LevelNumber = Literal[0, 1, 2, 3, 4]
Confidence = Literal[1, 2, 3, 4, 5]
LEAST_WORDS = 4
LOWEST_WITH_EVIDENCE = 2
MOST_FEEDBACK = 600  # characters kept of a text that is shown

_QUOTES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"turn": {"type": "string"}, "quote": {"type": "string"}},
        "required": ["turn", "quote"],
        "additionalProperties": False,
    },
}
# The order of the properties is the order in which they are written: evidence before level.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "evidence": _QUOTES,
        "counter_evidence": _QUOTES,
        "omission": {"type": "boolean"},
        "level": {"type": "integer", "enum": [0, 1, 2, 3, 4]},
        "boundary": {"type": "string"},
        "feedback": {"type": "string"},
        "confidence": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
        "speaks_to_grader": {"type": "boolean"},
    },
    "required": [
        "evidence", "counter_evidence", "omission", "level", "boundary", "feedback", "confidence", "speaks_to_grader",
    ],
    "additionalProperties": False,
}  # fmt: skip
_VALIDATOR = Draft202012Validator(SCHEMA)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reading of one criterion, checked. `evidence` holds only quotes that stand in the student's own words;
    `omission` says that the student left the point out; `lost` counts quotes that did not hold."""

    level: LevelNumber
    evidence: tuple[Quote, ...]
    omission: bool
    boundary: str
    feedback: str
    confidence: Confidence
    speaks_to_grader: bool
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Unusable:
    """A reading without a verdict. `faults` are sentences that a repair call can be told, or the code of a refusal.
    `leaked`: the prompt's marker stood in the reply, so whatever it says, a person looks."""

    faults: tuple[str, ...]
    leaked: bool = False
    can_be_repaired: bool = True


def read_reply(
    reply: str, transcript: Transcript, seen: Transcript, checked: Checked, canary: str
) -> Verdict | Unusable:
    """Check a reply against the schema and every quote against the student's turns.

    `seen`: what the reader saw of the transcript, "[–]" included. A level of 2 to 4 needs one quote that holds; a level
    of 1 or 0 without any must be called an omission.
    """
    if canary in reply:
        return Unusable(("The reply repeats the prompt's marker.",), leaked=True, can_be_repaired=False)
    values = _parsed(reply)
    if values is None:
        return Unusable(("The reply is not one JSON object of the required form.",))
    quotes: list[Quote] = []
    faults: list[str] = []
    for named in values["evidence"]:
        found = _own_words(named["turn"], named["quote"], transcript, seen, checked)
        if isinstance(found, str):
            faults.append(found)
        elif found not in quotes:
            quotes.append(found)
    level = int(values["level"])
    if level >= LOWEST_WITH_EVIDENCE and not quotes:
        faults.append(f"Level {level} needs a quote from the student's own turns, and none of those given holds.")
        return Unusable(tuple(faults))
    if level < LOWEST_WITH_EVIDENCE and not quotes and not values["omission"]:
        faults.append(f"Level {level} without a quote must say that the point was left out (omission: true).")
        return Unusable(tuple(faults))
    return Verdict(
        level=cast(LevelNumber, level),
        evidence=tuple(quotes),
        omission=not quotes,
        boundary=values["boundary"].strip()[:MOST_FEEDBACK],
        feedback=values["feedback"].strip()[:MOST_FEEDBACK],
        confidence=cast(Confidence, int(values["confidence"])),
        speaks_to_grader=values["speaks_to_grader"],
        lost=len(faults),
    )


def _parsed(reply: str) -> Mapping[str, Any] | None:
    try:
        values = json.loads(reply)
    except (ValueError, RecursionError):
        return None
    return values if _VALIDATOR.is_valid(values) else None


def _own_words(turn_id: str, quoted: str, transcript: Transcript, seen: Transcript, checked: Checked) -> Quote | str:
    """The quote as the student's own characters, or what is wrong with it."""
    shown = quoted.strip()[:120]
    place = _place_of(turn_id, quoted, transcript) or _place_of_seen(turn_id, quoted, transcript, seen)
    if place is None:
        return f'"{shown}" does not stand word for word in the student turn {turn_id[:8]}.'
    turn, start, end = place
    said = words(turn.text[start:end])
    if len(said) < min(LEAST_WORDS, len(words(turn.text))) or not said:
        return f'"{shown}" is shorter than {LEAST_WORDS} words.'
    before = (one for one in transcript.turns if not one.is_students and one.number < turn.number)
    flags = checked.flags_at(turn.id, start, end)
    if any(flag.kind in NOT_OWN_WORDS for flag in flags) or is_partners_words(turn.text[start:end], before):
        return f'"{shown}" repeats the partner or the rubric and is not the student\'s own.'
    if any(flag.is_serious for flag in flags):
        return f'"{shown}" does not speak about the case.'
    return quote_from(turn, start, end)


def _place_of(turn_id: str, quoted: str, transcript: Transcript) -> tuple[CanonicalTurn, int, int] | None:
    """Where a quote stands: in the student's turn that was named, or else in the only one that has it."""
    found = [(turn, *place) for turn in transcript.student_turns if (place := find_quote(turn, quoted)) is not None]
    named = [one for one in found if one[0].id == turn_id]
    if named:
        return named[0]
    return found[0] if len(found) == 1 else None


def _place_of_seen(
    turn_id: str, quoted: str, transcript: Transcript, seen: Transcript
) -> tuple[CanonicalTurn, int, int] | None:
    """Where the student's words stand that a quote from the seen text was made of."""
    found = _place_of(turn_id, quoted, seen)
    turn = transcript.turn(found[0].id) if found else None
    if found is None or turn is None:
        return None
    first, last = found[0].original_span(found[1], found[2])
    inside = [place for place, (start, end) in enumerate(turn.sources) if first <= start and end <= last]
    return turn, inside[0], inside[-1] + 1
