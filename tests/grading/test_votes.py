"""Votes: when a level is settled, when another reader is asked, and when only a person may say."""

from collections.abc import Callable
from itertools import product
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.transcript import Quote
from grading.verdict import Unusable, Verdict
from grading.votes import Ask, ForPerson, Reader, Reason, Seat, Settled, Situation, Step, View, Vote, next_step

FORMATIVE, SUMMATIVE = Situation(counts=False), Situation(counts=True)
UNUSABLE = Unusable(("no quote holds",))


def verdict(level: int, confidence: int = 4, *, suspects: bool = False) -> Verdict:
    quotes = (Quote(2, 0, 20, "it pays for guessing"),) if level > 1 else ()
    return Verdict(level, quotes, level < 2, "", "", confidence, suspects)  # type: ignore[arg-type]


def cast_votes(
    first: str = "", second: str = "", third: str = "", reduced: str = "", *, confidence: int = 4
) -> list[Vote]:
    """One character a reading: a level, or x for a reading that could not be used."""
    votes = []
    for reader, view, marks in (
        (Reader.FIRST, View.WHOLE, first), (Reader.SECOND, View.WHOLE, second),
        (Reader.THIRD, View.WHOLE, third), (Reader.FIRST, View.REDUCED, reduced),
    ):  # fmt: skip
        for number, mark in enumerate(marks, start=1):
            result = UNUSABLE if mark == "x" else verdict(int(mark), confidence)
            votes.append(Vote(Seat(reader, view, number), result))
    return votes


def outcome(step: Step) -> str:
    match step:
        case Ask(seats):
            return "ask " + " ".join(
                f"{seat.reader}{seat.number}{'-' if seat.view is View.REDUCED else ''}" for seat in seats
            )
        case Settled(level, _):
            return f"level {level}"
        case ForPerson(reason, _):
            return str(reason)


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (cast_votes(), "ask first1 first2 first3"),
        (cast_votes("3"), "ask first2 first3"),
        (cast_votes("333"), "level 3"),
        (cast_votes("334"), "level 3"),
        (cast_votes("344"), "level 4"),
        (cast_votes("244"), "ask second1"),
        (cast_votes("244", "4"), "level 4"),
        (cast_votes("244", "3"), "split"),
        (cast_votes("13x"), "ask second1"),
        (cast_votes("33x", "3"), "level 3"),
        (cast_votes("23x", "3"), "split"),  # an even split is no reading of its own
        (cast_votes("xxx", "3"), "no-reading"),
        (cast_votes("xxx", "x"), "no-reading"),
        (cast_votes("333", "x"), "no-reading"),
        (cast_votes("333", confidence=2), "ask second1"),
        (cast_votes("333", "3", confidence=2), "low-confidence"),
        (cast_votes("111"), "level 1"),
    ],
)  # fmt: skip
def test_a_lab_that_does_not_count_is_read_once_more_only_in_doubt(votes: list[Vote], expected: str) -> None:
    assert outcome(next_step(votes, FORMATIVE)) == expected


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (cast_votes(), "ask first1 first2 first3 second1"),
        (cast_votes("333"), "ask second1"),
        (cast_votes("333", "3"), "level 3"),
        (cast_votes("333", "4"), "split"),
        (cast_votes("333", "1"), "split"),
    ],
)
def test_a_lab_that_counts_is_always_read_by_the_stronger_model(votes: list[Vote], expected: str) -> None:
    assert outcome(next_step(votes, SUMMATIVE)) == expected


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (cast_votes("333", "4"), "ask third1"),
        (cast_votes("333", "4", "4"), "level 4"),
        (cast_votes("333", "4", "3"), "level 3"),
        (cast_votes("333", "1", "3"), "split"),  # two levels apart is no tie to break
        (cast_votes("333", "4", "2"), "split"),
        (cast_votes("333", "4", "x"), "split"),
        (cast_votes("333", "x", "3"), "level 3"),
        (cast_votes("xxx", "x"), "no-reading"),
    ],
)
def test_a_third_reader_breaks_a_tie_between_neighbours(votes: list[Vote], expected: str) -> None:
    assert outcome(next_step(votes, Situation(counts=True, has_third=True))) == expected


@pytest.mark.parametrize(
    ("reduced", "expected"),
    [
        ("", "ask first1-"), ("3", "level 3"), ("4", "level 3"), ("2", "ask first2-"), ("2x", "ask first3-"),
        ("223", "level 3"), ("1x1", "beside-the-point"), ("xxx", "beside-the-point"),
    ],
)  # fmt: skip
def test_a_level_must_stand_without_what_is_not_about_the_case(reduced: str, expected: str) -> None:
    situation = Situation(counts=True, has_flags=True, has_reduced_view=True)
    assert outcome(next_step(cast_votes("333", "3", reduced=reduced), situation)) == expected
    # Level 1 earns nothing, but is more than level 0; below that there is nothing to prove.
    assert outcome(next_step(cast_votes("111", "1"), situation)) == "ask first1-"
    assert outcome(next_step(cast_votes("000", "0"), situation)) == "level 0"


@pytest.mark.parametrize(
    ("reduced", "expected"),
    [("", "ask first1-"), ("22", "ask first3-"), ("223", "level 3"), ("212", "level 2"), ("111", "beside-the-point"),
     ("xxx", "beside-the-point")],
)  # fmt: skip
def test_a_level_that_is_borne_in_part_falls_by_one_where_nothing_is_flagged(reduced: str, expected: str) -> None:
    situation = Situation(counts=True, has_reduced_view=True)
    step = next_step(cast_votes("333", "3", reduced=reduced), situation)
    assert outcome(step) == expected
    assert getattr(step, "has_fallen", False) is (expected == "level 2")
    assert outcome(next_step(cast_votes("111", "1"), situation)) == "level 1"  # as little worth as level 0


def test_a_transcript_that_speaks_to_the_grader_is_read_by_all_and_decided_by_a_person() -> None:
    flagged = Situation(counts=False, is_flagged=True, has_reduced_view=True)
    assert outcome(next_step(cast_votes(), flagged)) == "ask first1 first2 first3 second1"
    assert outcome(next_step(cast_votes("444", "4"), flagged)) == "ask first1-"
    for reduced, leaning in (("2", 2), ("4", 4), ("x", 4)):
        step = next_step(cast_votes("444", "4", reduced=reduced), flagged)
        assert isinstance(step, ForPerson)
        assert step.reason is Reason.FLAGGED
        assert step.leaning is not None
        assert step.leaning.level == leaning  # what it earns without the flagged passages, if that is less
    assert outcome(next_step(cast_votes("111", "1"), flagged)) == "flagged"


@pytest.mark.parametrize(("suspecting", "expected"), [(0, "level 3"), (1, "level 3"), (2, "flagged"), (3, "flagged")])
def test_readers_who_find_that_the_student_speaks_to_them_are_heard(suspecting: int, expected: str) -> None:
    votes = [
        Vote(Seat(Reader.FIRST, View.WHOLE, number), verdict(3, suspects=number <= suspecting)) for number in (1, 2, 3)
    ]
    assert outcome(next_step(votes, FORMATIVE)) == expected


def test_a_leak_and_a_cut_go_to_a_person() -> None:
    leak = [*cast_votes("33", "3"), Vote(Seat(Reader.FIRST, View.WHOLE, 3), Unusable(("marker",), leaked=True))]
    assert outcome(next_step(leak, FORMATIVE)) == "leak"
    assert outcome(next_step(cast_votes("333"), Situation(counts=False, was_cut=True))) == "cut"


situations = st.builds(
    Situation, counts=st.booleans(), is_flagged=st.booleans(), has_flags=st.booleans(),
    has_reduced_view=st.booleans(), has_third=st.booleans(), was_cut=st.booleans(), wants_second=st.booleans(),
)  # fmt: skip
results = st.builds(verdict, st.integers(0, 4), st.integers(1, 5), suspects=st.booleans()) | st.just(UNUSABLE)


@given(situations, st.functions(like=lambda seat: None, returns=results, pure=True), st.randoms())
def test_asking_comes_to_an_end_and_a_settled_level_has_bearing_words(
    situation: Situation, answer: Callable[[Seat], Verdict | Unusable], chance: object
) -> None:
    votes: list[Vote] = []
    while isinstance(step := next_step(votes, situation), Ask):
        assert step.seats
        assert not {vote.seat for vote in votes} & set(step.seats)
        votes += [Vote(seat, answer(seat)) for seat in step.seats]
        assert len(votes) <= 8
    chance.shuffle(votes)  # type: ignore[attr-defined]
    assert outcome(next_step(votes, situation)) == outcome(step)
    if isinstance(step, Settled):
        assert step.bearing
        assert all(one.level == step.level and (one.evidence or one.level < 2) for one in step.bearing)
        assert not situation.is_flagged
        assert not situation.was_cut
        if situation.counts:
            assert any(vote.seat.reader is not Reader.FIRST and vote.verdict for vote in votes)
        if situation.has_reduced_view and step.level >= (1 if situation.has_flags else 2):
            held = [vote.verdict.level for vote in votes if vote.seat.view is View.REDUCED and vote.verdict]
            assert max(held) >= step.level


def test_three_usable_votes_within_a_level_settle_at_their_median() -> None:
    for levels in product(range(5), repeat=3):
        if max(levels) - min(levels) < 2:
            step = next_step(cast_votes("".join(map(str, levels))), FORMATIVE)
            assert outcome(step) == f"level {median(levels)}"
