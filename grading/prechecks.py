"""What code can see before a model reads: flags on passages, never a verdict.

Every flag keeps its passage out of the reading that a level has to survive (`grading/views.py`), so that text which
is not about the case cannot lift it. A *serious* flag means that the passage may speak to whoever grades: it is never
evidence. Where one passage does so in two ways at once, or something is hidden or encoded, a person reads the
transcript, whatever the readings say.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.rubric import Level, Rubric
from grading.common_words import ASKING_WORDS, COMMON_WORDS, FUNCTION_WORDS
from grading.instructions import KINDS, addresses_grader, concerns_grade
from grading.passages import Passage, passages_of
from grading.topic import Topic, topic_of
from grading.transcript import CanonicalTurn, Transcript, words

ALWAYS_FOR_PERSON = frozenset({"hidden-characters", "canary", "encoded", "other-language"})
SERIOUS = ALWAYS_FOR_PERSON | frozenset(KINDS)
ECHO, RECITAL = "partner-echo", "rubric-recital"
WORD_LIST, OFF_TOPIC, GRADE_TALK = "word-list", "off-topic", "grade-talk"
NOT_OWN_WORDS = frozenset({ECHO, RECITAL})
NEAR_SILENCE_WORDS = 25
MOST_HIDDEN = 3
ECHO_SHARE = 0.6  # of a passage's word groups that the partner or the rubric had first
GRAM = 4
MUCH = 4  # different words of the case in one passage
LEAST_IN_LIST, MOST_IN_LIST = 12, 1  # words in a row, and how many of them may belong to a sentence
LEAST_TO_JUDGE, LEAST_PLAIN = 4, 0.25  # words of a passage, and the share of them that any English text has
LAST_LATIN = 0x24F
_FORMAT = re.compile("[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069]")  # tags and direction overrides


@dataclass(frozen=True, slots=True)
class Flag:
    """What is odd about a passage: canonical characters `start` to `end` (exclusive) of the turn `turn_id`."""

    kind: str
    turn_id: str
    start: int
    end: int

    @property
    def is_serious(self) -> bool:
        return self.kind in SERIOUS


@dataclass(frozen=True, slots=True)
class Checked:
    """The flags of a transcript, in its order, and whether hardly anything was written."""

    flags: tuple[Flag, ...]
    is_near_silence: bool

    @property
    def serious_kinds(self) -> tuple[str, ...]:
        return tuple(sorted({flag.kind for flag in self.flags if flag.is_serious}))

    @property
    def needs_person(self) -> bool:
        """Whether somebody should look, whatever the level would be."""
        serious = [flag for flag in self.flags if flag.is_serious]
        places = {(flag.turn_id, flag.start, flag.end): set[str]() for flag in serious}
        for flag in serious:
            places[flag.turn_id, flag.start, flag.end].add(flag.kind)
        return any(kinds & ALWAYS_FOR_PERSON or len(kinds) > 1 for kinds in places.values())

    def kinds_at(self, turn_id: str, start: int, end: int) -> set[str]:
        """The kinds of the flags that touch a part of a turn."""
        return {one.kind for one in self.flags if one.turn_id == turn_id and one.start < end and start < one.end}


def check(transcript: Transcript, rubric: Rubric, canary: str) -> Checked:
    """Look through everything the student wrote. The partner's turns are only compared with."""
    topic = topic_of(rubric)
    shown = _grams(text for criterion in rubric.criteria for text in _shown_to_students(criterion.levels))
    heard: set[tuple[str, ...]] = set()
    flags: list[Flag] = []
    on_topic = 0
    for turn in transcript.turns:
        if not turn.is_students:
            heard |= _grams([turn.text])
            continue
        passages = passages_of(turn)
        on_topic += sum(topic.words_in(passage.text) for passage in passages)
        flags += _flags_of_turn(turn, passages, canary)
        for passage in passages:
            kinds = _kinds(passage, topic, heard, shown)
            flags += [Flag(kind, passage.turn_id, passage.start, passage.end) for kind in kinds]
    silent = transcript.student_words < NEAR_SILENCE_WORDS and on_topic == 0
    return Checked(tuple(flags), is_near_silence=silent and not any(flag.is_serious for flag in flags))


def is_partners_words(text: str, before: Iterable[CanonicalTurn]) -> bool:
    """Whether most of a text had been said in one of the turns `before`."""
    grams = _grams([text])
    return bool(grams) and _share(grams, _grams(turn.text for turn in before)) > ECHO_SHARE


def _kinds(passage: Passage, topic: Topic, heard: set[tuple[str, ...]], shown: set[tuple[str, ...]]) -> Sequence[str]:
    kinds = list(addresses_grader(passage.text))
    grams = _grams([passage.text])
    if _share(grams, heard) > ECHO_SHARE:
        kinds.append(ECHO)
    if _share(grams, shown) > ECHO_SHARE:
        kinds.append(RECITAL)
    if _is_word_list(passage.text):
        kinds.append(WORD_LIST)
    on_topic = topic.words_in(passage.text)
    if concerns_grade(passage.text, says_much=on_topic >= MUCH):
        kinds.append(GRADE_TALK)
    if on_topic == 0 and _may_ask(passage.text):
        kinds.append(OFF_TOPIC)
    return kinds


def _flags_of_turn(turn: CanonicalTurn, passages: Sequence[Passage], canary: str) -> list[Flag]:
    """What shows only in a turn as a whole: hidden characters, the canary, an instruction cut up by punctuation."""
    kinds = []
    if turn.hidden > MOST_HIDDEN or _FORMAT.search(turn.original):
        kinds.append("hidden-characters")
    if canary.casefold() in re.sub(r"\s", "", turn.text).casefold():
        kinds.append("canary")
    found = {kind for passage in passages for kind in addresses_grader(passage.text)}
    kinds += [kind for kind in addresses_grader(turn.text) if kind not in found]
    return [Flag(kind, turn.id, 0, len(turn.text)) for kind in kinds]


def _may_ask(text: str) -> bool:
    """Whether something could be asked of a reader here: by a word of asking or of measure, in letters or a language
    that this check does not read, or in words that are none."""
    found = [word.casefold().replace("’", "'") for word in words(text)]
    if ASKING_WORDS.intersection(found) or any(ord(one) > LAST_LATIN for one in text if one.isalpha()):
        return True
    plain = sum(word in COMMON_WORDS or word in FUNCTION_WORDS for word in found)
    return len(found) >= LEAST_TO_JUDGE and plain < LEAST_PLAIN * len(found)


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
