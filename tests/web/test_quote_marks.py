"""A turn's text in pieces: nothing of it is lost or changed, and every quote is marked where it stands."""

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.web.quote_marks import Mark, paragraphs

texts = st.text(alphabet="ab \n", max_size=30)
spans = st.lists(st.tuples(st.integers(-2, 32), st.integers(-2, 32)), max_size=5)


@given(texts, spans)
def test_the_text_stays_as_it_is_and_each_quote_is_marked_once(text: str, places: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, f"q{number}", "#c") for number, (start, end) in enumerate(places)]
    made = paragraphs(text, marks)
    assert ["".join(piece.text for piece in one) for one in made] == [line for line in text.split("\n") if line.strip()]
    ids = [one for pieces in made for piece in pieces for one in piece.ids]
    assert len(ids) == len(set(ids))


@given(texts.filter(lambda text: "\n" not in text and text.strip()), st.data())
def test_the_marked_words_are_the_quoted_ones(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    (pieces,) = paragraphs(text, [Mark(start, end, "q", "#c")])
    assert "".join(piece.text for piece in pieces if piece.href) == text[start:end]
    assert next(piece.ids for piece in pieces if piece.href) == ("q",)


def test_where_quotes_overlap_each_has_its_place() -> None:
    (pieces,) = paragraphs("one two three", [Mark(0, 7, "a", "#a"), Mark(4, 13, "b", "#b")])
    assert [(piece.text, piece.ids, piece.href) for piece in pieces] == [
        ("one ", ("a",), "#a"), ("two", ("b",), "#b"), (" three", (), "#b"),
    ]  # fmt: skip


def test_of_quotes_in_the_same_place_each_has_its_way_back() -> None:
    marks = [Mark(4, 7, "a", "#a", "A"), Mark(4, 7, "b", "#b", "B"), Mark(0, 7, "c", "#c", "C"), Mark(4, 7, "d", "#d")]
    (pieces,) = paragraphs("one two", marks)
    assert [(piece.href, [mark.name for mark in piece.also]) for piece in pieces] == [("#c", []), ("#d", ["A", "B"])]
