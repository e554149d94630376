"""What code can see before a model reads: flags on passages, never a verdict.

A flag keeps its passage out of the reading that a level has to survive (`grading/views.py`), so that text which is
not about the case cannot lift it; by itself it holds nothing back, for an honest learner may write such a thing too.
Only a *serious* flag does: the passage speaks to whoever grades beyond reasonable doubt (its words say so by what was
learned and by a pattern), or something is hidden or encoded. It is never evidence, and a person reads the transcript.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from course.rubric import Level, Rubric
from grading.asides import aside_score
from grading.common_words import FUNCTION_WORDS
from grading.instructions import KINDS, addresses_grader, looks_foreign
from grading.passages import Passage, passages_of
from grading.topic import Topic, topic_of
from grading.transcript import CanonicalTurn, Transcript, words

HIDDEN = frozenset({"hidden-characters", "canary", "encoded"})
PRECISE = frozenset({"other-language", "encoded", "result"})  # patterns that need no second opinion
ASIDE, ECHO, RECITAL, WORD_LIST = "aside", "partner-echo", "rubric-recital", "word-list"
NOT_OWN_WORDS = frozenset({ECHO, RECITAL})
LIKELY, LIKELY_BY_PATTERN, CERTAIN = 1.0, 0.0, 2.0
SURE = -1.0  # log-odds below which a passage is about the case beyond doubt
"""Log-odds from which on a passage is left out, by itself or where a pattern of instructions.py fits it, and from which
on a person is asked."""
SEVERAL = 2  # patterns of different kinds that fit one passage
NEIGHBOUR = 0.75  # what asides beside it add to a passage's log-odds, a share of theirs
NEAR_SILENCE_WORDS = 25
MOST_HIDDEN = 3
ECHO_SHARE = 0.6  # of a passage's word groups that the partner or the rubric had first
GRAM = 4
LEAST_IN_LIST, MOST_IN_LIST, CASE_IN_LIST = 16, 1, 5
"""Words in a row, how many of them may belong to a sentence, and how many words of the case make it worth a list."""
_FORMAT = re.compile("[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069]")  # tags and direction overrides


@dataclass(frozen=True, slots=True)
class Flag:
    """What is odd about a passage: canonical characters `start` to `end` (exclusive) of the turn `turn_id`."""

    kind: str
    turn_id: str
    start: int
    end: int
    is_serious: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A passage of which it is not certain that it is about the case, placed as a flag is. It says nothing against
    anybody: greetings and asides are such passages, too."""

    turn_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The flags of a transcript, in its order, whether hardly anything was written, and the passages that no level may
    rest on alone."""

    flags: tuple[Flag, ...]
    is_near_silence: bool
    doubts: tuple[Doubt, ...] = ()

    @property
    def serious_kinds(self) -> tuple[str, ...]:
        return tuple(sorted({flag.kind for flag in self.flags if flag.is_serious}))

    def flags_at(self, turn_id: str, start: int, end: int) -> list[Flag]:
        """The flags that touch a part of a turn."""
        return [one for one in self.flags if one.turn_id == turn_id and one.start < end and start < one.end]


@dataclass(frozen=True, slots=True)
class Known:
    """Groups of words that are not the student's own: those the rubric shows, and those the partner has said so far."""

    shown: set[tuple[str, ...]]
    heard: set[tuple[str, ...]]


def check(transcript: Transcript, rubric: Rubric, canary: str) -> Checked:
    """Look through everything the student wrote. The partner's turns are only compared with."""
    topic = topic_of(rubric)
    known = Known(_grams(text for criterion in rubric.criteria for text in _shown_to_students(criterion.levels)), set())
    is_english = not looks_foreign(" ".join(turn.text for turn in transcript.student_turns))
    flags: list[Flag] = []
    doubts: list[Doubt] = []
    on_topic = 0
    for turn in transcript.turns:
        if not turn.is_students:
            known.heard.update(_grams([turn.text]))
            continue
        passages = passages_of(turn)
        flags += _flags_of_turn(turn, passages, canary)
        for passage, odds in zip(passages, _odds(passages, topic), strict=True):
            on_case = topic.words_in(passage.text)
            is_foreign = is_english and not on_case and looks_foreign(passage.text)
            flags += _flags(passage, odds, on_case=on_case, is_foreign=is_foreign, known=known)
            on_topic += on_case
            if odds >= SURE:
                doubts.append(Doubt(passage.turn_id, passage.start, passage.end))
    silent = transcript.student_words < NEAR_SILENCE_WORDS and on_topic == 0
    flags = _in_pieces(flags)
    silent = silent and not any(flag.is_serious for flag in flags)
    return Checked(tuple(flags), silent, tuple(doubts))


def is_partners_words(text: str, before: Iterable[CanonicalTurn]) -> bool:
    """Whether most of a text had been said in one of the turns `before`."""
    grams = _grams([text])
    return bool(grams) and _share(grams, _grams(turn.text for turn in before)) > ECHO_SHARE


def _odds(passages: Sequence[Passage], topic: Topic) -> list[float]:
    """How likely each passage of a turn is an aside, by itself and by those right before and after it."""
    alone = [aside_score(passage.text, topic) for passage in passages]
    asides = [0.0, *(max(0.0, odds) for odds in alone), 0.0]
    return [odds + NEIGHBOUR * (asides[place] + asides[place + 2]) for place, odds in enumerate(alone)]


def _flags(passage: Passage, odds: float, *, on_case: int, is_foreign: bool, known: Known) -> list[Flag]:
    patterns = addresses_grader(passage.text)
    least = LIKELY_BY_PATTERN if patterns else LIKELY
    is_certain = odds >= (CERTAIN if len(patterns) < SEVERAL else LIKELY)
    kinds = {kind: is_certain for kind in patterns if odds >= least or kind in PRECISE}
    if not kinds and (odds >= least or is_foreign):
        kinds[ASIDE] = is_certain
    if "encoded" in kinds:
        kinds["encoded"] = True
    grams = _grams([passage.text])
    if _share(grams, known.heard) > ECHO_SHARE:
        kinds[ECHO] = False
    if _share(grams, known.shown) > ECHO_SHARE:
        kinds[RECITAL] = False
    if on_case >= CASE_IN_LIST and _is_word_list(passage.text):
        kinds[WORD_LIST] = False
    return [Flag(kind, passage.turn_id, passage.start, passage.end, serious) for kind, serious in kinds.items()]


def _in_pieces(flags: list[Flag]) -> list[Flag]:
    """The flags, all serious if patterns fit passages of several turns: that is no slip of the tongue."""
    turns = {flag.turn_id for flag in flags if flag.kind in KINDS}
    return [replace(flag, is_serious=True) for flag in flags] if len(turns) > 1 else flags


def _flags_of_turn(turn: CanonicalTurn, passages: Sequence[Passage], canary: str) -> list[Flag]:
    """What shows only in a turn as a whole: hidden characters, the canary, an instruction cut up by punctuation."""
    kinds = []
    if turn.hidden > MOST_HIDDEN or _FORMAT.search(turn.original):
        kinds.append("hidden-characters")
    if canary.casefold() in re.sub(r"\s", "", turn.text).casefold():
        kinds.append("canary")
    found = {kind for passage in passages for kind in addresses_grader(passage.text)}
    kinds += [kind for kind in addresses_grader(turn.text) if kind not in found]
    return [Flag(kind, turn.id, 0, len(turn.text), kind in HIDDEN) for kind in kinds]


def _is_word_list(text: str) -> bool:
    """Whether many words stand in a row with hardly one that makes a sentence of them."""
    makes_sentence = [word.casefold().replace("’", "'") in FUNCTION_WORDS for word in words(text)]
    return any(
        sum(makes_sentence[start : start + LEAST_IN_LIST]) <= MOST_IN_LIST
        for start in range(len(makes_sentence) - LEAST_IN_LIST + 1)
    )


def _shown_to_students(levels: Iterable[Level]) -> list[str]:
    return [level.descriptor for level in levels]


def _grams(texts: Iterable[str]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for text in texts:
        folded = [word.casefold() for word in words(text)]
        found |= {tuple(folded[place : place + GRAM]) for place in range(len(folded) - GRAM + 1)}
    return found


def _share(grams: set[tuple[str, ...]], known: set[tuple[str, ...]]) -> float:
    return len(grams & known) / len(grams) if grams else 0.0
