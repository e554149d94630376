"""A lab that cannot be begun says why and what to do: to students one thing, to instructors another."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config import clock
from config.database import Database
from config.settings import Settings
from course.items import Lab
from course.models import Placement
from course.policies import set_override
from tests.support.factory import QUIZ, make_placement
from tests.support.labs import course_with_labs
from tests.support.visit import Browser, seat
from tests.web.conftest import Room
from tests.web.test_labs import begin


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind of database: nothing here depends on the kind."""
    return sqlite_database


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, courses=(course_with_labs(tmp_path),))


@pytest.fixture
def lab_link(room: Room) -> Placement:
    with room.database.transaction() as session:
        return make_placement(session, item_id="lab-1", context_key=room.classroom.placement.context_key)


def _visit(room: Room, link: Placement, role: str = "learner") -> Browser:
    return seat(room.app.test_client(), room.database, link, room.ada.learner, role)


def _rule(room: Room, **rules: Any) -> None:
    course = room.app.extensions["coursewright"].catalog.default
    lab = course.item("lab-1")
    assert isinstance(lab, Lab)
    with room.database.transaction() as session:
        set_override(session, room.classroom.placement.context_key, course, lab, rules)


def _words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _iso(**parts: float) -> str:
    return (clock.now() + timedelta(**parts)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("rules", "title", "to_do"),
    [
        ({"opens_at": _iso(days=2)}, "Not open yet", "Come back then."),
        ({"closes_at": _iso(days=-2)}, "Closed", "ask your instructor"),
        ({"unlock_after": [QUIZ.id]}, "Still locked", QUIZ.title),
    ],
)
def test_a_shut_lab_tells_students_what_to_do_and_instructors_which_setting_it_is(
    room: Room, lab_link: Placement, rules: dict[str, Any], title: str, to_do: str
) -> None:
    _rule(room, **rules)
    page = _visit(room, lab_link).get("/items/lab-1")
    assert page.status_code == 200
    assert title in page.text
    assert to_do in page.text
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    preview = _visit(room, lab_link, "instructor").get("/items/lab-1").text
    assert f"The setting is “{next(iter(rules))}”." in preview
    assert "Before you begin" in preview  # they can try it all the same


def test_a_lab_opens_once_what_unlocks_it_is_done(room: Room, lab_link: Placement) -> None:
    _rule(room, unlock_after=[QUIZ.id])
    ada = room.browser()
    ada.hand_in(ada.start(), right=1)
    begin(_visit(room, lab_link))


def test_a_lab_that_no_link_opens_says_so_within_the_course(room: Room) -> None:
    student, instructor = room.browser(), room.browser(role="instructor")
    page = student.get("/items/lab-1")
    assert page.status_code == 404
    assert "This one is opened from your course" in _words(page.text)
    assert f'href="{student.base}/items/lesson-1"' in page.text  # the strip leads on
    notice = page.text.partition("This one is opened from your course")[2].partition("</main>")[0]
    assert re.search(r'<a class="button" href="https?://[^"]+">Back to your course</a>', notice)
    preview = instructor.get("/items/lab-1").text
    assert "Your students cannot start this yet" in preview
    assert "Before you begin" in preview
