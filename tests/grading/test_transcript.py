"""The canonical transcript: one spelling, bounded, and every quote led back to the student's own characters."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.passages import passages_of
from grading.transcript import CanonicalTurn, canonical_turn, find_quote, quote_from, transcript_of, words
from tests.grading.labs import Said

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)


def turn(text: str) -> CanonicalTurn:
    return canonical_turn(2, "student", text)


@given(texts)
def test_canonical_text_shows_nothing_hidden_and_is_as_long_as_its_sources(text: str) -> None:
    made = turn(text)
    assert len(made.text) == len(made.sources)
    assert all(one == "\n" or unicodedata.category(one)[0] != "C" for one in made.text)
    assert made.original == text
    assert turn(made.text).text == made.text


@given(texts)
def test_every_place_leads_back_in_order(text: str) -> None:
    made = turn(text)
    ends = 0
    for start, end in made.sources:
        assert 0 <= start < end <= len(text)
        assert end >= ends
        ends = end


@given(st.text(alphabet='ab c“”"—-\u200bé́ﬁ\n.', min_size=1, max_size=60), st.data())
def test_words_cut_out_of_a_turn_are_found_again_and_are_the_students_own(text: str, data: st.DataObject) -> None:
    made = turn(text)
    if not words(made.text):
        return
    start = data.draw(st.integers(0, len(made.text) - 1))
    end = data.draw(st.integers(start + 1, len(made.text)))
    place = find_quote(made, made.text[start:end])
    if place is not None:
        quote = quote_from(made, *place)
        assert text[quote.start : quote.end] == quote.text
        assert quote.turn_number == 2


@pytest.mark.parametrize(
    ("said", "quoted", "original"),
    [
        ("It’s the  loss, not\nthe data.", "it's the loss, not the data", "It’s the  loss, not\nthe data"),
        ("the lo\u200bss pays for it", "the loss pays for it", "the lo\u200bss pays for it"),
        ("cafe\u0301 orders repeat daily", "café orders repeat daily", "cafe\u0301 orders repeat daily"),
        ("the ﬁve old places again", "the five old places again", "the ﬁve old places again"),
        ("She said “no” — and left", 'she said "no" - and left', "She said “no” — and left"),
    ],
)
def test_a_quote_in_another_spelling_is_shown_as_the_student_wrote_it(said: str, quoted: str, original: str) -> None:
    made = turn(said)
    place = find_quote(made, quoted)
    assert place is not None
    assert quote_from(made, *place).text == original


@pytest.mark.parametrize("quoted", ["loss pays for it all", "oss pays", "the loss … it", "", "…", "\u200b"])
def test_what_was_not_said_is_not_found(quoted: str) -> None:
    assert find_quote(turn("the loss pays for it"), quoted) is None


def test_a_long_conversation_is_cut_and_says_so() -> None:
    said = [Said(number, "student", "word " * 2000) for number in range(1, 40)]
    made = transcript_of(said)
    assert made.was_cut
    assert sum(len(one.text) for one in made.turns) <= 60_000
    assert not transcript_of([Said(1, "student", "short")]).was_cut


@given(texts, texts)
def test_json_keeps_order_and_closes_no_tag(one: str, other: str) -> None:
    made = transcript_of([Said(2, "student", other), Said(1, "partner", one)])
    written = made.as_json()
    assert "<" not in written
    assert ">" not in written
    assert [entry["text"] for entry in json.loads(written)] == [kept.text for kept in made.turns]
    assert [kept.number for kept in made.turns] == sorted(kept.number for kept in made.turns)


@given(texts)
def test_passages_hold_every_word(text: str) -> None:
    made = turn(text)
    assert [word for passage in passages_of(made) for word in words(passage.text)] == words(made.text)
