"""What a partner's reply may be, held in code: at most 120 words, at most one question, and never a verdict.

`ReplyGate` lets a reply through as it arrives, word by word, so that nothing is shown that the rules forbid, wherever
the pieces were cut. A reply that grows too long or asks too much is cut back to whole sentences; one that gives away an
answer or speaks of grades is a `ForbiddenReply` as soon as the forbidden words are complete, before they are shown.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from course.conversations import STUDENT, Line
from course.items import Lab
from course.markup import text_of
from course.vocabulary import runs_of, words_of

MOST_WORDS = 120
MOST_QUESTIONS = 1
RUN = 6  # so many words in a row that only the answer key holds are no accident
LOOK_BACK = 200  # characters: more than any forbidden phrase is long

_QUESTION_MARK = re.compile("[?\uff1f\u061f\u037e]")  # as it is written in Latin, Chinese, Arabic and Greek
_SENTENCE_END = re.compile(r"[.!?\uff1f\u061f\u3002\u2026][\"'”’)\]]*(?=\s|$)")
_VERDICT = re.compile(
    r"""
      \b (?: you \s* (?:['’]re|are|were) | (?: that | this | it ) (?: ['’]s | \s+ is )
        | your \s+ (?: \w+ \s+ ){1,3}? is )
      \s+ (?: (?: absolutely | exactly | quite | basically | essentially | partly | almost | simply ) \s+ )?
      (?: right | correct | wrong | incorrect | mistaken ) \b
    | \b the \s+ (?: right | correct | expected | best | model | real | true ) \s+
      (?: answer | diagnosis | pick | choice | solution | response ) \s+ (?: is | was | would | here | lies ) \b
    | \b the \s+ (?: real | actual | true ) \s+ (?: culprit | cause | problem ) \s+ (?: is | was | here ) \b
    | \b (?: your | a | the ) \s+ (?: \w+ \s+ )? (?: grade | final \s+ score | mark ) \b
    | \b your \s+ (?: score | points | level ) \b | \b rubrics? \b | \b grading \b | \b answer \s+ key \b
    | \b (?: score | scored | grade | graded ) \s+ (?: you | your | this ) \b
    | \b level \s+ (?: [0-4] | zero | one | two | three | four ) \b
    | \b (?: full | top | highest | perfect ) \s+ (?: marks? | points? | scores? ) \b
    | \b \d+ \s+ (?: points? | marks? ) \b
    | \b (?: system \s+ prompt | my \s+ instructions | an \s+ ai \s+ language \s+ model ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# One of these ends every phrase above; without one there is nothing to look for.
_ENDINGS = (
    "right correct wrong incorrect mistaken is was would here lies grade score scores mark marks point points level "
    "rubric rubrics grading key you your this 0 1 2 3 4 zero one two three four prompt instructions model"
)
_LAST_WORDS = frozenset(_ENDINGS.split())
_BEGINNINGS = frozenset(word[:length] for word in _LAST_WORDS for length in range(1, len(word) + 1))
_PART = re.compile(r"\w+")
_SUPPOSED = re.compile(r"\b(?:suppose|assume|assuming|if|whether|say)\s+$", re.IGNORECASE)  # "… you’re right"


class ForbiddenReply(Exception):
    """The reply gives away an answer, judges the student or speaks of grades. `rule`: "verdict" or "answer-key"."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class ReplyGate:
    """Takes a reply piece by piece and says how much of it may be shown. `questions`: how many it may ask.

    What the student has said may be repeated, even where it is the answer key word by word.
    """

    def __init__(self, lab: Lab, lines: Iterable[Line], *, questions: int = MOST_QUESTIONS) -> None:
        self._secret_runs = secret_runs(lab) - runs_of((line.text for line in lines if line.role == STUDENT), RUN)
        self._secret_beginnings = {run[:-1] for run in self._secret_runs}
        self._questions = questions
        self._arrived = ""
        self._looked_at = 0  # characters, in which nothing is forbidden
        self._word_count = 0
        self._last_words: list[str] = []  # of those, as many as a run may begin with

    def take(self, piece: str) -> str:
        """The text that may be shown by now: no word that is still growing and may complete something forbidden, and
        nothing after a question that is still to be the last. It only ever grows. Raises `ForbiddenReply`."""
        self._arrived += piece
        end = _last_break(self._arrived)
        self._refuse(self._arrived[:end])
        if not self._may_forbid(self._arrived[end:]):
            end = len(self._arrived)
        return self._cut(self._arrived[:end], hold_rest=True)

    def finished(self) -> str:
        """The reply as it stands for good; one that had to be cut ends with its last whole sentence.
        Raises `ForbiddenReply`, also for a reply of which nothing is left."""
        self._refuse(self._arrived)
        kept = self._cut(self._arrived, hold_rest=False)
        if len(kept.rstrip()) < len(self._arrived.rstrip()):
            kept = whole_sentences(kept)
        if not kept.strip():
            raise ForbiddenReply("empty")
        return kept.strip()

    def _cut(self, text: str, *, hold_rest: bool) -> str:
        words = _first_words(text) if self._word_count >= MOST_WORDS else text
        return _before_second_question(words, self._questions, hold_rest=hold_rest)

    def _may_forbid(self, growing: str) -> bool:
        """Whether a word of which only the beginning has come could be the end of a forbidden phrase."""
        return bool(growing) and (
            not _BEGINNINGS.isdisjoint(_PART.findall(growing.lower()))
            or tuple(self._last_words) in self._secret_beginnings
        )

    def _refuse(self, text: str) -> None:
        """Looks at what is new in the text, which ends with a whole word, and at so much before it as matters."""
        new = text[self._looked_at :]
        if not new:
            return
        self._word_count += len(new.split())
        if not _LAST_WORDS.isdisjoint(_PART.findall(new.lower())):
            around = text[max(0, self._looked_at - LOOK_BACK) :]
            if any(not _SUPPOSED.search(around[: found.start()]) for found in _VERDICT.finditer(around)):
                raise ForbiddenReply("verdict")
        words = self._last_words + words_of(new)
        if any(tuple(words[at : at + RUN]) in self._secret_runs for at in range(len(words) - RUN + 1)):
            raise ForbiddenReply("answer-key")
        self._last_words = words[-(RUN - 1) :]
        self._looked_at = len(text)


def whole_sentences(text: str) -> str:
    """The text up to the end of its last whole sentence; nothing when it holds none."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else ""


def questions_in(text: str) -> int:
    """How many question marks a text holds."""
    return len(_QUESTION_MARK.findall(text))


@lru_cache(maxsize=32)
def secret_runs(lab: Lab) -> frozenset[tuple[str, ...]]:
    """The runs of words that stand in the answer key and in nothing that a student can read."""
    key = [lab.strong_answer, *lab.rubric.general_rulings]
    for criterion in lab.rubric.criteria:
        key += [*criterion.counts, *criterion.does_not_count, *criterion.rulings]
        key += [exemplar for level in criterion.levels for exemplar in level.exemplars]
    public = [text_of(lab.scenario_html), text_of(lab.task_html), lab.opening_move, lab.role_line]
    public += [one.text for one in lab.follow_ups]
    public += [level.descriptor for criterion in lab.rubric.criteria for level in criterion.levels]
    return frozenset(runs_of(key, RUN) - runs_of(public, RUN))


def _last_break(text: str) -> int:
    """Where the last word begins, which may still grow."""
    return len(text) - len(text.rsplit(maxsplit=1)[-1]) if text and not text[-1].isspace() else len(text)


def _first_words(text: str) -> str:
    if len(text.split(maxsplit=MOST_WORDS)) <= MOST_WORDS:
        return text
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    return text[: ends[MOST_WORDS - 1]]


def _before_second_question(text: str, most: int, *, hold_rest: bool) -> str:
    """The text with at most `most` questions. `hold_rest`: nothing after the last of them, as another may follow."""
    marks = [match.end() for match in _QUESTION_MARK.finditer(text)]
    if len(marks) > most or (hold_rest and most and len(marks) == most):
        return text[: marks[most - 1]] if most else text[: marks[0] - 1]
    return text
