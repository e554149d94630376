"""A turn's text in pieces, with the words that a result quotes marked in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a turn, from `start` to `end` of its text, that `href` speaks of, by name. `id` is the mark's own
    place."""

    start: int
    end: int
    id: str
    href: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text within a paragraph. `ids` are those of the marks that begin here; `href` is set within a mark. `also` are
    marks that end here and that no `href` leads back to, since another one covers the same words."""

    text: str
    ids: tuple[str, ...] = ()
    href: str = ""
    also: tuple[Mark, ...] = ()


def paragraphs(text: str, marks: Sequence[Mark] = ()) -> tuple[tuple[Piece, ...], ...]:
    """The paragraphs of a text, each in pieces; empty lines are left out. Where marks overlap, the one that began last
    is followed. Marks that do not lie within the text are left out."""
    sound = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    found: list[tuple[Piece, ...]] = []
    begin = 0
    for line in text.split("\n"):
        end = begin + len(line)
        if line.strip():
            found.append(_pieces(text, begin, end, sound))
        begin = end + 1
    return tuple(found)


def _pieces(text: str, begin: int, end: int, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    within = [mark for mark in marks if mark.start < end and mark.end > begin]
    edges = {begin, end, *(edge for mark in within for edge in (mark.start, mark.end) if begin < edge < end)}
    spans = list(pairwise(sorted(edges)))
    over = [
        sorted((mark for mark in within if mark.start <= start and mark.end >= stop), key=lambda one: one.start)
        for start, stop in spans
    ]
    followed = {marks[-1] for marks in over if marks}
    return tuple(
        Piece(
            text[start:stop],
            ids=tuple(mark.id for mark in marks if max(mark.start, begin) == start and mark.start >= begin),
            href=marks[-1].href if marks else "",
            also=tuple(mark for mark in marks if mark not in followed and min(mark.end, end) == stop),
        )
        for (start, stop), marks in zip(spans, over, strict=True)
    )
