from pathlib import Path

import pytest

from tests.course.course_files import CourseFiles, write_course


@pytest.fixture
def files(tmp_path: Path) -> CourseFiles:
    return write_course(tmp_path / "small")
