"""Multiple choice and true/false: what a file makes of them, and their faults, each with its line."""

import pytest

from course.catalog import load_course
from course.items import MultipleChoice, Question, Quiz, Shuffle, TrueFalse
from course.snapshots import item_from_snapshot, snapshot
from tests.course.course_files import MIXED_QUIZ, QUIZ, CourseFiles

FILE = "module-1/quiz-1.yaml"
FIRST_LINE = QUIZ.count("\n")  # lines before the multiple-choice question


@pytest.fixture
def mixed(files: CourseFiles) -> CourseFiles:
    files.write(FILE, MIXED_QUIZ)
    return files


def question_of(files: CourseFiles, question_id: str) -> Question:
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    question = quiz.find_question(question_id)
    assert question is not None
    return question


def test_several_keys_are_kept_when_the_question_is_multiple(mixed: CourseFiles) -> None:
    question = question_of(mixed, "learned")
    assert isinstance(question, MultipleChoice)
    assert [choice.id for choice in question.keys] == ["weights", "biases"]
    assert [choice.id for choice in question.choices] == ["weights", "layers", "biases", "data"]
    assert question.explanation_html == "<p>Only numbers inside are learned.</p>"


def test_all_choices_may_be_keys_when_the_question_is_multiple(mixed: CourseFiles) -> None:
    mixed.write(FILE, MIXED_QUIZ.replace("text: The layers", "key: true\n        text: The layers"))
    question = question_of(mixed, "learned")
    assert isinstance(question, MultipleChoice)
    assert len(question.keys) == 3


@pytest.mark.parametrize(("answer", "key"), [("true", "true"), ("false", "false")])
def test_true_comes_first_and_the_answer_is_the_key_when_a_statement_is_judged(
    mixed: CourseFiles, answer: str, key: str
) -> None:
    mixed.replace(FILE, "answer: false", f"answer: {answer}")
    question = question_of(mixed, "deeper")
    assert isinstance(question, TrueFalse)
    assert question.key.id == key
    assert [(choice.id, choice.text_html) for choice in question.choices] == [("true", "True"), ("false", "False")]
    assert [choice.feedback_html for choice in question.choices] == [
        "<p>No, it may overfit.</p>",
        '<p>Right, <a href="item:lesson-1#what-it-is">it may overfit</a>.</p>',
    ]
    assert question.stem_html == "Deeper is <em>always</em> better."


def test_every_type_comes_back_when_a_snapshot_is_read(mixed: CourseFiles) -> None:
    mixed.replace("course.yaml", "label: Quiz", "label: Quiz\n        policy: {shuffle: both}")
    quiz = load_course(mixed.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    assert quiz.policy.shuffle is Shuffle.BOTH
    assert item_from_snapshot(snapshot(quiz)) == quiz


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: biases\n        text: The biases", "id: biases\n        text: The *weights*", 13,
         "The choices `weights` and `biases` have the same text."),
        ("id: layers\n        text: The", "id: weights\n        text: The", 9,
         f"The id `weights` is used twice; the first time in line {FIRST_LINE + 5}."),
        ("What does training change?", "What does [training](https://a.b) change?", 3,
         "`stem`: A link cannot stand in a stem, a choice or a definition."),
        ("feedback: No, given.", "feedback:", 18, "Question 2, choice 4: `feedback` must be a text, not nothing."),
        ("stem: What does training change?", "answer: true\n    stem: What does training change?", 3,
         "Question 2 has an unknown key `answer`."),
        ("    answer: false\n", "", 20, "Question 3 has no `answer`."),
        ("answer: false", "answer: no", 23, 'Question 3: `answer` must be true or false, not the text "no".'),
        ("answer: false", "answer: 0", 23, "Question 3: `answer` must be true or false, not the number 0."),
        ("answer: false", "answer: false\n    choices: []", 24, "Question 3 has an unknown key `choices`."),
        ("      true: No, it may overfit.\n", "", 24, "Question 3: `feedback` has no `true`."),
        ("      true: No, it may overfit.", "      true: ''", 25, "Question 3: `true` must not be empty."),
        ("      true: No, it may overfit.", "      true: '# No'", 25,
         "`true`: A heading cannot stand in a text of a quiz or a lab."),
        ("      true: No, it may overfit.", "      true: No.\n      yes: No.", 26,
         "Question 3: `feedback` has an unknown key `yes`."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_a_question_is_at_fault(
    mixed: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    mixed.replace(FILE, old, new)
    assert mixed.problems() == [(FILE, FIRST_LINE + line, message)]


def test_a_multiple_choice_question_is_refused_when_it_has_no_key(mixed: CourseFiles) -> None:
    mixed.write(FILE, QUIZ + MIXED_QUIZ.removeprefix(QUIZ).replace("        key: true\n", ""))
    assert mixed.problems() == [(FILE, FIRST_LINE + 4, "No choice is the key.")]
    assert "`key: true`" in mixed.only_problem().hint


def test_the_other_type_is_named_when_single_choice_has_two_keys(files: CourseFiles) -> None:
    files.replace(FILE, "text: Much data", "text: Much data\n        key: true")
    assert "`multiple`" in files.only_problem().hint
