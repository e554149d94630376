"""Single choice: one stem, 2 to 8 choices, exactly one of them the key."""

from typing import Any

from course.items import SingleChoice
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.questions import choices

NAME = "single"


def load(values: Values, entry: dict[str, Any], path: ValuePath) -> SingleChoice:
    """The question from an entry that fits the schema; what only this type can judge is reported."""
    question = SingleChoice(
        id=entry["id"],
        type=NAME,
        stem_html=values.inline(entry, *path, "stem"),
        choices=choices.load_choices(values, entry, path),
        explanation_html=values.prose(entry, *path, "explanation"),
    )
    keys = [position for position, choice in enumerate(question.choices) if choice.is_key]
    for position in keys[1:]:
        hint = "Leave `key: true` at one choice only, or make the question's type `multiple`."
        values.report((*path, "choices", position, "key"), "A second choice is the key.", hint)
    return question


def from_snapshot(data: dict[str, Any]) -> SingleChoice:
    """The question from the values `dataclasses.asdict` made of it. Raises KeyError or TypeError on anything else."""
    return choices.from_snapshot(SingleChoice, data)
