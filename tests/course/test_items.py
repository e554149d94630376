import dataclasses

import pytest

from course.catalog import load_course
from course.errors import UnknownItem
from course.items import Counts, ItemKind, Lesson, Quiz, SingleChoice, reading_minutes
from tests.course.course_files import CourseFiles


def test_items_come_in_the_order_of_the_course_when_listed(files: CourseFiles) -> None:
    course = load_course(files.folder)
    assert [item.id for item in course.items] == ["introduction", "lesson-1", "quiz-1"]
    assert [item.label for item in course.items] == ["Intro", "L1", "Quiz"]
    assert [item.kind for item in course.items] == [ItemKind.INTRODUCTION, ItemKind.LESSON, ItemKind.QUIZ]


def test_neighbours_are_none_when_the_item_is_first_or_last(files: CourseFiles) -> None:
    course = load_course(files.folder)
    assert course.previous_item("introduction") is None
    assert course.next_item("introduction") == course.item("lesson-1")
    assert course.previous_item("quiz-1") == course.item("lesson-1")
    assert course.next_item("quiz-1") is None


def test_unknown_item_is_raised_when_the_id_is_not_in_the_course(files: CourseFiles) -> None:
    course = load_course(files.folder)
    assert course.find_item("lab-1") is None
    for ask in (course.item, course.module_of, course.previous_item, course.next_item):
        with pytest.raises(UnknownItem, match="'lab-1'"):
            ask("lab-1")


def test_module_is_found_when_one_of_its_items_is_named(files: CourseFiles) -> None:
    assert load_course(files.folder).module_of("quiz-1").title == "Beginnings"


def test_lesson_holds_all_its_parts_when_loaded(files: CourseFiles) -> None:
    lesson = load_course(files.folder).item("lesson-1")
    assert isinstance(lesson, Lesson)
    assert (lesson.title, lesson.subtitle) == ("It’s Not Magic", "What happens underneath.")
    assert lesson.opening_question == "How would you know?"
    assert lesson.story_html == "<p>Ada asked a question.</p>"
    assert [(s.number, s.id, s.title, s.term_ids) for s in lesson.sections] == [
        (1, "what-it-is", "What It Is", ("weight",)),
        (2, "what-it-is-not", "What It Is Not", ()),
    ]
    assert lesson.term("weight").definition_html == "A number that <em>training</em> changes."
    assert lesson.callouts == ("takeaway",)
    assert lesson.minutes == 1


def test_unknown_term_is_a_key_error_when_asked_for(files: CourseFiles) -> None:
    lesson = load_course(files.folder).item("lesson-1")
    assert isinstance(lesson, Lesson)
    with pytest.raises(KeyError):
        lesson.term("layer")


def test_quiz_holds_questions_and_key_when_loaded(files: CourseFiles) -> None:
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    question = quiz.find_question("deep")
    assert isinstance(question, SingleChoice)
    assert question.stem_html == "What does “deep” mean?"
    assert question.key.id == "layers"
    assert question.key.feedback_html == "<p>Yes, layers.</p>"
    assert question.explanation_html == "<p>It counts layers.</p>"
    assert question.find_choice("data") == question.choices[1]
    assert question.find_choice("other") is None
    assert quiz.find_question("other") is None


def test_policy_has_defaults_when_the_course_gives_none(files: CourseFiles) -> None:
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    policy = quiz.policy
    assert (policy.attempts, policy.counts, policy.pass_percent, policy.points) == (None, Counts.BEST, None, 1.0)


def test_policy_is_the_courses_when_it_gives_one(files: CourseFiles) -> None:
    given = "label: Quiz\n        policy: {attempts: 3, counts: last, pass_percent: 80, points: 2.5}"
    files.replace("course.yaml", "label: Quiz", given)
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    policy = quiz.policy
    assert (policy.attempts, policy.counts, policy.pass_percent, policy.points) == (3, Counts.LAST, 80, 2.5)


def test_attempts_have_no_limit_when_the_policy_says_unlimited(files: CourseFiles) -> None:
    files.replace("course.yaml", "label: Quiz", "label: Quiz\n        policy: {attempts: unlimited}")
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    assert quiz.policy.attempts is None


def test_a_test_is_a_quiz_of_its_own_kind_when_loaded(files: CourseFiles) -> None:
    files.replace("course.yaml", "kind: quiz", "kind: test")
    item = load_course(files.folder).item("quiz-1")
    assert isinstance(item, Quiz)
    assert item.kind == ItemKind.TEST


def test_a_course_cannot_be_changed_when_it_is_loaded(files: CourseFiles) -> None:
    course = load_course(files.folder)
    with pytest.raises(dataclasses.FrozenInstanceError):
        course.title = "Another"  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (100, 1), (430, 2), (2150, 10)])
def test_reading_takes_at_least_a_minute_when_words_are_counted(words: int, minutes: int) -> None:
    assert reading_minutes(["word " * words]) == minutes
