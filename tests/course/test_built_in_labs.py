"""The labs of the built-in course: their rubrics as they were agreed, and no answer where a student or the partner
could read it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import BUILT_IN_COURSE
from course.catalog import load_course
from course.items import Lab
from course.markup import text_of
from course.rubric import POINTS_PERCENT, Criterion

LABS = {item.id: item for item in load_course(Path(BUILT_IN_COURSE)).items if isinstance(item, Lab)}
WEIGHTS = {
    "lab-1": {
        "commitment-to-one-ingredient": ("Commitment to one ingredient", 20),
        "mechanism": ("Mechanism", 30),
        "reading-the-91": ("Reading the 91%", 20),
        "weighing-alternatives": ("Weighing alternatives", 15),
        "check-and-remedy": ("Check and remedy", 15),
    },
    "lab-2": {
        "decision": ("Decision", 20),
        "reading-the-curves": ("Reading the curves", 30),
        "overfitting-concept": ("Overfitting concept", 20),
        "next-steps": ("Next steps", 20),
        "limits-and-response-to-challenge": ("Limits and response to challenge", 10),
    },
    "lab-3": {
        "data-structure": ("Data structure", 25),
        "architecture-fit": ("Architecture fit", 30),
        "pretrained-or-scratch": ("Pretrained or scratch", 20),
        "risks-and-baseline": ("Risks and baseline", 15),
        "commitment-under-challenge": ("Commitment under challenge", 10),
    },
    "lab-4": {
        "priority-and-specificity": ("Priority and specificity", 20),
        "failure-mode-and-mechanism": ("Failure mode and mechanism", 25),
        "evidentiary-standard": ("Evidentiary standard", 25),
        "group-outcomes": ("Group outcomes", 15),
        "sign-off-and-after-launch": ("Sign-off and after launch", 15),
    },
}
FIGURES = {  # what the case of each lab turns on
    "lab-1": ("three weeks", "same five", "almost zero", "91%"),
    "lab-2": ("50 epochs", "2.1", "0.08", "0.45", "epoch 12", "1.2", "96%", "four classes"),
    "lab-3": ("three", "30 days", "18 months"),
    "lab-4": ("12 months", "15 cities", "4 years", "8 cities", "85%", "roughly similar"),
}
RUN = 7  # words in a row that make a copied answer, and not a turn of phrase

each_lab = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)


def test_there_are_four_labs() -> None:
    assert list(LABS) == list(WEIGHTS)


@each_lab
def test_criteria_have_the_names_and_weights_that_were_agreed(lab: Lab) -> None:
    assert {one.id: (one.name, one.weight) for one in lab.rubric.criteria} == WEIGHTS[lab.id]
    assert list(WEIGHTS[lab.id]) == [one.id for one in lab.rubric.criteria]


@each_lab
def test_every_level_earns_the_usual_share_and_has_one_or_two_exemplars(lab: Lab) -> None:
    for criterion in lab.rubric.criteria:
        assert {level.level: level.points_percent for level in criterion.levels} == POINTS_PERCENT
        assert all(1 <= len(level.exemplars) <= 2 for level in criterion.levels)


@each_lab
def test_no_quote_stands_for_two_levels_of_a_rubric(lab: Lab) -> None:
    quotes = [quote for one in lab.rubric.criteria for level in one.levels for quote in level.exemplars]
    assert len(set(quotes)) == len(quotes)


@each_lab
def test_level_zero_is_near_silence_in_every_criterion(lab: Lab) -> None:
    (descriptor,) = {criterion.level(0).descriptor for criterion in lab.rubric.criteria}
    assert descriptor.startswith("Hardly anything was written")
    assert any("near-silence" in ruling and "level 1" in ruling for ruling in lab.rubric.general_rulings)


@each_lab
def test_the_partner_can_ask_about_every_criterion(lab: Lab) -> None:
    assert {follow_up.covers for follow_up in lab.follow_ups} == {one.id for one in lab.rubric.criteria}


@each_lab
def test_the_case_has_its_figures(lab: Lab) -> None:
    case = " ".join(text_of(lab.scenario_html).split())
    assert [figure for figure in FIGURES[lab.id] if figure not in case] == []


@each_lab
def test_a_turn_of_the_partner_asks_one_thing_in_at_most_80_words(lab: Lab) -> None:
    for turn in (lab.opening_move, *(follow_up.text for follow_up in lab.follow_ups)):
        assert len(turn.split()) <= 80
        assert "!" not in turn
    assert lab.opening_move.endswith("?")


@each_lab
def test_nothing_for_authors_stands_where_students_or_the_partner_read(lab: Lab) -> None:
    secret = {run for text in _for_authors(lab) for run in _runs(text)}
    for text in _for_students_and_partner(lab):
        assert _runs(text) & secret == set()


def _for_authors(lab: Lab) -> Iterator[str]:
    yield lab.strong_answer
    for criterion in lab.rubric.criteria:
        yield from _evidence(criterion)
        yield from (quote for level in criterion.levels for quote in level.exemplars)


def _evidence(criterion: Criterion) -> tuple[str, ...]:
    return (*criterion.counts, *criterion.does_not_count, *criterion.rulings)


def _for_students_and_partner(lab: Lab) -> Iterator[str]:
    yield from (lab.role_line, text_of(lab.scenario_html), text_of(lab.task_html), lab.opening_move)
    yield lab.partner.persona
    yield from (follow_up.text for follow_up in lab.follow_ups)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}
