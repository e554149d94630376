"""Columns that no launch names, on a Moodle and a Canvas as they are: found, or made once, and the grades in them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from config import clock
from config.database import Database
from course.attempts import start_attempt, submit_attempt
from grading.service import record_quiz_outcome
from lti_tool import column_searches, column_seeker
from lti_tool.admission import Admission, admit
from lti_tool.column_searches import want_columns
from lti_tool.column_seeker import ColumnSeeker
from lti_tool.delivery import Deliverer
from lti_tool.gradebook import owe_score
from lti_tool.launch import read_launch
from lti_tool.models import ColumnSearch, LineItem, OutboxScore
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.personality import Personality
from lti_tool.registrations import add_platform
from lti_tool.service_pages import next_address
from tests.support.factory import BUILT_IN, QUIZ, answer_quiz
from tests.support.practice import ADA, ALAN, GRACE, TOOL, PracticeLms

QUIZ_COLUMN = {"label": "Quiz", "scoreMaximum": 5, "resourceId": QUIZ.id, "tag": "grade"}
LAB_COLUMN = {"label": "Lab", "scoreMaximum": 10, "resourceId": "lab-1", "tag": "grade"}
INSERT = (
    "INSERT INTO line_item (label, score_maximum, resource_id, tag, resource_link_id, made_with_activity)"
    " VALUES (?, ?, ?, 'grade', ?, 0)"
)
MODULE = {QUIZ.id: QUIZ_COLUMN, "lab-1": LAB_COLUMN}


class Course:
    """A platform's course as its launches come in, and the workers behind."""

    def __init__(self, lms: PracticeLms, database: Database, http: requests.Session) -> None:
        self.lms, self.database = lms, database
        self.seeker, self.deliverer = ColumnSeeker(database, http), Deliverer(database, http, TOOL)
        with database.transaction() as session:
            self.registration_id = add_platform(session, **lms.registration())[0].id

    def launch(self, activity: str, wanted: dict[str, Any], person: str = ADA) -> Admission:
        launch = read_launch(
            self.lms.claims(person, activity), registration_id=self.registration_id, base_url=TOOL,
            issued_at=clock.now().timestamp(),
        )  # fmt: skip
        item_id = None if activity == "whole" else QUIZ.id
        with self.database.transaction() as session:
            admission = admit(session, launch, course_id=BUILT_IN.id, item_id=item_id)
            want_columns(session, launch, admission.resource_link, wanted)
            return admission

    def due(self) -> list[int]:
        with self.database.reading() as session:
            return column_searches.due_ids(session)

    def seek(self) -> None:
        for one in self.due():
            self.seeker.seek(one)

    def earn(self, came_by: Admission, right: int) -> None:
        with self.database.transaction() as session:
            attempt = start_attempt(session, came_by.placement, came_by.learner.id, QUIZ, is_preview=False)
            answer_quiz(session, attempt, right)
            submit_attempt(session, attempt)
            record_quiz_outcome(session, attempt)
            owe_score(session, came_by.placement, came_by.learner.id, QUIZ.id)

    def deliver(self) -> None:
        with self.database.reading() as session:
            ids = session.scalars(select(OutboxScore.id).order_by(OutboxScore.id)).all()
        for one in ids:
            self.deliverer.deliver(one)

    def searches(self) -> list[ColumnSearch]:
        with self.database.reading() as session:
            return list(session.scalars(select(ColumnSearch).order_by(ColumnSearch.line_item_id)))

    def urls(self) -> dict[str, str | None]:
        with self.database.reading() as session:
            return {one.item_id: one.url for one in session.scalars(select(LineItem).order_by(LineItem.id))}

    def columns(self) -> list[tuple[str, str, float]]:
        """Every column of the LMS's gradebook: resource id, label, maximum."""
        with self.lms.platform.store.transaction() as db:
            rows = db.execute("SELECT * FROM line_item ORDER BY id").fetchall()
        return [(row["resource_id"], row["label"], row["score_maximum"]) for row in rows]


@pytest.fixture
def course_on(
    tmp_path: Path, sqlite_database: Database, http: requests.Session
) -> Iterator[Callable[[Personality], Course]]:
    running: list[PracticeLms] = []

    def start(personality: Personality) -> Course:
        running.append(PracticeLms(tmp_path / "lms", personality, sqlite_database, QUIZ.id))
        return Course(running[0], sqlite_database, http)

    yield start
    for lms in running:
        lms.stop()


Open = Callable[[Personality], Course]
on_both = pytest.mark.parametrize("personality", [moodle, canvas], ids=["moodle", "canvas"])


@on_both
def test_a_module_placed_as_one_link_gets_a_column_for_each_graded_item(
    course_on: Open, personality: Personality
) -> None:
    course = course_on(personality)
    course.lms.control("reset-grades")
    with course.lms.platform.store.transaction() as db:
        db.execute("DELETE FROM line_item")
    ada = course.launch("whole", MODULE)
    course.earn(ada, right=3)  # before there is a column
    course.deliver()
    course.seek()
    course.deliver()
    course.launch("whole", MODULE, person=ALAN)
    course.seek()

    assert course.columns() == [(QUIZ.id, "Quiz", 5), ("lab-1", "Lab", 10)]
    assert course.lms.grades(QUIZ.id) == {ADA: 3}
    assert course.due() == []


@on_both
def test_a_link_without_a_column_of_its_own_gets_one_and_leaves_anothers_alone(
    course_on: Open, personality: Personality
) -> None:
    course = course_on(personality)
    course.launch("quiz", {QUIZ.id: QUIZ_COLUMN})  # has its own; nothing is sought
    assert course.due() == []
    bare = course.launch("bare", {QUIZ.id: QUIZ_COLUMN})
    course.seek()
    course.earn(bare, right=4)
    course.deliver()

    assert [one[0] for one in course.columns()] == [QUIZ.id, QUIZ.id]
    with course.lms.platform.store.transaction() as db:
        held = db.execute("SELECT line_item_id, score_given FROM grade").fetchall()
    assert [tuple(row) for row in held] == [(2, 4.0)]


def test_a_column_that_moodle_no_longer_names_is_found_by_its_link(course_on: Open) -> None:
    course = course_on(moodle)
    with course.lms.platform.store.transaction() as db:  # a second column makes Moodle name neither
        link = db.execute("SELECT resource_link_id FROM line_item").fetchone()["resource_link_id"]
        db.execute(INSERT, ("Second", 5, "", link))
    course.launch("quiz", {QUIZ.id: QUIZ_COLUMN})
    course.seek()

    assert course.urls() == {QUIZ.id: course.lms.quiz_url}
    assert len(course.columns()) == 2


def test_many_launches_and_workers_at_once_make_one_column(
    course_on: Open, http: requests.Session, sqlite_database: Database
) -> None:
    course = course_on(moodle)
    workers = [ColumnSeeker(sqlite_database, http) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda person: course.launch("bare", {QUIZ.id: QUIZ_COLUMN}, person), [ADA, ALAN, GRACE] * 4))
        (due,) = course.due()
        list(pool.map(lambda worker: worker.seek(due), workers))

    assert len(course.columns()) == 2
    assert course.urls()[QUIZ.id]


def test_a_worker_that_was_paused_takes_back_the_column_it_made_too_late(
    course_on: Open, http: requests.Session, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = course_on(moodle)
    course.launch("bare", {QUIZ.id: QUIZ_COLUMN})
    (due,) = course.due()

    make, other = column_seeker.make_column, ColumnSeeker(sqlite_database, http)

    def paused(*arguments: Any) -> str:
        monkeypatch.setattr(column_seeker, "make_column", make)
        with sqlite_database.transaction() as session:  # the lease has run out, and another worker has the row
            session.get_one(ColumnSearch, due).lease_until = clock.now()
        other.seek(due)
        return make(*arguments)

    monkeypatch.setattr(column_seeker, "make_column", paused)
    course.seeker.seek(due)

    assert len(course.columns()) == 2
    assert course.urls()[QUIZ.id]


@on_both
def test_a_changed_label_and_maximum_follow_and_nothing_else_is_touched(
    course_on: Open, personality: Personality
) -> None:
    course = course_on(personality)
    course.launch("whole", {"lab-1": LAB_COLUMN})
    course.seek()
    course.launch("whole", {"lab-1": {**LAB_COLUMN, "label": "Lab, renamed", "scoreMaximum": 20}})
    course.seek()

    assert course.columns()[1:] == [("lab-1", "Lab, renamed", 20)]


def test_a_column_that_an_instructor_made_or_placed_is_never_renamed(course_on: Open) -> None:
    course = course_on(moodle)
    with course.lms.platform.store.transaction() as db:
        db.execute(INSERT, ("As I call it", 50, "lab-1", None))
    for label in ("Lab", "Lab, renamed"):
        course.launch("whole", {"lab-1": {**LAB_COLUMN, "label": label}})
        course.seek()

    assert course.columns()[1:] == [("lab-1", "As I call it", 50)]


def test_a_column_taken_out_of_the_gradebook_comes_back_only_with_an_instructor(course_on: Open) -> None:
    course = course_on(canvas)
    ada = course.launch("bare", {QUIZ.id: QUIZ_COLUMN})
    course.seek()
    with course.lms.platform.store.transaction() as db:
        db.execute("DELETE FROM line_item WHERE id = 2")
    course.earn(ada, right=2)
    course.deliver()
    course.launch("bare", {QUIZ.id: QUIZ_COLUMN})
    assert course.due() == []
    course.launch("bare", {QUIZ.id: QUIZ_COLUMN}, person=GRACE)
    course.seek()

    assert len(course.columns()) == 2


def test_a_platform_that_lets_us_make_none_is_not_asked_again_before_a_launch(course_on: Open) -> None:
    course = course_on(canvas)
    course.launch("bare", {QUIZ.id: QUIZ_COLUMN})
    with course.database.transaction() as session:
        session.scalars(select(LineItem)).one().container_url = f"{course.lms.address}/lti/nothing"
    course.seek()
    (search,) = course.searches()
    assert (search.cause, search.next_try_at) == ("service_404", None)
    course.launch("bare", {QUIZ.id: QUIZ_COLUMN})
    course.seek()

    assert course.urls()[QUIZ.id]


def test_next_pages_are_read_however_they_are_written() -> None:
    address = "https://lms.example/items?limit=1&from=1"
    moodles = f"<{address.replace('&', '&amp;')}>; rel=“next”".encode().decode("latin-1")

    assert next_address(f'<{address}>; rel="next"') == address
    assert next_address(f'<https://lms.example/first>; rel="first", <{address}>; rel="next"') == address
    assert next_address(moodles) == address
    assert next_address("") is None
    assert next_address('<https://lms.example/x>; rel="differences"') is None
