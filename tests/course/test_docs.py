"""The page for authors shows a course that works, and names every kind there is."""

import os
import re
from pathlib import Path

import pytest

from course.check import check_course
from course.items import Counts, Feedback, Late, Shuffle, UnlockWhen
from course.loading.kinds import KINDS
from course.markdown_rules import CALLOUT_TITLES
from course.policy_values import RULES
from course.questions.registry import QUESTION_TYPES
from tests.course.course_files import CourseFiles

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "course-format.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^`([a-z0-9./-]+)`(?:, [a-z ]+:)?\n\n```[a-z]+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_example_is_a_sound_course_when_copied_from_the_page(tmp_path: Path) -> None:
    files = CourseFiles(tmp_path)
    for name, text in EXAMPLE.findall(PAGE):
        files.write(name, text)
    report = check_course(tmp_path)
    assert [str(problem) for problem in report.details] == []
    assert (report.introductions, report.lessons, report.sections, report.questions) == (1, 1, 2, 1)


def test_the_lab_is_sound_when_copied_from_the_page(tmp_path: Path) -> None:
    files = CourseFiles(tmp_path)
    for name, text in EXAMPLE.findall(PAGE):
        files.write(name, text)
    (entry,) = re.findall(r"^```yaml\n(      - id: lab-1\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    course = (tmp_path / "course.yaml").read_text(encoding="utf-8")
    files.write("course.yaml", course + entry)
    report = check_course(tmp_path)
    assert [str(problem) for problem in report.details] == []
    assert report.labs == 1


def test_the_other_types_are_sound_when_copied_from_the_page(files: CourseFiles) -> None:
    (quiz,) = re.findall(r"^```yaml\n(title: Two Other Types\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    files.write("module-1/quiz-1.yaml", quiz)
    report = check_course(files.folder)
    assert [str(problem) for problem in report.details] == []
    assert report.questions == 2


@pytest.mark.parametrize(
    "word",
    [
        *(f"`{kind}`" for kind in (*KINDS, *Counts, *Shuffle, *Feedback, *Late, *UnlockWhen, *RULES, *QUESTION_TYPES)),
        *(f"[!{kind}]" for kind in CALLOUT_TITLES),
    ],
)
def test_the_page_names_it_when_the_format_has_it(word: str) -> None:
    assert word in PAGE


def test_schemas_are_where_the_comment_says_when_a_course_lies_beside_the_built_in_one() -> None:
    module = REPOSITORY / "course" / "content" / "my-course" / "module-1"
    for start, path in (
        (module.parent, "../../schema/course.schema.json"),
        (module, "../../../schema/quiz.schema.json"),
        (module, "../../../schema/lab.schema.json"),
        (module, "../../../schema/rubric.schema.json"),
    ):
        assert f"$schema={path}" in PAGE
        assert Path(os.path.normpath(start / path)).parent == REPOSITORY / "course" / "schema"
        assert (REPOSITORY / "course" / "schema" / Path(path).name).is_file()
