"""The courses: one with activities in it, one to begin with nothing, and the people of both."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lti_tool.practice_lms.activities import ActivitySpec, LineItemSpec
from lti_tool.practice_lms.personality import Personality, Role

STAFF: tuple[Role, ...] = ("instructor", "assistant")
ROLE_WORDS: dict[Role, str] = {
    "instructor": "Instructor",
    "assistant": "Teaching assistant",
    "student": "Student",
}


@dataclass(frozen=True, slots=True)
class LmsCourse:
    """A course of the platform's (LTI Core 1.3 §3.1.5). ``number`` counts from 1; ``history`` has the numbers of those
    that it was copied from, the newest first."""

    number: int
    label: str
    title: str
    history: tuple[int, ...] = ()


COURSES = (
    LmsCourse(1, "DL-101", "Deep Learning: Build Real Things"),
    LmsCourse(2, "DL-102", "Deep Learning, spring term"),
)


def courses(db: sqlite3.Connection) -> list[LmsCourse]:
    """Every course: those of the beginning, and the copies made since."""
    found = {one.number: one for one in COURSES}
    for row in db.execute("SELECT * FROM copied_course ORDER BY number"):
        history = (row["origin"], *found[row["origin"]].history)
        found[row["number"]] = LmsCourse(row["number"], row["label"], row["title"], history)
    return list(found.values())


def find_course(db: sqlite3.Connection, number: str) -> LmsCourse | None:
    """The course of a number as an address has it, or None."""
    return next((one for one in courses(db) if str(one.number) == number), None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the course. ``id`` is digits, but text, as Moodle's; `Personality.sub` is what a tool gets of it."""

    id: str
    given_name: str
    family_name: str
    email: str
    role: Role

    @property
    def name(self) -> str:
        """The name as people write it."""
        return f"{self.given_name} {self.family_name}"

    @property
    def role_word(self) -> str:
        """The role in words for a page."""
        return ROLE_WORDS[self.role]

    @property
    def is_staff(self) -> bool:
        """Whether this person may see everybody's grades."""
        return self.role in STAFF


@dataclass(frozen=True, slots=True)
class Activity:
    """A resource link of a course (LTI Core 1.3 §3.1.4). Students find only what is ``published``; ``dates`` are those
    that came with it, by the names of Deep Linking 2.0 §3.5; ``link_history`` has the ids of the links that it was
    copied from, the newest first."""

    id: str
    resource_link_id: str
    title: str
    url: str
    custom: dict[str, str]
    course: LmsCourse = COURSES[0]
    published: bool = True
    dates: dict[str, dict[str, str]] = field(default_factory=dict)
    link_history: tuple[str, ...] = ()


PEOPLE = (
    Person("101", "Grace", "Hopper", "grace.hopper@example.org", "instructor"),
    Person("102", "Dorothy", "Vaughan", "dorothy.vaughan@example.org", "assistant"),
    Person("201", "Ada", "Lovelace", "ada.lovelace@example.org", "student"),
    Person("202", "Alan", "Turing", "alan.turing@example.org", "student"),
    Person("203", "Katherine", "Johnson", "katherine.johnson@example.org", "student"),
    Person("204", "Karen", "Spärck Jones", "karen.sparck-jones@example.org", "student"),
    Person("205", "Edsger", "Dijkstra", "edsger.dijkstra@example.org", "student"),
)


def seed(db: sqlite3.Connection, activities: Iterable[ActivitySpec], personality: Personality) -> None:
    """Bring people and activities up to date; what is there already is kept, with its grades.

    An activity's column is made once: a column that the tool changed or deleted
    afterwards stays as the tool left it.
    """
    for position, person in enumerate(PEOPLE):
        db.execute(
            "INSERT OR IGNORE INTO person VALUES (?, ?, ?, ?, ?, ?)",
            (person.id, person.given_name, person.family_name, person.email, person.role, position),
        )
    # Activities that are no longer in the list stay, after those that are.
    db.execute("UPDATE activity SET position = position + 100000 WHERE position < 100000 AND course = 1")
    for position, spec in enumerate(activities):
        _seed_activity(db, spec, position, personality)


def _seed_activity(db: sqlite3.Connection, spec: ActivitySpec, position: int, personality: Personality) -> None:
    number = db.execute("SELECT count(*) + 1 AS number FROM activity").fetchone()["number"]
    link_id = personality.resource_link_id(spec.id, number)
    kept = db.execute(
        "INSERT INTO activity (id, resource_link_id, title, url, custom, position) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title, url = excluded.url,"
        " custom = excluded.custom, position = excluded.position RETURNING resource_link_id, column_made",
        (spec.id, link_id, spec.title, spec.url, json.dumps(spec.custom), position),
    ).fetchone()
    if spec.line_item is None or kept["column_made"]:
        return
    make_column(db, spec.id, kept["resource_link_id"], spec.line_item)


def make_column(
    db: sqlite3.Connection, activity_id: str, resource_link_id: str, item: LineItemSpec, course: LmsCourse = COURSES[0]
) -> None:
    """Make the column of an activity."""
    db.execute(
        "INSERT INTO line_item (label, score_maximum, resource_id, tag, resource_link_id, made_with_activity, course)"
        " VALUES (?, ?, ?, ?, ?, 1, ?)",
        (item.label, item.score_maximum, item.resource_id, item.tag, resource_link_id, course.number),
    )
    db.execute("UPDATE activity SET column_made = 1 WHERE id = ?", (activity_id,))


def place(
    db: sqlite3.Connection,
    personality: Personality,
    course: LmsCourse,
    spec: ActivitySpec,
    *,
    published: bool,
    dates: Mapping[str, Mapping[str, str]],
) -> None:
    """Put a new activity at the end of a course, with its column if it has one."""
    number = db.execute("SELECT count(*) + 1 AS number FROM activity").fetchone()["number"]
    activity_id = f"{spec.id}-{number}"  # the same item may be placed again
    link_id = personality.resource_link_id(activity_id, number)
    db.execute(
        "INSERT INTO activity (id, resource_link_id, title, url, custom, position, course, published, dates)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            activity_id,
            link_id,
            spec.title,
            spec.url,
            json.dumps(spec.custom),
            1_000_000 + number,
            course.number,
            int(published),
            json.dumps(dates),
        ),
    )
    if spec.line_item is not None:
        make_column(db, activity_id, link_id, spec.line_item, course)


def publish(db: sqlite3.Connection, course: LmsCourse, activity_id: str | None = None) -> None:
    """Open an activity to students; without an id, every one of the course."""
    db.execute(
        "UPDATE activity SET published = 1 WHERE course = ? AND (id = ? OR ? IS NULL)",
        (course.number, activity_id, activity_id),
    )


def is_unpublished(db: sqlite3.Connection, resource_link_id: str | None) -> bool:
    """Whether a link is one that students cannot see yet."""
    row = db.execute("SELECT published FROM activity WHERE resource_link_id = ?", (resource_link_id,)).fetchone()
    return row is not None and not row["published"]


def people(db: sqlite3.Connection) -> list[Person]:
    """Everybody, in the order of the seed."""
    return [_person(row) for row in db.execute("SELECT * FROM person ORDER BY position")]


def find_person(db: sqlite3.Connection, user_id: str) -> Person | None:
    """The person with this id, or None."""
    row = db.execute("SELECT * FROM person WHERE id = ?", (user_id,)).fetchone()
    return None if row is None else _person(row)


def person_of_sub(db: sqlite3.Connection, personality: Personality, sub: str) -> Person | None:
    """Whom a tool means by a user id of launches, or None."""
    return next((person for person in people(db) if personality.sub(person.id) == sub), None)


def activities(db: sqlite3.Connection, course: LmsCourse = COURSES[0]) -> list[Activity]:
    """All activities of a course in its order."""
    rows = db.execute("SELECT * FROM activity WHERE course = ? ORDER BY position", (course.number,))
    return [_activity(row, course) for row in rows]


def find_activity(db: sqlite3.Connection, activity_id: str) -> Activity | None:
    """The activity with this id, or None."""
    row = db.execute("SELECT * FROM activity WHERE id = ?", (activity_id,)).fetchone()
    if row is None:
        return None
    return _activity(row, next(one for one in courses(db) if one.number == row["course"]))


def find_activity_of_link(db: sqlite3.Connection, resource_link_id: str) -> Activity | None:
    """The activity of a resource link, or None."""
    row = db.execute("SELECT id FROM activity WHERE resource_link_id = ?", (resource_link_id,)).fetchone()
    return None if row is None else find_activity(db, row["id"])


def link_exists(db: sqlite3.Connection, resource_link_id: str) -> bool:
    """Whether a resource link with this id is in the course."""
    found = db.execute("SELECT 1 FROM activity WHERE resource_link_id = ?", (resource_link_id,)).fetchone()
    return found is not None


def _person(row: sqlite3.Row) -> Person:
    return Person(row["id"], row["given_name"], row["family_name"], row["email"], row["role"])


def _activity(row: sqlite3.Row, course: LmsCourse) -> Activity:
    return Activity(
        row["id"],
        row["resource_link_id"],
        row["title"],
        row["url"],
        json.loads(row["custom"]),
        course=course,
        published=bool(row["published"]),
        dates=json.loads(row["dates"]),
        link_history=tuple(row["origin"].split(",")) if row["origin"] else (),
    )
