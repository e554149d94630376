"""Faults of course.yaml and of the files it names."""

import os
from pathlib import Path

import pytest

from course.catalog import load_course
from course.errors import ContentError, CourseError
from course.items import Lesson
from tests.course.course_files import FILES, LESSON, QUIZ, CourseFiles

FILE = "course.yaml"
LESSON_LINE = "{id: lesson-1, kind: lesson, file: module-1/lesson-1.md, label: L1}"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: small\n", "", 1, "The file has no `id`."),
        ("id: small", "id: Small Course", 1, "`id` must be 1 to 64 lower-case letters, digits and hyphens."),
        ("language: en", "language: English", 3, "`language` must be a language tag such as en or pt-BR."),
        ("title: Beginnings", "title:", 6, "Module 1: `title` must be a text, not nothing."),
        ("title: Beginnings", "title: '*Beginnings*'", 6, "`title`: This must be plain text, without markup."),
        ("label: L1", "label: A label that is much too long", 9,
         "Module 1, item 2: `label` must have at most 24 characters, and has 29."),
        ("kind: lesson", "kind: video", 9,
         'Module 1, item 2: `kind` must be one of introduction, lesson, quiz, lab, test, not "video".'),
        ("file: module-1/lesson-1.md", "file: module-1/lesson-9.md", 9, "There is no file module-1/lesson-9.md."),
        ("file: module-1/lesson-1.md", "file: ../small/lesson-1.md", 9,
         "Module 1, item 2: `file` must be a path from the course folder, such as module-1/lesson-1.md: letters, "
         "digits, . _ - and / only, no part beginning with a dot."),
        ("file: module-1/lesson-1.md", "file: module-1", 9, "module-1 is not a file."),
        ("file: module-1/lesson-1.md", "file: module-1/introduction.md", 9,
         "The file module-1/introduction.md already belongs to the item `introduction`."),
        ("id: lesson-1", "id: introduction", 9, "The id `introduction` is used twice; the first time in line 8."),
        (LESSON_LINE, "lesson-1", 9, 'Module 1, item 2 must be keys with values, not the text "lesson-1".'),
        ("label: L1", "label: L1, policy: {attempts: 1}", 9, "The kind lesson is not graded and has no policy."),
        ("label: Quiz", "label: Quiz\n        policy: {attempts: 0}", 14,
         "Module 1, item 3: `attempts` must be a whole number from 1 to 1000, or the word unlimited."),
        ("label: Quiz", "label: Quiz\n        policy: {attempts: often}", 14,
         "Module 1, item 3: `attempts` must be a whole number from 1 to 1000, or the word unlimited."),
        ("label: Quiz", "label: Quiz\n        policy:\n          counts: beste", 15,
         'Module 1, item 3: `counts` must be one of best, last, first, average, not "beste".'),
        ("label: Quiz", "label: Quiz\n        policy: {pass_percent: 80%}", 14,
         "Module 1, item 3: `pass_percent` must be a whole number from 0 to 100 without a percent sign, or null."),
        ("label: Quiz", "label: Quiz\n        policy: {pass_percent: 101}", 14,
         "Module 1, item 3: `pass_percent` must be a whole number from 0 to 100 without a percent sign, or null."),
        ("label: Quiz", "label: Quiz\n        policy: {shuffle: true}", 14,
         'Module 1, item 3: `shuffle` must be one of none, choices, questions, both, not "True".'),
        ("label: Quiz", "label: Quiz\n        policy: {points: 0}", 14,
         "Module 1, item 3: `points` must be a number from 0.01 to 100000."),
        ("label: Quiz", "label: Quiz\n        policy: {points: 0.00001}", 14,
         "Module 1, item 3: `points` must be a number from 0.01 to 100000."),
        ("label: Quiz", "label: Quiz\n        polcy: {points: 1}", 14,
         "Module 1, item 3 has an unknown key `polcy`."),
    ],
)  # fmt: skip
def test_the_line_is_named_when_course_yaml_is_at_fault(
    files: CourseFiles, old: str, new: str, line: int, message: str
) -> None:
    files.replace(FILE, old, new)
    assert files.problems() == [(FILE, line, message)]


def test_module_ids_are_unique_when_there_are_several_modules(files: CourseFiles) -> None:
    files.write("extra.md", "---\ntitle: More\n---\nText.")
    more = "  - {id: module-1, title: More, items: [{id: more, kind: lesson, file: extra.md, label: L2}]}\n"
    files.write(FILE, FILES[FILE] + more)
    assert files.problems() == [(FILE, 14, "The id `module-1` is used twice; the first time in line 5.")]


def test_files_are_still_judged_when_course_yaml_is_at_fault_elsewhere(files: CourseFiles) -> None:
    files.replace(FILE, "title: Beginnings", "titel: Beginnings")
    files.replace("module-1/quiz-1.yaml", "        key: true\n", "")
    assert files.places() == [(FILE, 5), (FILE, 6), ("module-1/quiz-1.yaml", 6)]


def test_the_folder_is_named_when_there_is_no_course_in_it(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ContentError) as caught:
            load_course(folder)
        (problem,) = caught.value.problems
        assert (problem.file, problem.line) == (f"{folder.as_posix()}/course.yaml", 1)
        assert problem.message == "There is no file course.yaml."


def test_the_error_reads_as_file_line_and_advice_when_printed(files: CourseFiles) -> None:
    files.replace(FILE, "kind: lesson", "kind: leson")
    with pytest.raises(CourseError) as caught:
        load_course(files.folder)
    assert str(caught.value) == (
        f"{files.folder}/course.yaml:9: Module 1, item 2: `kind` must be one of introduction, lesson, quiz, lab, "
        'test, not "leson". Did you mean lesson?'
    )


def test_text_in_another_encoding_is_named_with_its_line_when_read(files: CourseFiles) -> None:
    files.write("module-1/lesson-1.md", LESSON.replace("not magic", "not caf\N{LATIN SMALL LETTER E WITH ACUTE}")
                .encode("latin-1"))  # fmt: skip
    assert files.problems() == [("module-1/lesson-1.md", 21, "module-1/lesson-1.md is not saved as UTF-8.")]


def test_an_invisible_character_is_named_with_its_line_when_read(files: CourseFiles) -> None:
    files.replace("module-1/quiz-1.yaml", "Much data", "Much\x0bdata")
    assert files.problems() == [("module-1/quiz-1.yaml", 12, "There is an invisible character here (U+000B).")]


def test_a_huge_file_is_refused_when_it_is_larger_than_a_megabyte(files: CourseFiles) -> None:
    files.write("module-1/lesson-1.md", LESSON + "a" * 1_000_000)
    assert files.problems() == [("module-1/lesson-1.md", 1, "module-1/lesson-1.md is larger than 1 MB.")]


def test_the_same_course_is_read_when_files_have_a_mark_and_windows_line_ends(files: CourseFiles) -> None:
    before = load_course(files.folder)
    for name, text in FILES.items():
        files.write(name, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_course(files.folder) == before


def test_lines_are_counted_the_same_when_a_file_has_windows_line_ends(files: CourseFiles) -> None:
    files.write("module-1/quiz-1.yaml", QUIZ.replace("text: Much data", "text: 4").replace("\n", "\r\n"))
    assert files.places() == [("module-1/quiz-1.yaml", 12)]


def test_a_link_out_of_the_folder_is_refused_when_followed(files: CourseFiles, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text(LESSON, encoding="utf-8")
    path = files.folder / "module-1/lesson-1.md"
    path.unlink()
    path.symlink_to(tmp_path / "outside.md")
    assert files.problems() == [(FILE, 9, "module-1/lesson-1.md lies outside the course folder.")]


def test_a_linked_folder_is_refused_when_it_leads_out(files: CourseFiles, tmp_path: Path) -> None:
    (files.folder / "module-1").rename(tmp_path / "module-1")
    (files.folder / "module-1").symlink_to(tmp_path / "module-1")
    assert files.places() == [(FILE, 8), (FILE, 9), (FILE, 12)]


def test_a_course_is_read_when_its_own_folder_is_a_link(files: CourseFiles, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(files.folder)
    assert load_course(link) == load_course(files.folder)


def test_a_pipe_does_not_hold_up_the_reader_when_named_as_a_file(files: CourseFiles) -> None:
    path = files.folder / "module-1/lesson-1.md"
    path.unlink()
    os.mkfifo(path)
    assert files.problems() == [(FILE, 9, "module-1/lesson-1.md is not a file.")]


def test_a_link_in_circles_is_refused_when_followed(files: CourseFiles) -> None:
    path = files.folder / "module-1/lesson-1.md"
    path.unlink()
    path.symlink_to(path)
    assert files.problems() == [(FILE, 9, "There is no file module-1/lesson-1.md.")]


def test_the_language_is_english_when_the_course_names_none(files: CourseFiles) -> None:
    files.replace(FILE, "language: en\n", "")
    assert load_course(files.folder).language == "en"


def test_a_lesson_may_be_without_a_question_when_the_author_has_none(files: CourseFiles) -> None:
    files.replace("module-1/lesson-1.md", "opening_question: How would you know?\n", "")
    lesson = load_course(files.folder).item("lesson-1")
    assert isinstance(lesson, Lesson)
    assert lesson.opening_question is None
