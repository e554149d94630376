"""Reads quizzes and module tests: one YAML file each."""

from collections.abc import Callable
from typing import Any

from course.items import Feedback, Item, ItemKind, Question, Quiz
from course.loading.policies import policy
from course.loading.reading import ItemEntry, Reading, Values
from course.loading.schemas import Misfit, is_sound, misfits
from course.loading.yaml_values import parse_yaml
from course.questions.registry import QUESTION_TYPES

_FEEDBACK = {ItemKind.QUIZ: Feedback.AFTER_ANSWER, ItemKind.TEST: Feedback.AFTER_SUBMIT}  # unless the policy says


def quiz_loader(kind: ItemKind) -> Callable[[ItemEntry, str, Reading], Item | None]:
    """A test is written like a quiz; only the kind differs."""

    def load(entry: ItemEntry, text: str, reading: Reading) -> Item | None:
        return _load(kind, entry, text, reading)

    return load


def _load(kind: ItemKind, entry: ItemEntry, text: str, reading: Reading) -> Item | None:
    document = parse_yaml(text)
    reading.report_faults(entry.file, document.faults)
    if document.value is None and document.faults:
        return None
    found = misfits(document, "quiz")
    reading.report_faults(entry.file, [misfit.fault for misfit in found])
    if not isinstance(document.value, dict):
        return None
    values = Values(reading, entry.file, document)
    fields = {key: value for key, value in document.value.items() if is_sound(found, key) or key == "questions"}
    questions = _questions(values, fields.get("questions"), found)
    return Quiz(
        id=entry.id,
        kind=kind,
        label=entry.label,
        title=values.plain(fields, "title"),
        subtitle=values.plain(fields, "subtitle"),
        intro_html=values.prose(fields, "intro"),
        policy=policy(entry.policy, len(questions), _FEEDBACK[kind]),
        questions=questions,
    )


def _questions(values: Values, raw: Any, found: list[Misfit]) -> tuple[Question, ...]:
    entries = [(("questions", position), entry) for position, entry in enumerate(raw if isinstance(raw, list) else [])]
    values.report_repeated_ids(entries)
    return tuple(
        QUESTION_TYPES[entry["type"]].load(values, entry, path) for path, entry in entries if is_sound(found, *path)
    )
