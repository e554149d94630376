"""The published schemas and the code must say the same."""

import json
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from course.items import Counts, Feedback, ItemKind, Late, Policy, Release, Shuffle, UnlockWhen, WrittenAnswer
from course.loading.kinds import KINDS
from course.loading.schemas import _SENTENCES, SCHEMA_FOLDER
from course.policy_values import RULES
from course.questions.registry import QUESTION_TYPES

NAMES = ("course", "lab", "lesson", "quiz", "rubric")
SILENT = {"$schema", "$ref", "$defs", "title", "description", "default", "errorMessage", "properties", "items", "allOf",
          "if", "then", "const", "patternProperties"}  # fmt: skip


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMA_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def keywords(node: Any) -> Iterator[str]:
    """Every keyword of a schema, without the names of properties and definitions."""
    if not isinstance(node, dict):
        return
    for keyword, value in node.items():
        yield keyword
        if keyword in ("properties", "$defs", "patternProperties"):
            for inner in value.values():
                yield from keywords(inner)
        else:
            for inner in value if isinstance(value, list) else [value]:
                yield from keywords(inner)


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_valid_when_editors_read_them(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_has_a_sentence_when_a_schema_can_find_it(name: str) -> None:
    assert set(keywords(schema(name))) <= SILENT | {*_SENTENCES, "required", "additionalProperties"}


def test_kinds_are_the_same_when_schema_registry_and_type_are_compared() -> None:
    named = schema("course")["$defs"]["item"]["properties"]["kind"]["enum"]
    assert named == list(KINDS) == list(ItemKind)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("counts", Counts),
        ("shuffle", Shuffle),
        ("feedback", Feedback),
        ("late", Late),
        ("unlock_when", UnlockWhen),
        ("release", Release),
        ("written_answer", WrittenAnswer),
    ],
)
def test_a_rules_words_are_the_same_when_schema_and_type_are_compared(rule: str, kind: type[StrEnum]) -> None:
    assert schema("course")["$defs"]["policy"]["properties"][rule]["enum"] == list(kind)


def test_rules_are_the_same_when_schema_reader_and_type_are_compared() -> None:
    names = {field.name for field in fields(Policy)}
    assert set(schema("course")["$defs"]["policy"]["properties"]) == set(RULES) == names


def test_question_types_are_the_same_when_schema_and_registry_are_compared() -> None:
    question = schema("quiz")["$defs"]["question"]
    assert question["properties"]["type"]["enum"] == list(QUESTION_TYPES)
    assert [case["then"]["$ref"] for case in question["allOf"]] == [f"#/$defs/{name}" for name in QUESTION_TYPES]
