"""Scoring, held against an oracle of its own."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.items import (
    Choice,
    ChoiceQuestion,
    Counts,
    ItemKind,
    MultipleChoice,
    Policy,
    Question,
    Quiz,
    Shuffle,
    SingleChoice,
    TrueFalse,
)
from course.questions.registry import QUESTION_TYPES
from course.shuffling import in_shown_order
from grading.quiz import SHARES, counted, mark, score
from grading.service import to_decimal

Responses = dict[str, list[str]]


def _choices(size: int, keys: set[int]) -> tuple[Choice, ...]:
    return tuple(
        Choice(id=f"c{one}", text_html=f"{one}", is_key=one in keys, feedback_html="why") for one in range(size)
    )


@st.composite
def questions(draw: st.DrawFn, question_id: str) -> ChoiceQuestion:
    kind = draw(st.sampled_from([SingleChoice, MultipleChoice, TrueFalse]))
    size = 2 if kind is TrueFalse else draw(st.integers(2, 8))
    most = size if kind is MultipleChoice else 1
    keys = draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=most))
    names = {SingleChoice: "single", MultipleChoice: "multiple", TrueFalse: "true-false"}
    return kind(id=question_id, type=names[kind], stem_html="?", choices=_choices(size, keys))


@st.composite
def quizzes(draw: st.DrawFn) -> Quiz:
    worth = draw(st.integers(1, 1000)) / draw(st.sampled_from([1, 2, 4, 5, 10]))
    return Quiz(
        id="quiz",
        kind=ItemKind.QUIZ,
        label="Quiz",
        title="A quiz",
        policy=Policy(points=worth, shuffle=draw(st.sampled_from(Shuffle))),
        questions=tuple(draw(questions(f"q{number}")) for number in range(draw(st.integers(1, 12)))),
    )


@st.composite
def answered_quizzes(draw: st.DrawFn) -> tuple[Quiz, Responses]:
    quiz = draw(quizzes())
    responses: Responses = {}
    for question in quiz.questions:
        assert isinstance(question, ChoiceQuestion)
        ids = [choice.id for choice in question.choices]
        given_ids = draw(st.none() | st.lists(st.sampled_from([*ids, "no-such-choice"]), max_size=8, unique=True))
        if given_ids is not None:
            responses[question.id] = given_ids
    if draw(st.booleans()):
        responses["no-such-question"] = ["c0"]
    return quiz, responses


def oracle_share(question: Question, chosen: list[str]) -> float:
    """What a teacher with a pencil would give: for several keys, a tally that goes up and down and stops at 0."""
    assert isinstance(question, ChoiceQuestion)
    is_right = {choice.id: choice.is_key for choice in question.choices}
    if isinstance(question, MultipleChoice):
        tally = 0
        for choice in chosen:
            tally += 1 if is_right.get(choice, False) else -1
        return (tally if tally > 0 else 0) / sum(is_right.values())
    return float(len(chosen) == 1 and is_right.get(chosen[0], False))


@given(answered_quizzes())
def test_points_equal_an_independent_count_of_right_answers(answered: tuple[Quiz, Responses]) -> None:
    quiz, responses = answered
    earned = sum(oracle_share(question, responses.get(question.id, [])) for question in quiz.questions)
    result = score(quiz, responses)
    assert float(result.points) == pytest.approx(quiz.policy.points * earned / len(quiz.questions))
    assert 0 <= result.points <= result.points_possible


@given(answered_quizzes(), st.integers(0, 2**32), st.text(max_size=16))
def test_points_depend_on_no_order(answered: tuple[Quiz, Responses], seed: int, attempt_key: str) -> None:
    """Neither on that of the answers, nor of the choices within one, nor on that in which the quiz was shown."""
    quiz, responses = answered
    shuffler = random.Random(seed)
    items = [(one, shuffler.sample(chosen, len(chosen))) for one, chosen in responses.items()]
    shuffler.shuffle(items)
    shown = replace(quiz, questions=in_shown_order(quiz, attempt_key))
    before, after = score(quiz, responses), score(shown, dict(items))
    assert before.points == after.points
    assert {one.question_id: one.share for one in before.marks} == {one.question_id: one.share for one in after.marks}


@given(quizzes())
def test_all_keys_earn_everything_and_nothing_earns_nothing(quiz: Quiz) -> None:
    keys = {one.id: [key.id for key in one.keys] for one in quiz.questions if isinstance(one, ChoiceQuestion)}
    assert score(quiz, keys).points == score(quiz, keys).points_possible
    assert score(quiz, {}).points == 0


@pytest.mark.parametrize(
    ("chosen", "share"),
    [
        ("a", Fraction(1, 3)), ("ab", Fraction(2, 3)), ("abc", Fraction(1)), ("abcd", Fraction(2, 3)),
        ("abcde", Fraction(1, 3)), ("ad", Fraction(0)), ("ade", Fraction(0)), ("d", Fraction(0)), ("", Fraction(0)),
        ("aa", Fraction(1, 3)), ("dd", Fraction(0)),
    ],
)  # fmt: skip
def test_a_wrong_choice_takes_what_a_right_one_earns(chosen: str, share: Fraction) -> None:
    choices = tuple(Choice(id=one, text_html=one, is_key=one in "abc", feedback_html="why") for one in "abcde")
    question = MultipleChoice(id="q", type="multiple", stem_html="?", choices=choices)
    assert mark(question, list(chosen)).share == share


def test_every_question_type_can_be_marked() -> None:
    assert list(SHARES) == list(QUESTION_TYPES)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(Fraction(2, 3), "0.6667"), (Fraction(1, 3), "0.3333"), (Fraction(1, 32), "0.0313"), (Fraction(5), "5.0000")],
)
def test_points_are_rounded_halves_up_when_they_are_written_down(value: Fraction, rounded: str) -> None:
    assert to_decimal(value) == Decimal(rounded)


@given(answered_quizzes())
def test_every_point_is_explained_by_a_mark(answered: tuple[Quiz, Responses]) -> None:
    quiz, responses = answered
    result = score(quiz, responses)
    assert [one.question_id for one in result.marks] == [question.id for question in quiz.questions]
    worth = result.points_possible / len(result.marks)
    assert sum((worth * one.share for one in result.marks), Fraction(0)) == result.points


@given(st.lists(st.fractions(0, 10), min_size=1, max_size=6))
def test_what_counts_is_never_better_than_the_best_nor_worse_than_the_worst(earned: list[Fraction]) -> None:
    assert counted(earned, Counts.BEST) == sorted(earned)[-1]
    assert counted(earned, Counts.LAST) == earned[len(earned) - 1]
    assert counted(earned, Counts.FIRST) == earned[0]
    average = counted(earned, Counts.AVERAGE)
    assert average is not None
    assert min(earned) <= average <= max(earned)
    assert average * len(earned) == sum(earned)


def test_nothing_counts_when_nothing_was_handed_in() -> None:
    assert counted([], Counts.BEST) is None


def test_a_question_type_nobody_can_mark_is_refused_rather_than_scored_as_wrong() -> None:
    with pytest.raises(TypeError, match="nobody can mark"):
        mark(Question(id="q", type="essay", stem_html="?"), ["a"])
