"""Which course, and which item of it, a link leads to."""

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote, urlsplit

from course.catalog import Catalog as Courses
from lti_tool.launch import Launch

ITEMS_PATH = "/lti/items/"


class Catalog(Protocol):
    """What must be known of the courses here."""

    @property
    def default_course_id(self) -> str:
        """The course of links that name none."""

    def has_course(self, course_id: str) -> bool:
        """Whether there is such a course."""

    def has_item(self, course_id: str, item_id: str) -> bool:
        """Whether that course has such an item; False for a course that there is not."""


class CourseIndex:
    """The catalog as a launch asks it: what is there, by id."""

    def __init__(self, catalog: Courses) -> None:
        self._courses = {course.id: course for course in catalog.courses}
        self.default_course_id = catalog.default.id

    def has_course(self, course_id: str) -> bool:
        """Whether there is such a course."""
        return course_id in self._courses

    def has_item(self, course_id: str, item_id: str) -> bool:
        """Whether that course has such an item."""
        course = self._courses.get(course_id)
        return course is not None and course.find_item(item_id) is not None


@dataclass(frozen=True, slots=True)
class ChosenItem:
    """What a link opens: an item, or with None the whole course. `is_named`: the launch itself says so."""

    course_id: str
    item_id: str | None
    is_named: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """A link to something that is not here: mistyped, or taken out of the course since. Ids as they were given."""

    course_id: str
    item_id: str | None


def choose_item(launch: Launch, catalog: Catalog, base_url: str) -> ChosenItem | NotPlaced:
    """What `launch` opens: by its custom parameters `course` and `item`, else by its target, else the whole course.

    Both ways are kept because platforms lose one or the other when courses are copied. A target counts if it has the
    form `<base_url>/lti/items/<course>/<item>`; any other address of ours opens the default course.
    """
    course_id, item_id = launch.custom.get("course"), launch.custom.get("item")
    if course_id is None and item_id is None:
        course_id, item_id = _from_target(launch.target_link_uri, base_url)
    is_named = course_id is not None or item_id is not None
    course_id = course_id or catalog.default_course_id
    found = catalog.has_course(course_id) if item_id is None else catalog.has_item(course_id, item_id)
    return ChosenItem(course_id, item_id, is_named) if found else NotPlaced(course_id, item_id)


def _from_target(target: str, base_url: str) -> tuple[str | None, str | None]:
    path, start = urlsplit(target).path, urlsplit(base_url).path + ITEMS_PATH
    parts = [unquote(part) for part in path.removeprefix(start).split("/")] if path.startswith(start) else []
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else (None, None)
