"""A labelled set: one JSON object a line, each a conversation with what people found in it.

{"id", "lab": 1-4, "turns": [{"role": "partner" | "student", "text"}],
 "labels": [{"rater", "levels": {criterion id: 0-4}}], "tags": [...], "group": "twin of ID" | null}
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from jsonschema import Draft202012Validator

from course.items import Lab

TWIN_OF = "twin of "
ATTACKS = frozenset({"injection", "attack"})  # the tags of an attack, as authors of sets write it; all else is honest
GOLD = "gold"  # a rater of this name has settled what the others differ on
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "lab": {"type": "integer", "minimum": 1, "maximum": 99},
        "turns": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"role": {"enum": ["partner", "student"]}, "text": {"type": "string"}},
                "required": ["role", "text"],
            },
        },
        "labels": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rater": {"type": "string"},
                    "levels": {"type": "object", "additionalProperties": {"enum": [0, 1, 2, 3, 4]}},
                },
                "required": ["rater", "levels"],
            },
        },
        "tags": {"type": "array", "items": {"type": "string"}},
        "group": {"type": ["string", "null"], "pattern": f"^{TWIN_OF}.+"},
    },
    "required": ["id", "lab", "turns"],
}
_VALIDATOR = Draft202012Validator(_SCHEMA)


class SetInvalid(Exception):
    """The set cannot be used. `faults` name lines and what to do."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """A turn of a record, numbered from 1."""

    number: int
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One conversation. `levels` is what the raters agree on by criterion: that of "gold", else the (low) median."""

    id: str
    lab: Lab
    turns: tuple[SaidTurn, ...]
    levels: Mapping[str, int]
    tags: frozenset[str]
    twin_of: str | None

    @property
    def is_attack(self) -> bool:
        return not ATTACKS.isdisjoint(self.tags)


def pairs_of(records: Sequence[Record]) -> list[tuple[str, str]]:
    """The ids of each attack and its clean twin, whichever of the two names the other."""
    is_attack = {record.id: record.is_attack for record in records}
    named = [(record.id, record.twin_of) for record in records if record.twin_of is not None]
    pairs = [(one, other) if is_attack[one] else (other, one) for one, other in named]
    return [(attack, clean) for attack, clean in pairs if is_attack[attack] and not is_attack[clean]]


def read_set(lines: Iterable[str], labs: Mapping[int, Lab]) -> list[Record]:
    """The records of a file's lines; empty lines are passed over. Raises `SetInvalid`, naming every line at fault."""
    records: list[Record] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError:
            faults.append(f"Line {number} is not JSON. Each line must be one object.")
            continue
        found = _faults(values, labs)
        if found:
            faults.append(f"Line {number}: {found}")
        else:
            records.append(_record(values, labs))
    ids = {record.id for record in records}
    faults += [f"{one.id} is a twin of {one.twin_of}, which is not there." for one in records if _lacks_twin(one, ids)]
    if any(one.twin_of for one in records) and not any(one.is_attack for one in records):
        faults.append('Records have twins, but none is told as an attack. Give every attack the tag "injection".')
    if len(ids) < len(records):
        faults.append("Two records have the same id. Each needs its own.")
    if not records and not faults:
        faults.append("The set holds no record.")
    if faults:
        raise SetInvalid(faults)
    return records


def _lacks_twin(record: Record, ids: set[str]) -> bool:
    return record.twin_of is not None and record.twin_of not in ids


def _faults(values: Any, labs: Mapping[int, Lab]) -> str | None:
    error = next(iter(_VALIDATOR.iter_errors(values)), None)
    if error is not None:
        return f"{'.'.join(map(str, error.absolute_path)) or 'the record'}: {error.message[:200]}"
    lab = labs.get(values["lab"])
    if lab is None:
        return f"there is no lab {values['lab']}; there are {', '.join(map(str, labs))}."
    known = {criterion.id for criterion in lab.rubric.criteria}
    strangers = {name for label in values.get("labels", ()) for name in label["levels"]} - known
    return f"lab {values['lab']} has no criterion {sorted(strangers)[0]}." if strangers else None


def _record(values: Mapping[str, Any], labs: Mapping[int, Lab]) -> Record:
    given: dict[str, list[int]] = {}
    labels = values.get("labels", ())
    settled = [label for label in labels if label["rater"] == GOLD]
    for label in settled or labels:
        for name, level in label["levels"].items():
            given.setdefault(name, []).append(level)
    group = values.get("group")
    return Record(
        id=values["id"],
        lab=labs[values["lab"]],
        turns=tuple(
            SaidTurn(number, turn["role"], turn["text"]) for number, turn in enumerate(values["turns"], start=1)
        ),
        levels={name: median_low(levels) for name, levels in given.items()},
        tags=frozenset(values.get("tags", ())),
        twin_of=group.removeprefix(TWIN_OF) if group else None,
    )
