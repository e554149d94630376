from pathlib import Path

from course.check import check_course
from tests.course.course_files import CourseFiles

BUILT_IN = Path(__file__).parents[2] / "course" / "content" / "deep-learning"
COUNTS = (
    "introductions",
    "lessons",
    "sections",
    "terms",
    "callouts",
    "quizzes",
    "labs",
    "tests",
    "questions",
    "problems",
)


def test_the_built_in_course_is_whole_when_checked() -> None:
    report = check_course(BUILT_IN)
    assert [str(problem) for problem in report.details] == []
    assert report.as_json() == {**dict(zip(COUNTS, (1, 4, 16, 12, 10, 4, 4, 1, 35, 0), strict=True)), "details": []}


def test_counts_and_details_are_told_when_a_course_has_problems(files: CourseFiles) -> None:
    files.replace("module-1/quiz-1.yaml", "        key: true\n", "")
    told = check_course(files.folder).as_json()
    assert told.pop("details") == [
        {
            "file": f"{files.folder.as_posix()}/module-1/quiz-1.yaml",
            "line": 6,
            "message": "No choice is the key.",
            "hint": "Add `key: true` to the right choice.",
        }
    ]
    assert told == dict(zip(COUNTS, (1, 1, 2, 1, 1, 1, 0, 0, 1, 1), strict=True))


def test_tests_are_counted_apart_when_a_quiz_is_a_test(files: CourseFiles) -> None:
    files.replace("course.yaml", "kind: quiz", "kind: test")
    report = check_course(files.folder)
    assert (report.quizzes, report.tests, report.questions) == (0, 1, 1)


def test_everything_is_zero_but_the_problems_when_there_is_no_course(tmp_path: Path) -> None:
    told = check_course(tmp_path).as_json()
    assert [told[name] for name in COUNTS] == [0] * 9 + [1]
