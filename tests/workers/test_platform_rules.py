"""Scores at a Moodle and a Canvas as they are: what reaches the gradebook, and what is told where it does not."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from config.database import Database
from lti_tool.ags import SCOPE_RESULT, SCOPE_SCORE, score_body
from lti_tool.delivery import Deliverer
from lti_tool.gradebook import state_of_score
from lti_tool.platforms import CANVAS_SUBMISSION, platform_of
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.personality import Personality
from tests.support.factory import QUIZ, at
from tests.support.practice import ADA, TOOL, PracticeLms
from tests.workers.cells import Cell, make_cell
from tests.workers.conftest import MovedClock

Open = Callable[[Personality], PracticeLms]


@pytest.fixture
def play(tmp_path: Path, sqlite_database: Database) -> Iterator[Open]:
    running: list[PracticeLms] = []

    def start(personality: Personality) -> PracticeLms:
        running.append(PracticeLms(tmp_path / "lms", personality, sqlite_database, QUIZ.id))
        return running[0]

    yield start
    for lms in running:
        lms.stop()


def cell_in(lms: PracticeLms, database: Database, person: str = ADA) -> Cell:
    column = {"url": lms.quiz_url, "scopes": [SCOPE_SCORE, SCOPE_RESULT]}
    return make_cell(database, lms.sub(person), column, product_family=lms.family, **lms.registration())


def test_on_moodle_a_teachers_grade_stays_and_we_say_so(
    play: Open, sqlite_database: Database, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    lms = play(moodle)
    cell = cell_in(lms, sqlite_database)
    deliverer.deliver(cell.must_owe(3))
    lms.control("teacher", user_id=ADA, resource_id=QUIZ.id, points=1)
    moved_clock.move(5)
    deliverer.deliver(cell.must_owe(4))

    assert lms.grades(QUIZ.id) == {ADA: 1}
    assert [(row.state, state_of_score(row)) for row in cell.rows()] == [
        ("delivered", "delivered"),
        ("delivered", "overruled"),
    ]


def test_a_grade_that_moodle_has_locked_is_not_tried_for_ever(
    play: Open, sqlite_database: Database, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    lms = play(moodle)
    cell = cell_in(lms, sqlite_database)
    lms.control("teacher", user_id=ADA, resource_id=QUIZ.id, locked=True)
    row = cell.must_owe(3)
    for _ in range(4):
        moved_clock.move_to(cell.row(row).next_try_at)
        deliverer.deliver(row)

    assert (cell.row(row).state, cell.row(row).cause) == ("stuck", "locked")


@pytest.mark.parametrize("personality", [moodle, canvas], ids=["moodle", "canvas"])
def test_whoever_is_no_student_there_is_told_apart(
    play: Open, sqlite_database: Database, deliverer: Deliverer, personality: Personality
) -> None:
    lms = play(personality)
    cell = cell_in(lms, sqlite_database, person="102")
    row = cell.must_owe(3)
    deliverer.deliver(row)

    assert (cell.row(row).state, cell.row(row).cause) == ("stuck", "not_a_student")


def test_canvas_gets_one_submission_however_often_the_grade_changes(
    play: Open, sqlite_database: Database, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    lms = play(canvas)
    lms.control("teacher", user_id=ADA, resource_id=QUIZ.id, attempts=1)
    requests.post(f"{lms.address}/controls/reset-grades", json={}, timeout=5)
    cell = cell_in(lms, sqlite_database)
    for points in (3, 4, 5):
        deliverer.deliver(cell.must_owe(points))
        moved_clock.move(1)

    (made,) = lms.get("/submissions.json")
    assert (made["attempt"], made["type"]) == (1, "basic_lti_launch")
    assert made["data"].startswith(f"{TOOL}/lti/submissions/")
    assert lms.grades(QUIZ.id) == {ADA: 5}


def test_a_grade_still_reaches_canvas_when_no_attempt_is_left(
    play: Open, sqlite_database: Database, deliverer: Deliverer
) -> None:
    lms = play(canvas)
    cell = cell_in(lms, sqlite_database)
    lms.control("teacher", user_id=ADA, resource_id=QUIZ.id, attempts=1)
    with lms.platform.store.transaction() as db:
        db.execute("INSERT INTO submission VALUES (1, ?, 1, 'online_url', 'https://e.example', '')", (ADA,))
    row = cell.must_owe(3)
    deliverer.deliver(row)
    deliverer.deliver(row)

    assert (cell.row(row).state, lms.grades(QUIZ.id)) == ("delivered", {ADA: 3})


def test_on_canvas_a_teachers_grade_is_left_alone_and_we_say_so(
    play: Open, sqlite_database: Database, deliverer: Deliverer, moved_clock: MovedClock
) -> None:
    lms = play(canvas)
    cell = cell_in(lms, sqlite_database)
    deliverer.deliver(cell.must_owe(3))
    lms.control("teacher", user_id=ADA, resource_id=QUIZ.id, points=2)
    moved_clock.move(5)
    deliverer.deliver(cell.must_owe(5))

    assert lms.grades(QUIZ.id) == {ADA: 2}
    assert [state_of_score(row) for row in cell.rows()] == ["delivered", "overruled"]
    cell.wake()
    assert cell.states()[-1] == "stuck"  # a launch changes nothing about it


def test_canvas_says_403_when_it_wants_us_to_wait(play: Open, sqlite_database: Database, deliverer: Deliverer) -> None:
    lms = play(canvas)
    cell = cell_in(lms, sqlite_database)
    lms.control("throttle", times=1)
    row = cell.must_owe(3)
    deliverer.deliver(row)

    assert (cell.row(row).state, cell.row(row).cause) == ("pending", "service_throttled")


@given(
    family=st.sampled_from(["canvas", "moodle", "Canvas", "sakai", "", None]),
    points=st.decimals(0, 1000, places=4),
    maximum=st.decimals(Decimal("0.01"), 1000, places=2),
    is_first=st.booleans(),
)
def test_no_score_that_we_write_erases_a_grade_anywhere(
    family: str | None, points: Decimal, maximum: Decimal, is_first: bool
) -> None:
    extension = platform_of(family).score_extension(is_first=is_first, work_url="/lti/submissions/abc")
    body = score_body(
        user_id="1", score_given=points, score_maximum=maximum, timestamp=at("2026-11-22T10:00:00+00:00"),
        started_at=at("2026-11-22T09:00:00+00:00"), submitted_at=at("2026-11-22T09:30:00+00:00"), extension=extension,
    )  # fmt: skip
    read = json.loads(body)

    assert (read["gradingProgress"], read["scoreGiven"]) == ("FullyGraded", float(points))
    assert read["scoreMaximum"] > 0
    if (family or "").lower() == "canvas":
        assert read[CANVAS_SUBMISSION]["new_submission"] is is_first
