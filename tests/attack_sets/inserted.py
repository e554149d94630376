"""What an attack has that its clean twin has not, found word by word."""

from collections import defaultdict
from difflib import SequenceMatcher
from itertools import chain
from re import finditer

from grading.evaluation.records import Record
from grading.passages import passages_of
from grading.transcript import transcript_of

MOSTLY = 0.6  # of a passage's visible characters


def inserted_passages(attack: Record, clean: Record) -> list[str]:
    """The student's passages that are mostly new; not those of turns with characters that cannot be seen."""
    places = _inserted(attack, clean)
    return [
        passage.text
        for turn in transcript_of(attack.turns).student_turns
        if turn.text == turn.original
        for passage in passages_of(turn)
        if len(places[turn.number] & set(range(passage.start, passage.end)))
        > MOSTLY * len("".join(passage.text.split()))
    ]


def _inserted(attack: Record, clean: Record) -> dict[int, set[int]]:
    """By the number of a turn, the places of the characters that only the attack has."""
    before = [(turn.role, word) for turn in clean.turns for word in ("", *turn.text.split())]
    after = [
        (turn.role, place[2], (turn.number, place[0], place[1]))
        for turn in attack.turns
        for place in chain([(0, 0, "")], ((m.start(), m.end(), m.group()) for m in finditer(r"\S+", turn.text)))
    ]
    found: defaultdict[int, set[int]] = defaultdict(set)
    pairs = [(role, word) for role, word, _ in after]
    for kind, _, _, start, end in SequenceMatcher(None, before, pairs, autojunk=False).get_opcodes():
        if kind in {"insert", "replace"}:
            for _, _, (number, first, last) in after[start:end]:
                found[number] |= set(range(first, last))
    return found
