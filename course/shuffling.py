"""The order in which an attempt shows its quiz. It is a view: responses, points and snapshots know nothing of it.

The order follows from the attempt's key alone, so every page, process and version of Python shows the same one, and
nothing has to be stored.
"""

import hashlib
from functools import partial

from course.items import Question, Quiz, Shuffle
from course.questions.registry import QUESTION_TYPES


def in_shown_order(quiz: Quiz, attempt_key: str) -> tuple[Question, ...]:
    """All questions of the quiz, with all their choices, in the order of this attempt."""
    shuffle = quiz.policy.shuffle
    questions = quiz.questions
    if shuffle in (Shuffle.QUESTIONS, Shuffle.BOTH):
        questions = tuple(sorted(questions, key=lambda question: _rank(attempt_key, question.id)))
    if shuffle in (Shuffle.CHOICES, Shuffle.BOTH):
        questions = tuple(_shuffled(question, attempt_key) for question in questions)
    return questions


def _shuffled(question: Question, attempt_key: str) -> Question:
    rank = partial(_rank, attempt_key, question.id)
    shown: Question = QUESTION_TYPES[question.type].shuffled(question, rank)
    return shown


def _rank(*names: str) -> bytes:
    # not `random`: its sequences may change with Python's version, and an open attempt outlives an upgrade
    return hashlib.sha256(":".join(names).encode()).digest()
