"""What the types of question with choices share: reading the choices, keeping them, and what may be chosen."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from config.words import N_
from course.items import Choice, ChoiceQuestion
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.markup import text_of
from course.refusals import ResponseNotTaken

Q = TypeVar("Q", bound=ChoiceQuestion)
Rank = Callable[[str], bytes]  # an id's place in a shuffled order: lower comes first


def load_choices(values: Values, entry: dict[str, Any], path: ValuePath) -> tuple[Choice, ...]:
    """The choices of an entry that fits the schema; repeated ids and texts and a missing key are reported."""
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
    if not any(choice.is_key for choice in choices):
        values.report((*path, "choices"), "No choice is the key.", "Add `key: true` to the right choice.")
    _report_same_texts(values, choices, path)
    return choices


def from_snapshot(kind: type[Q], data: dict[str, Any]) -> Q:
    """The question of class `kind` from the values `dataclasses.asdict` made of it.

    Raises KeyError or TypeError on anything else.
    """
    return kind(**{**data, "choices": tuple(Choice(**choice) for choice in data["choices"])})


def exactly_one(question: ChoiceQuestion, choice_ids: Sequence[str]) -> list[str]:
    """The response to keep, one choice. Raises `ResponseNotTaken` for none, several, and choices of elsewhere."""
    if len(choice_ids) != 1 or question.find_choice(choice_ids[0]) is None:
        raise ResponseNotTaken(N_("This question takes exactly one of its own choices."))
    return list(choice_ids)


def any_number(question: ChoiceQuestion, choice_ids: Sequence[str]) -> list[str]:
    """The response to keep, in the order of the course's file whatever order they came in; empty leaves it open.

    Raises `ResponseNotTaken` for a choice that is given twice or belongs elsewhere.
    """
    kept = [choice.id for choice in question.choices if choice.id in choice_ids]
    if len(kept) != len(choice_ids):
        raise ResponseNotTaken(N_("This question takes only its own choices, and each of them once."))
    return kept


def shuffled(question: Q, rank: Rank) -> Q:
    """The same question with its choices in the order of their ranks."""
    return replace(question, choices=tuple(sorted(question.choices, key=lambda choice: rank(choice.id))))


def _report_same_texts(values: Values, choices: tuple[Choice, ...], path: ValuePath) -> None:
    seen: dict[str, str] = {}
    for position, choice in enumerate(choices):
        text = " ".join(text_of(choice.text_html).split())
        if text and text in seen:
            message = f"The choices `{seen[text]}` and `{choice.id}` have the same text."
            values.report((*path, "choices", position, "text"), message, "Change one of them, or take it away.")
        seen.setdefault(text, choice.id)
