"""Levels into points, held against a sum done by hand and against every combination's bounds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.points import is_near_pass_mark, score_levels
from tests.grading.labs import lab

CRITERIA = [criterion.id for criterion in lab().rubric.criteria]
levels = st.fixed_dictionaries({one: st.integers(0, 4) for one in CRITERIA})


def test_a_sum_done_by_hand() -> None:
    given_levels = dict(zip(CRITERIA, [4, 3, 2, 1, 0], strict=True))  # weights 20, 30, 20, 15, 15
    score = score_levels(lab().rubric, given_levels, Fraction(10))
    assert [one.points for one in score.criteria] == [2, Fraction("2.25"), Fraction("0.8"), 0, 0]
    assert (score.points, score.points_possible) == (Fraction("5.05"), 10)
    assert score.share == Fraction("0.505")


@given(levels, st.fractions(min_value=Fraction(1, 100), max_value=1000))
def test_points_stay_within_bounds_and_add_up(given_levels: dict[str, int], worth: Fraction) -> None:
    score = score_levels(lab().rubric, given_levels, worth)
    assert 0 <= score.points <= score.points_possible == worth
    assert [one.criterion_id for one in score.criteria] == CRITERIA
    assert all(0 <= one.points <= one.points_possible for one in score.criteria)


@given(levels, st.sampled_from(CRITERIA))
def test_a_higher_level_never_earns_less(given_levels: dict[str, int], raised: str) -> None:
    higher = {**given_levels, raised: min(4, given_levels[raised] + 1)}
    worth = Fraction(100)
    assert score_levels(lab().rubric, higher, worth).points >= score_levels(lab().rubric, given_levels, worth).points


@pytest.mark.parametrize("wrong", [{}, {CRITERIA[0]: 4}, {**dict.fromkeys(CRITERIA, 2), "other": 1}])
def test_no_points_without_a_level_for_each_criterion_and_for_no_other(wrong: dict[str, int]) -> None:
    with pytest.raises(KeyError):
        score_levels(lab().rubric, wrong, Fraction(10))


def test_near_the_pass_mark_is_half_a_level_away() -> None:
    threes = dict.fromkeys(CRITERIA, 3)  # 75 %; half a level down in mechanism is 5.25 less, half up 3.75 more
    assert is_near_pass_mark(lab().rubric, threes, 70)
    assert is_near_pass_mark(lab().rubric, threes, 75)
    assert is_near_pass_mark(lab().rubric, threes, 78)
    assert not is_near_pass_mark(lab().rubric, threes, 69)
    assert not is_near_pass_mark(lab().rubric, threes, 80)
    assert not is_near_pass_mark(lab().rubric, threes, None)
