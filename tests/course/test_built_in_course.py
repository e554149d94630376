"""The built-in course gives its answers away by no rule of thumb, and goes in order."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from config.settings import BUILT_IN_COURSE
from course.catalog import load_course
from course.items import Choice, ChoiceQuestion, Quiz, SingleChoice
from course.markup import text_of

COURSE = load_course(Path(BUILT_IN_COURSE))
QUIZZES = [item for item in COURSE.items if isinstance(item, Quiz)]
MOST_PERCENT = 40
HEDGES = re.compile(
    r"\b(usually|often|sometimes|mostly|mainly|generally|typically|normally|largely|partly|rather|fairly|somewhat|"
    r"about|almost|nearly|roughly|some|may|might|could|can|would|should|likely|probably|perhaps|possibly|seems?|"
    r"tends?|appears?|rarely|hardly)\b",
    re.IGNORECASE,
)

Rule = Callable[[Sequence[Choice]], list[Choice]]  # what a guesser would pick; all of them where they tie


def _words(choice: Choice) -> str:
    return " ".join(text_of(choice.text_html).split())


def _length(choice: Choice) -> int:
    return len(_words(choice))


def _hedges(choice: Choice) -> int:
    return len(HEDGES.findall(_words(choice)))


def _top(choices: Sequence[Choice], measure: Callable[[Choice], int]) -> list[Choice]:
    most = max(measure(choice) for choice in choices)
    return [choice for choice in choices if measure(choice) == most]


def longest(choices: Sequence[Choice]) -> list[Choice]:
    return _top(choices, _length)


def shortest(choices: Sequence[Choice]) -> list[Choice]:
    return _top(choices, lambda choice: -_length(choice))


def most_hedged(choices: Sequence[Choice]) -> list[Choice]:
    """Nobody, where no choice hedges at all: then the rule says nothing."""
    return _top(choices, _hedges) if any(_hedges(choice) for choice in choices) else []


def at(position: int) -> Rule:
    def pick(choices: Sequence[Choice]) -> list[Choice]:
        return [choices[position]] if position < len(choices) else []

    pick.__name__ = f"number_{position + 1}"
    return pick


def last(choices: Sequence[Choice]) -> list[Choice]:
    return [choices[-1]]


RULES: list[Rule] = [longest, shortest, most_hedged, last, *(at(position) for position in range(8))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("quizzes", [QUIZZES, *([quiz] for quiz in QUIZZES)], ids=["all", *(q.id for q in QUIZZES)])
def test_no_rule_of_thumb_picks_the_key_in_more_than_two_questions_of_five(quizzes: list[Quiz], rule: Rule) -> None:
    """A tie counts as picked. True/false is left out: one of two positions is always above 40 %."""
    questions = [one for quiz in quizzes for one in quiz.questions if isinstance(one, SingleChoice)]
    picked = [one.id for one in questions if one.key in rule(one.choices)]
    assert len(picked) * 100 <= MOST_PERCENT * len(questions), picked


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_every_option_of_every_question_has_feedback_of_its_own(quiz: Quiz) -> None:
    told = [
        text_of(choice.feedback_html).strip()
        for question in quiz.questions
        if isinstance(question, ChoiceQuestion)
        for choice in question.choices
    ]
    assert all(told)
    assert len(set(told)) == len(told)


def test_items_come_in_the_order_of_learning() -> None:
    assert [item.label for item in COURSE.items] == [
        "Intro",
        *(name for n in (1, 2, 3, 4) for name in (f"L{n}", "Quiz")),
    ]
    assert len({item.title for item in COURSE.items}) == len(COURSE.items)
