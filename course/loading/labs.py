"""Reads labs: one YAML file for the conversation, and one for the rubric that course.yaml names beside it."""

from difflib import get_close_matches
from typing import Any

from course.items import FollowUp, Item, ItemKind, Lab, Partner
from course.loading.policies import policy
from course.loading.reading import ItemEntry, Reading, Values
from course.loading.rubrics import load_rubric
from course.loading.schemas import Misfit, is_sound, misfits
from course.loading.yaml_values import ValuePath, parse_yaml
from course.rubric import Rubric

POINTS = 100  # what a lab is worth unless its policy says otherwise: then a criterion's weight is its points


def load_lab(entry: ItemEntry, text: str, reading: Reading) -> Item | None:
    """The lab with its rubric; None when either of the two files cannot be used. The faults of both are reported."""
    rubric = load_rubric(entry, reading)
    document = parse_yaml(text)
    reading.report_faults(entry.file, document.faults)
    if document.value is None and document.faults:
        return None
    found = misfits(document, "lab")
    reading.report_faults(entry.file, [misfit.fault for misfit in found])
    if not isinstance(document.value, dict):
        return None
    values = Values(reading, entry.file, document)
    follow_ups = _follow_ups(values, document.value.get("follow_ups"), found, rubric)
    fields = {key: value for key, value in document.value.items() if is_sound(found, key)}
    shown = {
        "title": values.plain(fields, "title"),
        "subtitle": values.plain(fields, "subtitle"),
        "role_line": values.plain(fields, "role_line"),
        "scenario_html": values.prose(fields, "scenario") or "",
        "task_html": values.prose(fields, "task") or "",
        "opening_move": values.plain(fields, "opening_move"),
    }
    values.prose(fields, "strong_answer")  # kept as it was written; this reports what is wrong with its Markdown
    partner = _partner(values, fields.get("partner", {}))
    if rubric is None or found:
        return None
    return Lab(
        id=entry.id,
        kind=ItemKind.LAB,
        label=entry.label,
        policy=policy(entry.policy, POINTS),
        partner=partner,
        follow_ups=follow_ups,
        strong_answer=fields["strong_answer"],
        max_turns=fields["turns"]["max"],
        minutes=fields["minutes"],
        rubric=rubric,
        **shown,
    )


def _partner(values: Values, raw: dict[str, Any]) -> Partner:
    return Partner(
        name=values.plain(raw, "partner", "name"),
        role=values.plain(raw, "partner", "role"),
        persona=raw.get("persona", ""),
    )


def _follow_ups(values: Values, raw: Any, found: list[Misfit], rubric: Rubric | None) -> tuple[FollowUp, ...]:
    entries = [(("follow_ups", position), entry) for position, entry in enumerate(raw if isinstance(raw, list) else [])]
    values.report_repeated_ids(entries)
    return tuple(_follow_up(values, path, entry, rubric) for path, entry in entries if is_sound(found, *path))


def _follow_up(values: Values, path: ValuePath, entry: dict[str, Any], rubric: Rubric | None) -> FollowUp:
    covers = entry["covers"]
    if rubric is not None and rubric.find_criterion(covers) is None:
        known = [criterion.id for criterion in rubric.criteria]
        close = get_close_matches(covers, known, n=1)
        hint = f"Did you mean `{close[0]}`?" if close else f"Its criteria are: {', '.join(known)}."
        values.report((*path, "covers"), f"The rubric has no criterion `{covers}`.", hint)
    return FollowUp(id=entry["id"], text=values.plain(entry, *path, "text"), when=entry["when"], covers=covers)
