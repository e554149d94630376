"""Whoever has not read the course must not pass its quizzes by the look of the choices.

A rule of thumb gives each choice a number, and its guesser takes the choices with the highest: one where one is the
key, as many as there are keys at multiple choice. Among equals the guesser draws lots, and where all choices are
equal the rule says nothing.
"""

import re
from collections.abc import Callable, Sequence
from math import comb
from pathlib import Path

import pytest

from config.settings import BUILT_IN_COURSE
from course.catalog import load_course
from course.items import Choice, ChoiceQuestion, MultipleChoice, Quiz, SingleChoice
from course.markup import text_of

MOST_PERCENT = 40
HEDGES = re.compile(
    r"\b(usually|often|sometimes|mostly|mainly|generally|typically|normally|largely|partly|rather|fairly|somewhat|"
    r"about|almost|nearly|roughly|some|may|might|could|can|would|should|likely|probably|perhaps|possibly|seems?|"
    r"tends?|appears?|rarely|hardly)\b",
    re.IGNORECASE,
)
ABSOLUTES = re.compile(r"\b(all|every|any|each|always|never|none?|only|nothing|everything)\b", re.IGNORECASE)
FEATURES = (
    re.compile(","),
    re.compile(r"[\d²]"),
    re.compile("-"),
    re.compile("[()\u201c\u201d]"),
    re.compile(r"\b[A-Z]{2,}\b"),
    re.compile(r"\b(and|or)\b"),
    re.compile(r"\b(not|no|without)\b|n\u2019t\b"),
    HEDGES,
    ABSOLUTES,
)

Measure = Callable[[ChoiceQuestion, Choice], float]


def _text(choice: Choice) -> str:
    return " ".join(text_of(choice.text_html).split())


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:\u2019[a-z]+)?", text.lower())


def _telling(text: str) -> set[str]:
    return {word for word in _words(text) if len(word) > 4}


def length(question: ChoiceQuestion, choice: Choice) -> float:
    return len(_text(choice))


def words(question: ChoiceQuestion, choice: Choice) -> float:
    return len(_words(_text(choice)))


def longest_word(question: ChoiceQuestion, choice: Choice) -> float:
    return max(map(len, _words(_text(choice))))


def length_of_words(question: ChoiceQuestion, choice: Choice) -> float:
    return sum(map(len, _words(_text(choice)))) / len(_words(_text(choice)))


def hedges(question: ChoiceQuestion, choice: Choice) -> float:
    return len(HEDGES.findall(_text(choice)))


def absolutes(question: ChoiceQuestion, choice: Choice) -> float:
    return len(ABSOLUTES.findall(_text(choice)))


def digits(question: ChoiceQuestion, choice: Choice) -> float:
    return len(re.findall(r"[\d²]", _text(choice)))


def commas(question: ChoiceQuestion, choice: Choice) -> float:
    return _text(choice).count(",")


def words_of_the_stem(question: ChoiceQuestion, choice: Choice) -> float:
    return len(_telling(_text(choice)) & _telling(text_of(question.stem_html)))


def words_of_other_choices(question: ChoiceQuestion, choice: Choice) -> float:
    others = [_telling(_text(other)) for other in question.choices if other is not choice]
    return sum(len(_telling(_text(choice)) & other) for other in others)


def alphabet(question: ChoiceQuestion, choice: Choice) -> float:
    return sorted(_text(other).lower() for other in question.choices).index(_text(choice).lower())


def odd_one_out(question: ChoiceQuestion, choice: Choice) -> float:
    """In how many features it stands alone: the only one with a comma, the only one without a digit."""
    alone = 0
    for feature in FEATURES:
        own = feature.search(_text(choice)) is None
        alone += all((feature.search(_text(other)) is None) != own for other in question.choices if other is not choice)
    return alone


def position(question: ChoiceQuestion, choice: Choice) -> float:
    return question.choices.index(choice)


def at(place: int) -> Measure:
    def stands_there(question: ChoiceQuestion, choice: Choice) -> float:
        return position(question, choice) == place

    stands_there.__name__ = f"number_{place + 1}"
    return stands_there


def least(measure: Measure) -> Measure:
    def opposite(question: ChoiceQuestion, choice: Choice) -> float:
        return -measure(question, choice)

    opposite.__name__ = f"least_{measure.__name__}"
    return opposite


MEASURES: tuple[Measure, ...] = (
    length,
    words,
    longest_word,
    length_of_words,
    hedges,
    absolutes,
    digits,
    commas,
    words_of_the_stem,
    words_of_other_choices,
    alphabet,
    odd_one_out,
    position,
)
RULES = (*MEASURES, *map(least, MEASURES), *map(at, range(1, 7)))
PLAIN_RULES = (length, least(length), hedges, position, *map(at, range(7)))  # those that a whole class will try


def chance(question: ChoiceQuestion, rule: Measure) -> float:
    """How likely the rule's guesser gets the question fully right, 0 to 1."""
    values = {choice.id: rule(question, choice) for choice in question.choices}
    if len(set(values.values())) == 1:
        return 0
    keys = {choice.id for choice in question.keys}
    lowest_taken = sorted(values.values(), reverse=True)[len(keys) - 1]
    sure = {choice_id for choice_id, value in values.items() if value > lowest_taken}
    drawn = {choice_id for choice_id, value in values.items() if value == lowest_taken}
    return 1 / comb(len(drawn), len(keys) - len(sure)) if sure <= keys <= sure | drawn else 0


def could_be_picked(question: ChoiceQuestion, rule: Measure) -> bool:
    """Whether the rule leads to the key at all, alone or among others that tie with it."""
    return chance(question, rule) > 0


COURSE = load_course(Path(BUILT_IN_COURSE))
QUIZZES = [item for item in COURSE.items if isinstance(item, Quiz)]


def questions_of(quizzes: Sequence[Quiz]) -> list[ChoiceQuestion]:
    """Those a rule can be tried on. One of two answers is always above 40 %, so true/false is left out."""
    every = [question for quiz in quizzes for question in quiz.questions]
    return [question for question in every if isinstance(question, SingleChoice | MultipleChoice)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_rule_of_thumb_gets_more_than_two_questions_of_five_right(rule: Measure) -> None:
    questions = questions_of(QUIZZES)
    right = sum(chance(question, rule) for question in questions)
    assert right * 100 <= MOST_PERCENT * len(questions)


@pytest.mark.parametrize("rule", PLAIN_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_no_plain_rule_leads_to_the_key_in_more_than_two_questions_of_five_of_a_quiz(quiz: Quiz, rule: Measure) -> None:
    """Stricter, since a quiz is short and may be tried again: a tie counts as picked."""
    questions = questions_of([quiz])
    picked = [question.id for question in questions if could_be_picked(question, rule)]
    assert len(picked) * 100 <= MOST_PERCENT * len(questions), picked


def _question(kind: type[ChoiceQuestion], *texts: str, keys: Sequence[int] = (0,)) -> ChoiceQuestion:
    choices = tuple(
        Choice(id=str(n), text_html=text, is_key=n in keys, feedback_html="<p>So.</p>") for n, text in enumerate(texts)
    )
    return kind(id="q", type="single", stem_html="What about weights?", choices=choices)


@pytest.mark.parametrize(
    ("question", "rule", "expected"),
    [
        (_question(SingleChoice, "much the longest", "short", "shorter"), length, 1),
        (_question(SingleChoice, "much the longest", "short", "shorter"), least(length), 0),
        (_question(SingleChoice, "equal", "alike", "no"), length, 1 / 2),
        (_question(SingleChoice, "equal", "alike", "level"), length, 0),
        (_question(SingleChoice, "it may be", "it is", "it was"), hedges, 1),
        (_question(SingleChoice, "one, two", "one two", "two one"), odd_one_out, 1),
        (_question(SingleChoice, "one two", "one, two", "two, one"), odd_one_out, 1),
        (_question(SingleChoice, "the weights", "the data", "the loss"), words_of_the_stem, 1),
        (_question(SingleChoice, "a", "b", "c"), at(0), 1),
        (_question(SingleChoice, "a", "b", "c"), position, 0),
        (_question(MultipleChoice, "long text", "longer text", "no", "so", keys=(0, 1)), length, 1),
        (_question(MultipleChoice, "long text", "text long", "no", "so", keys=(0, 2)), length, 0),
        (_question(MultipleChoice, "longest of all", "same", "also", "no", keys=(0, 1)), length, 1 / 2),
        (_question(MultipleChoice, "same", "also", "even", "n", keys=(0, 1)), length, 1 / 3),
    ],
)
def test_the_guesser_does_what_the_rule_says(question: ChoiceQuestion, rule: Measure, expected: float) -> None:
    assert chance(question, rule) == expected
