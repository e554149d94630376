"""Scoring, held against an oracle of its own."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.items import Choice, Counts, ItemKind, Policy, Question, Quiz, SingleChoice
from grading.quiz import counted, mark, score


@st.composite
def quizzes(draw: st.DrawFn) -> Quiz:
    sizes = draw(st.lists(st.integers(2, 8), min_size=1, max_size=12))
    questions = []
    for number, size in enumerate(sizes):
        key = draw(st.integers(0, size - 1))
        choices = tuple(
            Choice(id=f"c{one}", text_html=f"{one}", is_key=one == key, feedback_html="why") for one in range(size)
        )
        questions.append(SingleChoice(id=f"q{number}", type="single", stem_html="?", choices=choices))
    worth = draw(st.integers(1, 1000)) / draw(st.sampled_from([1, 2, 4, 5, 10]))
    return Quiz(
        id="quiz",
        kind=ItemKind.QUIZ,
        label="Quiz",
        title="A quiz",
        policy=Policy(points=worth),
        questions=tuple(questions),
    )


@st.composite
def answered_quizzes(draw: st.DrawFn) -> tuple[Quiz, dict[str, list[str]]]:
    quiz = draw(quizzes())
    responses: dict[str, list[str]] = {}
    for question in quiz.questions:
        assert isinstance(question, SingleChoice)
        ids = [choice.id for choice in question.choices]
        given_ids = draw(st.none() | st.lists(st.sampled_from([*ids, "no-such-choice"]), max_size=3))
        if given_ids is not None:
            responses[question.id] = given_ids
    if draw(st.booleans()):
        responses["no-such-question"] = ["c0"]
    return quiz, responses


@given(answered_quizzes())
def test_points_equal_an_independent_count_of_right_answers(answered: tuple[Quiz, dict[str, list[str]]]) -> None:
    quiz, responses = answered
    right = 0
    for question in quiz.questions:
        keys = [choice.id for choice in question.choices if choice.is_key]  # type: ignore[attr-defined]  # all single
        right += responses.get(question.id) == keys
    result = score(quiz, responses)
    assert float(result.points) == pytest.approx(quiz.policy.points * right / len(quiz.questions))
    assert 0 <= result.points <= result.points_possible


@given(answered_quizzes(), st.randoms())
def test_points_do_not_depend_on_the_order_of_answers(
    answered: tuple[Quiz, dict[str, list[str]]], random: object
) -> None:
    quiz, responses = answered
    shuffled = list(responses.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert score(quiz, dict(shuffled)) == score(quiz, responses)


@given(answered_quizzes())
def test_every_point_is_explained_by_a_mark(answered: tuple[Quiz, dict[str, list[str]]]) -> None:
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
