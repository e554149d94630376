"""Multiple choice: one stem, 2 to 8 choices, any number of them keys, any number of them chosen."""

from typing import Any

from course.items import MultipleChoice
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.questions import choices

NAME = "multiple"


def load(values: Values, entry: dict[str, Any], path: ValuePath) -> MultipleChoice:
    """The question from an entry that fits the schema; what only this type can judge is reported."""
    return MultipleChoice(
        id=entry["id"],
        type=NAME,
        stem_html=values.inline(entry, *path, "stem"),
        choices=choices.load_choices(values, entry, path),
        explanation_html=values.prose(entry, *path, "explanation"),
    )


def from_snapshot(data: dict[str, Any]) -> MultipleChoice:
    """The question from the values `dataclasses.asdict` made of it. Raises KeyError or TypeError on anything else."""
    return choices.from_snapshot(MultipleChoice, data)
