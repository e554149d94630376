"""What readers see of a transcript: first without words about grading, then also without every
passage that is not about the case beyond doubt.

Nothing that a student writes can name a level, a grade or whoever gives it to a reader: those words are left out of
every reading, unless they belong to the lab's subject. A quote from such a text still leads to the student's own words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from grading.asides import grading_words
from grading.prechecks import Checked
from grading.topic import Topic
from grading.transcript import CanonicalTurn, Transcript

LEFT_OUT = "[–]"
Span = tuple[int, int]


def shown(transcript: Transcript, topic: Topic) -> Transcript:
    """The transcript with "[–]" for words about grading in the student's turns."""
    spans = {turn.id: grading_words(turn.text, topic) for turn in transcript.student_turns}
    return _without(transcript, spans)


def reduced(transcript: Transcript, topic: Topic, checked: Checked) -> Transcript:
    """What is shown, without any passage that has a flag or is not about the case beyond doubt. A turn of which nothing
    is left keeps its place, as "[–]"."""
    spans = {turn.id: grading_words(turn.text, topic) for turn in transcript.student_turns}
    for flag in checked.flags:
        spans[flag.turn_id].append((flag.start, flag.end))
    for doubt in checked.doubts:
        spans[doubt.turn_id].append((doubt.start, doubt.end))
    return _without(transcript, spans)


def _without(transcript: Transcript, spans: Mapping[str, list[Span]]) -> Transcript:
    turns = tuple(_cut(turn, spans[turn.id]) if spans.get(turn.id) else turn for turn in transcript.turns)
    return replace(transcript, turns=turns)


def _cut(turn: CanonicalTurn, spans: Iterable[Span]) -> CanonicalTurn:
    """The turn with each span, and those that touch it, made one mark. The mark stands for what it replaces."""
    text: list[str] = []
    sources: list[Span] = []
    end = 0
    for first, last in _merged(spans):
        text.append(turn.text[end:first] + LEFT_OUT)
        sources += [*turn.sources[end:first], *[turn.original_span(first, last)] * len(LEFT_OUT)]
        end = last
    text.append(turn.text[end:])
    return replace(turn, text="".join(text), sources=(*sources, *turn.sources[end:]))


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
