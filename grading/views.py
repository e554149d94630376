"""The transcript with parts left out: what a level must survive, if it is not to rest on text beside the point."""

from collections.abc import Iterable
from dataclasses import replace

from grading.prechecks import Flag
from grading.transcript import CanonicalTurn, Transcript

LEFT_OUT = "[…]"


def without(transcript: Transcript, flags: Iterable[Flag]) -> Transcript:
    """The transcript without the flagged passages. A turn of which nothing is left keeps its place, as "[…]"."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for flag in flags:
        spans.setdefault(flag.turn_id, []).append((flag.start, flag.end))
    return replace(
        transcript,
        turns=tuple(_cut(turn, spans[turn.id]) if turn.id in spans else turn for turn in transcript.turns),
    )


def _cut(turn: CanonicalTurn, spans: list[tuple[int, int]]) -> CanonicalTurn:
    gone = {place for start, end in spans for place in range(start, end)}
    kept = [place for place in range(len(turn.text)) if place not in gone]
    text = "".join(turn.text[place] for place in kept)
    if not text.strip():
        return replace(turn, text=LEFT_OUT, sources=((0, 0),) * len(LEFT_OUT))
    return replace(turn, text=text, sources=tuple(turn.sources[place] for place in kept))
