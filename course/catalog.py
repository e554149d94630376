"""The courses a process serves, read from their folders and read again when a file changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from course.errors import ContentError, Problem, UnknownCourse
from course.items import Course
from course.loading.courses import CourseReading
from course.loading.folder import COURSE_FILE, Stamp, stamp


def load_course(folder: Path) -> Course:
    """Raises ContentError with every problem of the folder."""
    return CourseReading(folder).course


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A course as it is served, and the files as they were when they were last read, whether that went well or not."""

    course: Course
    stamps: Mapping[Path, Stamp]
    problems: tuple[Problem, ...] = ()


class Catalog:
    """Serves the last good version of each course. Safe to share between threads: readers see one version or the
    next, whole, and never wait for a reload.

    Raises ContentError when it is made and any of the folders has problems, or two courses have the same id: a tool
    that starts must be able to serve what it was given.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        readings = [CourseReading(folder) for folder in folders]
        problems = [problem for reading in readings for problem in reading.problems]
        if problems:
            raise ContentError(problems)
        self._folders = tuple(folders)
        self._loaded = tuple(_Loaded(reading.course, reading.stamps) for reading in readings)
        self._reloading = Lock()
        for position, loaded in enumerate(self._loaded):
            if repeated := self._id_problem(loaded.course, position, self._loaded[:position]):
                raise ContentError([repeated])

    @property
    def courses(self) -> tuple[Course, ...]:
        """In the order of the folders."""
        return tuple(loaded.course for loaded in self._loaded)

    @property
    def default(self) -> Course:
        """The first course. Raises UnknownCourse when the catalog was given no folder."""
        courses = self.courses
        if not courses:
            raise UnknownCourse("")
        return courses[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps the newest files from being served; empty when they are."""
        return tuple(problem for loaded in self._loaded for problem in loaded.problems)

    def course(self, course_id: str) -> Course:
        """Raises UnknownCourse."""
        for course in self.courses:
            if course.id == course_id:
                return course
        raise UnknownCourse(course_id)

    def find_asset(self, course_id: str, path: str) -> Path | None:
        """The file of an image that the course's text uses; None for anything else. Raises UnknownCourse."""
        for folder, loaded in zip(self._folders, self._loaded, strict=True):
            if loaded.course.id == course_id:
                return folder / path if path in loaded.course.assets else None
        raise UnknownCourse(course_id)

    def reload_if_changed(self) -> bool:
        """Reads the folders again in which a file's time or size changed; True when a new version is served now.
        Costs one look at each file when nothing changed. Returns False at once while another thread reloads."""
        if not self._reloading.acquire(blocking=False):
            return False
        try:
            before = self.courses
            loaded = list(self._loaded)
            for position, old in enumerate(loaded):
                if any(stamp(path) != known for path, known in old.stamps.items()):
                    loaded[position] = self._read_again(position, loaded)
            self._loaded = tuple(loaded)
            return self.courses != before
        finally:
            self._reloading.release()

    def _read_again(self, position: int, loaded: Sequence[_Loaded]) -> _Loaded:
        reading = CourseReading(self._folders[position])
        if reading.problems:
            return _Loaded(loaded[position].course, reading.stamps, reading.problems)
        others = [*loaded[:position], *loaded[position + 1 :]]
        if repeated := self._id_problem(reading.course, position, others):
            return _Loaded(loaded[position].course, reading.stamps, (repeated,))
        return _Loaded(reading.course, reading.stamps)

    def _id_problem(self, course: Course, position: int, others: Sequence[_Loaded]) -> Problem | None:
        if all(other.course.id != course.id for other in others):
            return None
        file = (self._folders[position] / COURSE_FILE).as_posix()
        return Problem(file, 1, f"Another course has the id `{course.id}` too.", "Give one of the two another id.")
