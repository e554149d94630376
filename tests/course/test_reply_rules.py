"""What a partner's reply may be, whatever a model sends and however it is cut into pieces."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.conversations import Line
from course.items import Lab
from course.reply_rules import MOST_WORDS, ForbiddenReply, ReplyGate, questions_in
from tests.support.labs import LABS

LAB = LABS[0]
KEY = "It pays for guessing the next order from history, so a user's favorites are the safe guess"
FORBIDDEN = (
    "You're right about the loss.",
    "That is exactly correct.",
    "The right answer is data.",
    "The real culprit was the loss.",
    "Your score would be low.",
    "This earns level 3.",
    "The rubric asks for a mechanism.",
    "You get full marks.",
    KEY,
)
HARMLESS = (
    "Which step comes first?",
    "Suppose the test set scores 91% again.",
    "The best restaurants score high in that list.",
    "Nobody says that anything is wrong with the data.",
    "What would you check?",
    "Tell me more, in one line.",
    "Why?",
    "A criterion of convergence, perhaps; go on.",
)
pieces = st.lists(
    st.one_of(st.sampled_from((*HARMLESS, *FORBIDDEN)), st.text(alphabet="ab .?!\n？", max_size=12)), max_size=40
)


def pass_through(text: str, sizes: list[int], questions: int, lab: Lab = LAB) -> tuple[list[str], str | None]:
    """What was shown while the text came in pieces of these sizes, and the reply in the end; None if it was refused."""
    gate = ReplyGate(lab, (), questions=questions)
    shown, at, turn = [""], 0, 0
    try:
        while at < len(text):
            size = sizes[turn % len(sizes)]
            shown.append(gate.take(text[at : at + size]))
            at, turn = at + size, turn + 1
        return shown, gate.finished()
    except ForbiddenReply:
        return shown, None


@given(pieces, st.lists(st.integers(1, 90), min_size=1, max_size=6), st.sampled_from((0, 1)))
def test_nothing_is_shown_that_the_rules_forbid_and_pieces_make_no_difference(
    parts: list[str], sizes: list[int], questions: int
) -> None:
    text = " ".join(parts)
    shown, reply = pass_through(text, sizes, questions)
    for earlier, later in pairwise(shown):
        assert later.startswith(earlier)
    for one in (*shown, reply or ""):
        assert len(one.split()) <= MOST_WORDS
        assert questions_in(one) <= questions
        assert not any(words in one for words in FORBIDDEN)
    assert reply == pass_through(text, [len(text) + 1], questions)[1]
    if any(words in text for words in FORBIDDEN):
        assert reply is None
    if reply is not None:
        assert text.strip().startswith(reply)


@given(st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=6))
def test_a_reply_within_the_rules_comes_through_whole(parts: list[str]) -> None:
    text = " ".join(one for one in parts if "?" not in one) + " Which one?"
    assert pass_through(text, [7], 1)[1] == text.strip()


def test_a_reply_that_is_too_long_ends_with_a_whole_sentence() -> None:
    text = "One two three four five six. " * 30
    reply = pass_through(text, [11], 1)[1]
    assert reply is not None
    assert reply.endswith("six.")
    assert len(reply.split()) == MOST_WORDS


def test_a_second_question_is_never_asked() -> None:
    text = "So it is the loss. What does it add up? Think of Tuesday. And who pays for it?"
    assert pass_through(text, [5], 1)[1] == "So it is the loss. What does it add up?"


def test_after_the_last_turn_nothing_is_asked() -> None:
    assert pass_through("Thank you. Will you come again?", [4], 0)[1] == "Thank you."
    assert pass_through("Will you come again?", [4], 0)[1] is None


@pytest.mark.parametrize("words", FORBIDDEN)
def test_forbidden_words_are_stopped_before_they_are_shown(words: str) -> None:
    shown, reply = pass_through(f"Look at the file again. {words} Now, why?", [3], 1)
    assert reply is None
    assert "Look at the file again." in shown[-1]
    assert words not in shown[-1]


def test_what_the_student_has_said_may_be_repeated_even_where_it_is_the_answer_key() -> None:
    gate = ReplyGate(LAB, [Line(2, "student", KEY)])
    gate.take(f"You say: {KEY}. ")
    assert KEY in gate.finished()


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_the_authors_own_questions_keep_the_rules(lab: Lab) -> None:
    for follow_up in lab.follow_ups:
        assert pass_through(follow_up.text, [13], 1, lab)[1] == re.sub(r"\s+$", "", follow_up.text)
