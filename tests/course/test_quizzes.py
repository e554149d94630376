"""Faults of quizzes, each with its file and line."""

import pytest

from course.catalog import load_course
from course.items import Quiz
from tests.course.course_files import QUIZ, CourseFiles

FILE = "module-1/quiz-1.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("        key: true\n", "", 6, "No choice is the key."),
        ("text: Much data", "text: Much data\n        key: true", 13, "A second choice is the key."),
        ("key: true", "key: yes", 9, 'Question 1, choice 1: `key` must be true or false, not the text "yes".'),
        ("text: Much data", "text: Many *layers*", 12, "The choices `layers` and `data` have the same text."),
        ("text: Much data", "text: 42", 12, "Question 1, choice 2: `text` must be a text, not the number 42."),
        ("text: Much data", "text: '  '", 12, "Question 1, choice 2: `text` must not be empty."),
        ("text: Much data", "text: '&nbsp;'", 12, "`text` shows no text."),
        ("text: Much data", "text: Much [data](https://a.b)", 12,
         "`text`: A link cannot stand in a stem, a choice or a definition."),
        ("text: Much data", "text: Much <b>data", 12, "`text`: HTML is not allowed: <b>"),
        ("text: Much data", "text: '![data](x.png)'", 12,
         "`text`: An image cannot stand in a stem, a choice or a definition."),
        ("        feedback: No, layers.\n", "", 11, "Question 1, choice 2 has no `feedback`."),
        ("        feedback: No, layers.", "        feedback:", 13,
         "Question 1, choice 2: `feedback` must be a text, not nothing."),
        ("feedback: No, layers.", "feedback: '# No'", 13,
         "`feedback`: A heading cannot stand in a text of a quiz or a lab."),
        ("feedback: No, layers.", "feedback: '> [!peers]\n\n          > No'", 13,
         "`feedback`: A callout cannot stand in a text of a quiz or a lab."),
        ("feedback: No, layers.", "feedback: '[No](term:weight)'", 13,
         "`feedback`: A key term cannot be marked in a text of a quiz or a lab."),
        ("feedback: No, layers.", "feedback: '[No](item:lesson-7)'", 13, "The course has no item `lesson-7`."),
        ("explanation: It counts layers.", "explanation: '![a](a.png)'", 14, "There is no file module-1/a.png."),
        ("id: data", "id: layers", 11, "The id `layers` is used twice; the first time in line 7."),
        ("id: data", "id: Data", 11,
         "Question 1, choice 2: `id` must be 1 to 64 lower-case letters, digits and hyphens."),
        ("id: data", 'id: "data\\n"', 11,
         "Question 1, choice 2: `id` must be 1 to 64 lower-case letters, digits and hyphens."),
        ("id: data", "name: a\n        id: data", 11, "Question 1, choice 2 has an unknown key `name`."),
        ("type: single", "type: essay", 4,
         'Question 1: `type` must be one of single, multiple, true-false, not "essay".'),
        ("    type: single\n", "", 3, "Question 1 has no `type`."),
        ('    stem: What does "deep" mean?\n', "", 3, "Question 1 has no `stem`."),
        ('stem: What does "deep" mean?', 'stem: "Deep" means?', 5,
         "This line does not fit the one before it: the indentation is off, or a quoted text goes on."),
        ("stem: What does", "stem: *What* does", 5, "A text begins with *, which YAML reads as a reference."),
        ("stem: What", "stem: !What", 5,
         "A text begins with *, & or !, which YAML reads as a reference, a mark or a tag."),
        ("id: deep", "id: deep\n    id: deeper", 4, "`id` is given twice; the first time in line 3."),
        ("title: What", "titel: What", 1, "The file has an unknown key `titel`."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_a_quiz_is_at_fault(
    files: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    files.replace(FILE, old, new)
    assert (FILE, line, message) in files.problems()
    assert set(files.places()) == {(FILE, line)}


def test_too_few_choices_are_named_when_there_is_one(files: CourseFiles) -> None:
    files.write(FILE, QUIZ[: QUIZ.index("      - id: data")])
    assert files.problems() == [(FILE, 6, "Question 1: `choices` must have at least 2 entries, and has 1.")]


def test_too_many_choices_are_named_when_there_are_nine(files: CourseFiles) -> None:
    more = "".join(f"      - {{id: c{n}, text: Number {n}, feedback: No.}}\n" for n in range(7))
    files.replace(FILE, "    explanation", f"{more}    explanation")
    assert files.problems() == [(FILE, 6, "Question 1: `choices` must have at most 8 entries, and has 9.")]


def test_other_questions_are_still_judged_when_one_does_not_fit(files: CourseFiles) -> None:
    second = QUIZ[QUIZ.index("  - id: deep") :].replace("        key: true\n", "")
    files.write(FILE, QUIZ.replace("type: single", "type: essay") + second)
    assert [(line, message) for _, line, message in files.problems()] == [
        (4, 'Question 1: `type` must be one of single, multiple, true-false, not "essay".'),
        (15, "The id `deep` is used twice; the first time in line 3."),
        (18, "No choice is the key."),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is nothing here to read."),
        ("text", 'The file must be keys with values, not the text "text".'),
        ("title: a\nquestions: []", "`questions` must have at least 1 entry, and has 0."),
        ("title: a\n---\nb: c", "A second document begins here."),
        ("title: [" + "[" * 40, "The lists and keys are nested too deeply."),
        ('title: "\\UFFFFFFFF"', "This is not YAML."),
        ('title: "\\ud800"', "An escape stands for a character that cannot be shown (U+D800)."),
    ],
)
def test_the_quiz_is_refused_when_it_is_no_quiz_at_all(files: CourseFiles, text: str, message: str) -> None:
    files.write(FILE, text)
    assert message in [found for _, _, found in files.problems()]


def test_words_of_other_languages_stay_words_when_yaml_would_take_them_for_values(files: CourseFiles) -> None:
    files.write(FILE, QUIZ.replace("Much data", "no").replace("Many layers", "12:30"))
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    assert ["no" in str(quiz.questions), "12:30" in str(quiz.questions)] == [True, True]


def test_the_introduction_is_rendered_when_a_quiz_has_one(files: CourseFiles) -> None:
    files.replace(FILE, "title: What You Read", "title: What You Read\nsubtitle: Five minutes\nintro: Take *time*.")
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    assert (quiz.subtitle, quiz.intro_html) == ("Five minutes", "<p>Take <em>time</em>.</p>")
