"""The partner without a language model: the author's questions, chosen by what the student has and has not spoken of.

Every reply was written in advance, and pages say so. The choice rests on words alone: which criterion the student has
used few words of, and which `when` the last message resembles. It cannot tell a good argument from a bad one and does
not try to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from course.conversations import STUDENT, Line
from course.items import FollowUp, Lab
from course.rubric import Criterion
from course.student_messages import is_vague
from course.vocabulary import meaning_of

FITS_SILENCE = 0.3  # how well a question about saying nothing fits a message that says little
COVERED_BY = 7  # so many of a criterion's own words, and it has been spoken of
CLOSING = "Thank you. That was your last turn, so I have no further question. Hand in when you are ready."
NOTHING_NEW = (
    "You have heard all I wanted to ask. Which part of your position would you put differently by now, and why?"
)

_NEGATIONS = re.compile(r"\b(?:not|no|nor|none|never|without|leaves?|little|lacks?|instead of)\b")
_CLAUSES = re.compile(r"[,;.]| and | but | or ")
_ABOUT_SPEAKING = meaning_of(  # the words of a `when` that say how something was said, and not what
    "answer ask blame call defend explain fit give has have hold keep mention message name one only other pick"
    " pressed propose reason repeat reply said say speak student talk two three term turn use word yet"
)


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """A reply written in advance, and which of the author's questions it is, if it is one."""

    text: str
    follow_up_id: str | None = None


def scripted_reply(lab: Lab, lines: Sequence[Line], turns_left: int) -> ScriptedReply:
    """What to say to a conversation that ends with a student's turn. No question of the author's is asked twice;
    after the last turn (`turns_left` 0) none is asked at all."""
    if turns_left == 0:
        return ScriptedReply(CLOSING)
    chosen = choose_follow_up(lab, lines)
    return ScriptedReply(chosen.text, chosen.id) if chosen else ScriptedReply(NOTHING_NEW)


def choose_follow_up(lab: Lab, lines: Sequence[Line]) -> FollowUp | None:
    """The author's question that suits best and has not been asked; None when all have been."""
    asked = [line.follow_up_id for line in lines if line.follow_up_id]
    left = [one for one in lab.follow_ups if one.id not in asked]
    if not left:
        return None
    said = [line.text for line in lines if line.role == STUDENT]
    last = meaning_of(said[-1]) if said else set()
    needs = {criterion.id: need_of(criterion, said) for criterion in lab.rubric.criteria}
    before = next((one.covers for one in lab.follow_ups if asked and one.id == asked[-1]), None)
    vague = bool(said) and is_vague(said[-1], lab)

    def suits(one: FollowUp) -> float:
        # A vague answer to a question on a criterion has another one on it coming; else the subject changes.
        stays = one.covers == before
        insists = (0.6 if vague else -0.4) if stays else 0.0
        return needs.get(one.covers, 0.0) + resemblance(one.when, last, is_vague=vague) + insists

    return max(left, key=suits)  # of equals the author's first


def need_of(criterion: Criterion, said: Sequence[str]) -> float:
    """From 1, nothing of what counts for the criterion has been spoken of, to 0."""
    spoken = meaning_of(*said) & words_about(criterion)
    return max(0.0, 1 - len(spoken) / COVERED_BY)


def words_about(criterion: Criterion) -> set[str]:
    """The words in which one speaks about a criterion."""
    return meaning_of(criterion.name, criterion.level(4).descriptor, *criterion.counts) - _ABOUT_SPEAKING


def resemblance(when: str, last: set[str], *, is_vague: bool) -> float:
    """How much of what `when` describes stands in the last message, from -1 to 1: words of a clause that says what is
    missing count against it, and a clause that is about saying nothing ("or none") fits a vague message only."""
    present: list[float] = []
    missing: list[float] = []
    for clause in _CLAUSES.split(when.lower()):
        words = meaning_of(clause) - _ABOUT_SPEAKING
        is_about_lack = _NEGATIONS.search(clause) is not None
        if words:
            (missing if is_about_lack else present).append(len(words & last) / len(words))
        elif is_about_lack:
            (present if is_vague else missing).append(FITS_SILENCE)
    return max(present, default=0.0) - max(missing, default=0.0)
