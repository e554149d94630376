"""The scripted partner: the author's questions, none twice, chosen by what the student has and has not spoken of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.conversations import Line
from course.items import Lab
from course.scripted_partner import CLOSING, NOTHING_NEW, choose_follow_up, need_of, scripted_reply
from tests.support.labs import LABS

LAB = LABS[0]


def conversation(*said: str, lab: Lab = LAB) -> list[Line]:
    """What a student says, with the scripted partner's replies between."""
    lines = [Line(1, "partner", lab.opening_move, "author")]
    for at, text in enumerate(said):
        lines.append(Line(len(lines) + 1, "student", text))
        if at < len(said) - 1:
            reply = scripted_reply(lab, lines, lab.max_turns)
            lines.append(Line(len(lines) + 1, "partner", reply.text, "author", reply.follow_up_id))
    return lines


def asked(*said: str) -> str:
    """The id of the question that follows."""
    chosen = choose_follow_up(LAB, conversation(*said))
    assert chosen
    return chosen.id


@pytest.mark.parametrize(
    ("said", "follow_up"),
    [
        ("It is the loss, which pays only for guessing the next order of each user.", "loss-in-numbers"),
        ("I blame the data, because records about new restaurants are missing.", "more-records"),
        ("The architecture, because it knows restaurants only by their identity.", "new-network"),
        ("idk", "lineup"),
    ],
)
def test_the_first_question_takes_up_what_was_said(said: str, follow_up: str) -> None:
    assert asked(said) == follow_up


def test_a_criterion_that_has_been_spoken_of_needs_fewer_words_than_one_that_has_not() -> None:
    mechanism = LAB.rubric.criterion("mechanism")
    remedy = LAB.rubric.criterion("check-and-remedy")
    said = ["Each step leads from what is recorded and paid for to the screen; newcomers have no records: cold start."]
    assert need_of(mechanism, said) < need_of(remedy, said)
    assert need_of(mechanism, []) == 1


def test_nothing_is_asked_after_the_last_turn() -> None:
    assert scripted_reply(LAB, conversation("The loss."), 0).text == CLOSING


@given(st.lists(st.text(max_size=60), min_size=len(LAB.follow_ups) + 2, max_size=len(LAB.follow_ups) + 2))
def test_no_question_of_the_author_is_asked_twice_and_something_is_always_said(said: list[str]) -> None:
    lines = conversation(*said)
    ids = [line.follow_up_id for line in lines if line.follow_up_id]
    assert sorted(ids) == sorted(one.id for one in LAB.follow_ups)
    assert scripted_reply(LAB, lines, 1).text == NOTHING_NEW


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_there_are_more_questions_than_turns(lab: Lab) -> None:
    assert len(lab.follow_ups) >= lab.max_turns
