"""True or false: a statement to judge, with feedback for either judgement."""

from typing import Any

from course.items import Choice, TrueFalse
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.questions import choices

NAME = "true-false"
_WORDS = {"true": "True", "false": "False"}  # choice id → its text; the order is the same in every question


def load(values: Values, entry: dict[str, Any], path: ValuePath) -> TrueFalse:
    """The question from an entry that fits the schema."""
    return TrueFalse(
        id=entry["id"],
        type=NAME,
        stem_html=values.inline(entry, *path, "stem"),
        choices=tuple(
            Choice(
                id=choice_id,
                text_html=word,
                is_key=(choice_id == "true") is entry["answer"],
                feedback_html=values.prose(entry["feedback"], *path, "feedback", choice_id) or "",
            )
            for choice_id, word in _WORDS.items()
        ),
        explanation_html=values.prose(entry, *path, "explanation"),
    )


def from_snapshot(data: dict[str, Any]) -> TrueFalse:
    """The question from the values `dataclasses.asdict` made of it. Raises KeyError or TypeError on anything else."""
    return choices.from_snapshot(TrueFalse, data)


def as_written(question: TrueFalse, _rank: choices.Rank) -> TrueFalse:
    """The question as it is: nobody looks for "False" before "True", so shuffling leaves it alone."""
    return question
