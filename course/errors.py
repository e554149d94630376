"""What can go wrong in the course's text.

CourseError
├── ContentError         a course folder has problems; carries all of them
├── UnknownCourse        no loaded course has this id
├── UnknownItem          the course has no item with this id
└── UnreadableSnapshot   a stored snapshot is not one this version can read
"""

from collections.abc import Sequence
from dataclasses import dataclass


class CourseError(Exception):
    """The parent of every error of the course's text. None of them can be cured by trying again."""

    retryable = False


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a course folder, in words for its author.

    `file` is the path as the author would open it (the folder as it was given, then the file); `line` counts from 1.
    `message` says what is wrong, `hint` what to do; both are whole sentences.
    """

    file: str
    line: int
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} {self.hint}"


class ContentError(CourseError):
    """A course cannot be used. `problems` holds every fault found, by file and line, never just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownCourse(CourseError):
    def __init__(self, course_id: str) -> None:
        self.course_id = course_id
        super().__init__(f"no course has the id {course_id!r}")


class UnknownItem(CourseError):
    def __init__(self, course_id: str, item_id: str) -> None:
        self.course_id = course_id
        self.item_id = item_id
        super().__init__(f"the course {course_id!r} has no item with the id {item_id!r}")


class UnreadableSnapshot(CourseError):
    """A snapshot was written by a later version, or is damaged. The attempt it belongs to must not be touched."""
