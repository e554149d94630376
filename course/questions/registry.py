"""The question types a quiz can hold. A new one is a module beside `single`, an entry here, a definition in
`course/schema/quiz.schema.json`, a share in `grading/quiz.py` and a card in `lti_tool/web/question_cards.py`; tests
keep the five in step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from course.items import Question
from course.loading.reading import Values
from course.loading.yaml_values import ValuePath
from course.questions import multiple, single, true_false
from course.questions.choices import Rank, any_number, exactly_one, shuffled

Q = TypeVar("Q", bound=Question)


@dataclass(frozen=True, slots=True)
class QuestionType(Generic[Q]):
    """What a quiz must be able to do with a question of this type, whatever the type.

    `load(values, entry, path)` makes it from an entry of the file, `from_snapshot(data)` from a stored snapshot's
    values. `kept(question, choice_ids)` is the response to keep, empty when that leaves the question open; it raises
    `ResponseNotTaken` for what does not fit. `shuffled(question, rank)` is the question in a shuffled attempt.
    """

    load: Callable[[Values, dict[str, Any], ValuePath], Q]
    from_snapshot: Callable[[dict[str, Any]], Q]
    kept: Callable[[Q, Sequence[str]], list[str]]
    shuffled: Callable[[Q, Rank], Q]


QUESTION_TYPES: Mapping[str, QuestionType[Any]] = {
    single.NAME: QuestionType(single.load, single.from_snapshot, exactly_one, shuffled),
    multiple.NAME: QuestionType(multiple.load, multiple.from_snapshot, any_number, shuffled),
    true_false.NAME: QuestionType(true_false.load, true_false.from_snapshot, exactly_one, true_false.as_written),
}
