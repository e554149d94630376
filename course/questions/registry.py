"""The question types a quiz can hold. A new one is a module beside `single`, an entry here, and a definition in
`course/schema/quiz.schema.json`; a test keeps the last two in step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course.items import Question
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.questions import single


@dataclass(frozen=True, slots=True)
class QuestionType:
    """`load(values, entry, path)` makes the question from an entry of the file; `from_snapshot(data)` from a stored
    snapshot's values."""

    load: Callable[[Values, dict[str, Any], ValuePath], Question]
    from_snapshot: Callable[[dict[str, Any]], Question]


QUESTION_TYPES: Mapping[str, QuestionType] = {
    single.NAME: QuestionType(single.load, single.from_snapshot),
}
