"""The built-in course's labs, and a copy of the course to be changed."""

import shutil
from pathlib import Path

from config.settings import BUILT_IN_COURSE
from course.items import Lab
from tests.support.factory import BUILT_IN

LABS = tuple(item for item in BUILT_IN.items if isinstance(item, Lab))


def course_with_labs(folder: Path) -> Path:
    """A copy of the built-in course, below `folder`."""
    copied = folder / "course"
    shutil.copytree(BUILT_IN_COURSE, copied)
    return copied
