"""Single choice: one stem, 2 to 8 choices, exactly one of them the key."""

from typing import Any

from course.items import Choice, SingleChoice
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.markup import text_of

NAME = "single"


def load(values: Values, entry: dict[str, Any], path: ValuePath) -> SingleChoice:
    """The question from an entry that fits the schema; what only this type can judge is reported."""
    choices = tuple(
        Choice(
            id=choice["id"],
            text_html=values.inline(choice, *path, "choices", position, "text"),
            is_key=choice.get("key", False),
            feedback_html=values.prose(choice, *path, "choices", position, "feedback") or "",
        )
        for position, choice in enumerate(entry["choices"])
    )
    values.report_repeated_ids(((*path, "choices", i), choice) for i, choice in enumerate(entry["choices"]))
    _report_keys(values, choices, path)
    _report_same_texts(values, choices, path)
    return SingleChoice(
        id=entry["id"],
        type=NAME,
        stem_html=values.inline(entry, *path, "stem"),
        choices=choices,
        explanation_html=values.prose(entry, *path, "explanation"),
    )


def from_snapshot(data: dict[str, Any]) -> SingleChoice:
    """The question from the values `dataclasses.asdict` made of it. Raises KeyError or TypeError on anything else."""
    return SingleChoice(**{**data, "choices": tuple(Choice(**choice) for choice in data["choices"])})


def _report_keys(values: Values, choices: tuple[Choice, ...], path: ValuePath) -> None:
    keys = [position for position, choice in enumerate(choices) if choice.is_key]
    if not keys:
        values.report((*path, "choices"), "No choice is the key.", "Add `key: true` to the right choice.")
    for position in keys[1:]:
        place = (*path, "choices", position, "key")
        values.report(place, "A second choice is the key.", "Leave `key: true` at one choice only.")


def _report_same_texts(values: Values, choices: tuple[Choice, ...], path: ValuePath) -> None:
    seen: dict[str, str] = {}
    for position, choice in enumerate(choices):
        text = " ".join(text_of(choice.text_html).split())
        if text and text in seen:
            message = f"The choices `{seen[text]}` and `{choice.id}` have the same text."
            values.report((*path, "choices", position, "text"), message, "Change one of them, or take it away.")
        seen.setdefault(text, choice.id)
