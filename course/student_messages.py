"""What the form of a student's message tells: too little to take up, or nothing of the case. Judged in their favour.

A vague message is pushed back on: by the scripted partner's choice, and by an order to the model's.
"""

import re
from functools import lru_cache

from course.items import Lab
from course.markup import text_of
from course.vocabulary import meaning_of, words_of

FEW_WORDS = 8
SOME_WORDS = 25
CONCRETE = 4  # so many different words of the case make a short message concrete
OFF_TOPIC_FROM = 12  # words: fewer say too little to be off any topic

_REASON = re.compile(
    r"\b(?:because|since|so that|therefore|which means|leads? to|that is why|thats why|that's why|if|when|unless)\b"
)
_NUMBER = re.compile(r"\d")


def is_vague(text: str, lab: Lab) -> bool:
    """Whether the message holds nothing that could be questioned further: a slogan, a bare answer, agreement. A number,
    a reason or a few words of the case make it concrete."""
    words = words_of(text)
    has_reason = _REASON.search(text.lower()) is not None
    if len(words) < FEW_WORDS:
        return not has_reason or len(words) < FEW_WORDS // 2
    if len(words) > SOME_WORDS or has_reason or _NUMBER.search(text):
        return False
    return len(meaning_of(text) & case_words(lab)) < CONCRETE


def is_off_topic(text: str, lab: Lab) -> bool:
    """Whether the message has not one word of the case, its task, its rubric or its questions in it."""
    return len(words_of(text)) >= OFF_TOPIC_FROM and meaning_of(text).isdisjoint(topic_words(lab))


@lru_cache(maxsize=32)
def case_words(lab: Lab) -> frozenset[str]:
    """The words that the case, the task and the opening move are told in."""
    case, task = text_of(lab.scenario_html), text_of(lab.task_html)
    return frozenset(meaning_of(lab.title, lab.role_line, case, task, lab.opening_move))


@lru_cache(maxsize=32)
def topic_words(lab: Lab) -> frozenset[str]:
    """The words of everything that a student may read or be asked."""
    levels = [level.descriptor for criterion in lab.rubric.criteria for level in criterion.levels]
    return case_words(lab) | meaning_of(*levels, *(one.text for one in lab.follow_ups))
