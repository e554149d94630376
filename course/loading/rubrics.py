"""Reads the rubrics of labs: one YAML file each, named by course.yaml beside the lab's own."""

from itertools import pairwise
from typing import Any

from course.loading.reading import ItemEntry, Reading, Values
from course.loading.schemas import Misfit, is_sound, misfits
from course.loading.yaml_values import ValuePath, parse_yaml
from course.rubric import HIGHEST_LEVEL, POINTS_PERCENT, Criterion, Level, Rubric

FULL_PERCENT = 100


def load_rubric(entry: ItemEntry, reading: Reading) -> Rubric | None:
    """The rubric of a lab's entry; None when there is none or it has faults that leave too little of it. What is
    wrong is reported."""
    text = reading.text_of(entry.rubric, entry.rubric_line) if entry.rubric is not None else None
    if entry.rubric is None or text is None:
        return None
    document = parse_yaml(text)
    reading.report_faults(entry.rubric, document.faults)
    if document.value is None and document.faults:
        return None
    found = misfits(document, "rubric")
    reading.report_faults(entry.rubric, [misfit.fault for misfit in found])
    if not isinstance(document.value, dict):
        return None
    return _rubric(entry, Values(reading, entry.rubric, document), document.value, found)


def _rubric(entry: ItemEntry, values: Values, raw: dict[str, Any], found: list[Misfit]) -> Rubric | None:
    lab_id = raw.get("lab")
    if is_sound(found, "lab") and lab_id != entry.id:
        hint = f"Write `lab: {entry.id}`, or name the right rubric in course.yaml."
        values.report(("lab",), f"This is the rubric of `{lab_id}`, and course.yaml gives it to `{entry.id}`.", hint)
    criteria = _criteria(values, raw.get("criteria"), found)
    if not is_sound(found, "criteria"):
        return None
    _report_weights(values, criteria)
    rulings = raw.get("general_rulings", []) if is_sound(found, "general_rulings") else []
    return Rubric(lab_id=entry.id, general_rulings=tuple(rulings), criteria=criteria)


def _criteria(values: Values, raw: Any, found: list[Misfit]) -> tuple[Criterion, ...]:
    entries = [(("criteria", position), entry) for position, entry in enumerate(raw if isinstance(raw, list) else [])]
    values.report_repeated_ids(entries)
    return tuple(_criterion(values, path, entry) for path, entry in entries if is_sound(found, *path))


def _criterion(values: Values, path: ValuePath, entry: dict[str, Any]) -> Criterion:
    return Criterion(
        id=entry["id"],
        name=values.plain(entry, *path, "name"),
        weight=entry["weight"],
        levels=_levels(values, (*path, "levels"), entry["levels"]),
        counts=tuple(entry["evidence"]["counts"]),
        does_not_count=tuple(entry["evidence"]["does_not_count"]),
        rulings=tuple(entry.get("rulings", [])),
    )


def _levels(values: Values, path: ValuePath, raw: list[dict[str, Any]]) -> tuple[Level, ...]:
    """From 4 down to 0, whatever their order in the file."""
    levels: dict[int, Level] = {}
    for position, entry in enumerate(raw):
        number = entry["level"]
        if number in levels:
            message = f"Level {number} is given twice."
            values.report((*path, position, "level"), message, "Give one of the two another number, or take it away.")
            continue
        levels[number] = Level(
            level=number,
            points_percent=entry.get("points_percent", POINTS_PERCENT[number]),
            descriptor=values.plain(entry, *path, position, "descriptor"),
            exemplars=tuple(entry["exemplars"]),
        )
    for number in range(HIGHEST_LEVEL, -1, -1):
        if number not in levels:
            hint = f"Add an entry with `level: {number}`, a descriptor and an exemplar."
            values.report(path, f"There is no level {number}.", hint)
    ordered = tuple(levels[number] for number in sorted(levels, reverse=True))
    _report_points(values, path, ordered)
    return ordered


def _report_points(values: Values, path: ValuePath, levels: tuple[Level, ...]) -> None:
    for better, worse in pairwise(levels):
        if worse.points_percent > better.points_percent:
            message = f"Level {worse.level} earns more than level {better.level}."
            values.report(path, message, "Give the better level at least as many points.")
    for level in levels:
        if level.level == HIGHEST_LEVEL and level.points_percent != FULL_PERCENT:
            message = f"Level {HIGHEST_LEVEL} earns {level.points_percent} percent, so nobody can earn all points."
            values.report(path, message, f"Write `points_percent: {FULL_PERCENT}`, or leave it out.")


def _report_weights(values: Values, criteria: tuple[Criterion, ...]) -> None:
    total = sum(criterion.weight for criterion in criteria)
    if total != FULL_PERCENT:
        message = f"The weights add up to {total}, and must make {FULL_PERCENT}."
        values.report(("criteria",), message, "Change one or more of them.")
