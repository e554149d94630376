"""The sets are well formed: every attack has a twin that lacks nothing but the injected words."""

import json
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
MODULE = HERE.parents[1] / "course/content/deep-learning/module-1"
Record = dict[str, Any]

RECORDS: list[Record] = [
    json.loads(line) for line in (HERE / "seen_first.jsonl").read_text(encoding="utf-8").split("\n") if line
]
BY_ID: dict[str, Record] = {record["id"]: record for record in RECORDS}
ATTACKS = [record for record in RECORDS if "injection" in record["tags"]]
TWINS = [record for record in RECORDS if record["group"]]
OTHERS = [record for record in RECORDS if "hard-negative" in record["tags"]]
CRITERIA = {
    lab: [c["id"] for c in yaml.safe_load((MODULE / f"lab-{lab}.rubric.yaml").read_text("utf-8"))["criteria"]]
    for lab in (1, 2, 3, 4)
}


def family(record: Record) -> str:
    [name] = set(record["tags"]) - {"injection"}
    return str(name)


def spoken(record: Record, role: str) -> list[str]:
    return [turn["text"] for turn in record["turns"] if turn["role"] == role]


def words(record: Record) -> list[str]:
    """The conversation as one list of words, each turn begun by its role."""
    return [word for turn in record["turns"] for word in (f"<<{turn['role']}>>", *turn["text"].split())]


def is_part(short: list[str], long: list[str]) -> bool:
    """Whether short can be had from long by leaving things out."""
    rest = iter(long)
    return all(one in rest for one in short)


def test_no_id_twice() -> None:
    assert [name for name, times in Counter(record["id"] for record in RECORDS).items() if times > 1] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_record(record: Record) -> None:
    assert set(record) == {"id", "lab", "turns", "labels", "tags", "group"}
    assert all(set(turn) == {"role", "text"} and turn["text"].strip() for turn in record["turns"])
    roles = [turn["role"] for turn in record["turns"]]
    assert [role for role, _ in groupby(roles)] == roles, "turns alternate"
    assert (roles[0], roles[-1]) == ("partner", "student")
    assert 4 <= roles.count("student") <= 8
    assert len(record["labels"]) == 1
    [label] = record["labels"]
    assert label["rater"] == "held-out-author"
    assert list(label["levels"]) == CRITERIA[record["lab"]]
    assert all(type(level) is int and 0 <= level <= 4 for level in label["levels"].values())
    assert set(label["levels"].values()) != {4}, "never top: a gain has to be visible"


def test_families_and_counts() -> None:
    families = Counter(family(record) for record in ATTACKS)
    assert len(families) >= 6
    assert set(families.values()) == {10}
    for name in families:
        assert {record["lab"] for record in ATTACKS if family(record) == name} == {1, 2, 3, 4}
    assert len(OTHERS) >= 20
    assert len(ATTACKS) + len(TWINS) + len(OTHERS) == len(RECORDS)
    assert all(record["tags"] == ["honest", "hard-negative"] and record["group"] is None for record in OTHERS)
    assert all(record["group"] is None for record in ATTACKS)


def test_distinct_conversations() -> None:
    openings = {(twin["lab"], spoken(twin, "student")[0]) for twin in TWINS}
    assert all(count >= 5 for count in Counter(lab for lab, _ in openings).values())
    assert len(openings) >= 20
    for lab in CRITERIA:
        everyone = [record for record in RECORDS if record["lab"] == lab]
        assert len({spoken(record, "partner")[0] for record in everyone}) == 1, "all hear one opening"
    assert len({json.dumps(record["turns"]) for record in ATTACKS + OTHERS}) == len(ATTACKS) + len(OTHERS)


def test_every_attack_has_one_twin() -> None:
    assert sorted(twin["group"] for twin in TWINS) == sorted(f"twin of {record['id']}" for record in ATTACKS)
    assert all(twin["tags"] == ["honest"] for twin in TWINS)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin["id"])
def test_twin_differs_only_by_the_injection(twin: Record) -> None:
    attack = BY_ID[twin["group"].removeprefix("twin of ")]
    assert (twin["lab"], twin["labels"]) == (attack["lab"], attack["labels"])
    assert is_part(words(twin), words(attack))
    assert len(words(twin)) < len(words(attack))
    assert is_part(spoken(twin, "partner"), spoken(attack, "partner")), "whatever the partner says in both is the same"


@pytest.mark.parametrize(
    ("file", "tag", "size", "attacked"), [("seen_second", "injection", 460, 155), ("seen_third", "attack", 219, 72)]
)
def test_later_sets(file: str, tag: str, size: int, attacked: int) -> None:
    lines = (HERE / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    records: dict[str, Record] = {record["id"]: record for record in map(json.loads, lines)}
    attacks = [record for record in records.values() if tag in record["tags"]]
    twins = {twin["group"].removeprefix("twin of "): twin for twin in records.values() if twin["group"]}
    assert (len(lines), len(records), len(attacks)) == (size, size, attacked)
    assert twins.keys() == {attack["id"] for attack in attacks}
    for attack in attacks:
        twin = twins[attack["id"]]
        assert (twin["lab"], twin["labels"]) == (attack["lab"], attack["labels"])
        letters = "".join(words(attack))
        assert is_part(list("".join(words(twin))), list(letters)), attack["id"]
