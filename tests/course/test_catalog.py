import os
from pathlib import Path
from threading import Event, Thread

import pytest

from course.catalog import Catalog
from course.errors import ContentError, UnknownCourse
from tests.course.course_files import CourseFiles, write_course

QUIZ = "module-1/quiz-1.yaml"


def test_courses_are_served_in_order_when_several_are_given(tmp_path: Path) -> None:
    one, two = write_course(tmp_path / "one", "one"), write_course(tmp_path / "two", "two")
    catalog = Catalog([two.folder, one.folder])
    assert [course.id for course in catalog.courses] == ["two", "one"]
    assert catalog.default.id == "two"
    assert catalog.course("one").item("quiz-1").title == "What You Read"
    assert catalog.problems == ()


def test_unknown_course_is_raised_when_no_course_has_the_id(files: CourseFiles) -> None:
    with pytest.raises(UnknownCourse, match="'large'"):
        Catalog([files.folder]).course("large")


def test_unknown_course_is_raised_when_the_catalog_is_empty() -> None:
    with pytest.raises(UnknownCourse):
        _ = Catalog([]).default


def test_all_problems_are_raised_when_the_first_reading_fails(tmp_path: Path) -> None:
    one, two = write_course(tmp_path / "one", "one"), write_course(tmp_path / "two", "two")
    one.replace(QUIZ, "        key: true\n", "")
    two.replace(QUIZ, "type: single", "type: essay")
    with pytest.raises(ContentError) as caught:
        Catalog([one.folder, two.folder])
    assert [problem.line for problem in caught.value.problems] == [6, 4]


def test_the_second_course_is_named_when_two_have_one_id(tmp_path: Path) -> None:
    one, two = write_course(tmp_path / "one"), write_course(tmp_path / "two")
    with pytest.raises(ContentError) as caught:
        Catalog([one.folder, two.folder])
    (problem,) = caught.value.problems
    assert problem.file == f"{two.folder.as_posix()}/course.yaml"


def test_nothing_is_read_again_when_nothing_changed(files: CourseFiles) -> None:
    catalog = Catalog([files.folder])
    course = catalog.default
    assert catalog.reload_if_changed() is False
    assert catalog.default is course


def test_the_new_version_is_served_when_a_file_changed(files: CourseFiles) -> None:
    catalog = Catalog([files.folder])
    files.replace(QUIZ, "title: What You Read", "title: What You Have Read")
    assert catalog.reload_if_changed() is True
    assert catalog.default.item("quiz-1").title == "What You Have Read"


def test_the_new_version_is_served_when_only_the_time_tells_of_the_change(files: CourseFiles) -> None:
    catalog = Catalog([files.folder])
    files.replace(QUIZ, "Much data", "Tiny data")
    os.utime(files.folder / QUIZ, (1, 1))
    assert catalog.reload_if_changed() is True


def test_the_last_good_version_is_served_when_the_new_one_has_problems(files: CourseFiles) -> None:
    catalog = Catalog([files.folder])
    course = catalog.default
    files.replace(QUIZ, "        key: true\n", "")
    assert catalog.reload_if_changed() is False
    assert catalog.default is course
    assert [problem.message for problem in catalog.problems] == ["No choice is the key."]
    assert catalog.reload_if_changed() is False
    files.replace(QUIZ, "text: Many layers\n", "text: Many layers\n        key: true\n        # mended\n")
    catalog.reload_if_changed()
    assert catalog.problems == ()
    assert catalog.default == course


def test_the_course_is_read_again_when_a_missing_file_appears(files: CourseFiles) -> None:
    catalog = Catalog([files.folder])
    files.add_to_lesson("![A curve](curve.png)")
    catalog.reload_if_changed()
    assert [problem.message for problem in catalog.problems] == ["There is no file module-1/curve.png."]
    files.write("module-1/curve.png", b"png")
    assert catalog.reload_if_changed() is True
    assert catalog.default.assets == {"module-1/curve.png"}


def test_the_last_good_version_is_served_when_the_folder_is_gone(files: CourseFiles, tmp_path: Path) -> None:
    catalog = Catalog([files.folder])
    files.folder.rename(tmp_path / "moved")
    assert catalog.reload_if_changed() is False
    assert catalog.default.id == "small"
    assert [problem.message for problem in catalog.problems] == ["There is no file course.yaml."]


def test_the_last_good_version_is_served_when_a_course_takes_anothers_id(tmp_path: Path) -> None:
    one, two = write_course(tmp_path / "one", "one"), write_course(tmp_path / "two", "two")
    catalog = Catalog([one.folder, two.folder])
    two.replace("course.yaml", "id: two", "id: one")
    assert catalog.reload_if_changed() is False
    assert [course.id for course in catalog.courses] == ["one", "two"]
    assert [problem.message for problem in catalog.problems] == ["Another course has the id `one` too."]


def test_a_second_thread_goes_on_at_once_when_the_first_is_reloading(
    files: CourseFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = Catalog([files.folder])
    files.replace(QUIZ, "title: What You Read", "title: Anew")
    reading, go_on = Event(), Event()
    read_again = Catalog._read_again

    def slow(*arguments: object) -> object:
        reading.set()
        assert go_on.wait(10)
        return read_again(*arguments)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(Catalog, "_read_again", slow)
    first = Thread(target=catalog.reload_if_changed)
    first.start()
    assert reading.wait(10)
    assert catalog.reload_if_changed() is False
    assert catalog.default.item("quiz-1").title == "What You Read"
    go_on.set()
    first.join(10)
    assert catalog.default.item("quiz-1").title == "Anew"
