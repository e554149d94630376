"""The order an attempt shows: always the same for one attempt, another for others, and never part of the answer."""

import subprocess
import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from course.items import (
    Choice,
    ChoiceQuestion,
    ItemKind,
    MultipleChoice,
    Policy,
    Quiz,
    Shuffle,
    SingleChoice,
    TrueFalse,
)
from course.shuffling import in_shown_order

KEYS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=1, max_size=16)


def _choices(*ids: str) -> tuple[Choice, ...]:
    return tuple(Choice(id=one, text_html=one, is_key=not place, feedback_html="why") for place, one in enumerate(ids))


def quiz_with(shuffle: Shuffle) -> Quiz:
    return Quiz(
        id="quiz",
        kind=ItemKind.QUIZ,
        label="Quiz",
        title="A quiz",
        policy=Policy(points=6, shuffle=shuffle),
        questions=(
            *(SingleChoice(id=f"s{n}", type="single", stem_html="?", choices=_choices(*"abcde")) for n in range(3)),
            *(MultipleChoice(id=f"m{n}", type="multiple", stem_html="?", choices=_choices(*"abcde")) for n in range(2)),
            TrueFalse(id="t", type="true-false", stem_html="?", choices=_choices("true", "false")),
        ),
    )


def shown(shuffle: Shuffle, key: str) -> list[tuple[str, str]]:
    """Each question's id with the ids of its choices, in the order shown."""
    orders = []
    for question in in_shown_order(quiz_with(shuffle), key):
        assert isinstance(question, ChoiceQuestion)
        orders.append((question.id, " ".join(choice.id for choice in question.choices)))
    return orders


@given(KEYS, st.sampled_from(Shuffle))
def test_nothing_is_lost_or_added_and_the_order_stays_when_an_attempt_is_shown_again(
    key: str, shuffle: Shuffle
) -> None:
    quiz = quiz_with(shuffle)
    first = in_shown_order(quiz, key)
    assert first == in_shown_order(quiz, key)
    by_id = {question.id: question for question in first}
    assert len(by_id) == len(first)
    for question in quiz.questions:
        seen = by_id[question.id]
        assert isinstance(seen, ChoiceQuestion)
        assert isinstance(question, ChoiceQuestion)
        assert sorted(seen.choices, key=lambda one: one.id) == sorted(question.choices, key=lambda one: one.id)
        assert replace(seen, choices=()) == replace(question, choices=())


@given(KEYS)
def test_only_what_the_policy_names_is_shuffled(key: str) -> None:
    plain, choices = shown(Shuffle.NONE, key), shown(Shuffle.CHOICES, key)
    questions, both = shown(Shuffle.QUESTIONS, key), shown(Shuffle.BOTH, key)
    assert plain == [*((f"s{n}", "a b c d e") for n in range(3)), *((f"m{n}", "a b c d e") for n in range(2)),
                     ("t", "true false")]  # fmt: skip
    assert [one for one, _ in choices] == [one for one, _ in plain]
    assert sorted(questions) == sorted(plain)
    assert [one for one, _ in both] == [one for one, _ in questions]
    assert sorted(both) == sorted(choices)
    assert dict(both)["t"] == "true false"


def test_every_place_is_taken_about_equally_often_over_many_attempts() -> None:
    first_choices = [dict(shown(Shuffle.BOTH, f"attempt-{n}"))["s0"][0] for n in range(1000)]
    first_questions = [shown(Shuffle.BOTH, f"attempt-{n}")[0][0] for n in range(1000)]
    assert all(140 < first_choices.count(one) < 260 for one in "abcde")
    assert all(110 < first_questions.count(one) < 230 for one in ("s0", "s1", "s2", "m0", "m1", "t"))


def test_questions_with_the_same_choices_are_shuffled_each_in_its_own_way() -> None:
    orders = [dict(shown(Shuffle.CHOICES, f"attempt-{n}")) for n in range(20)]
    assert any(order["s0"] != order["s1"] for order in orders)


def test_another_process_shows_the_same_order() -> None:
    program = (
        "from course.items import Shuffle; from tests.course.test_shuffling import shown; "
        "print(shown(Shuffle.BOTH, 'k7'))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(shown(Shuffle.BOTH, "k7"))


def test_the_order_is_pinned_because_open_attempts_outlive_an_upgrade() -> None:
    assert shown(Shuffle.BOTH, "k7") == [
        ("m0", "a d c e b"),
        ("s2", "c b e a d"),
        ("m1", "d e c a b"),
        ("s0", "a c b d e"),
        ("s1", "e c a b d"),
        ("t", "true false"),
    ]
