"""The built-in course is whole: its order, its feedback, its rubrics."""

from pathlib import Path

import pytest

from config.settings import BUILT_IN_COURSE
from course.catalog import load_course
from course.items import ChoiceQuestion, Quiz
from course.markup import text_of

COURSE = load_course(Path(BUILT_IN_COURSE))
QUIZZES = [item for item in COURSE.items if isinstance(item, Quiz)]


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)
def test_every_option_of_every_question_has_feedback_of_its_own(quiz: Quiz) -> None:
    told = [
        text_of(choice.feedback_html).strip()
        for question in quiz.questions
        if isinstance(question, ChoiceQuestion)
        for choice in question.choices
    ]
    assert all(told)
    assert len(set(told)) == len(told)


def test_items_come_in_the_order_of_learning() -> None:
    assert [item.label for item in COURSE.items] == [
        "Intro",
        *(name for n in (1, 2, 3, 4) for name in (f"L{n}", "Quiz", "Lab")),
        "Module Test",
    ]
    assert len({item.title for item in COURSE.items}) == len(COURSE.items)
