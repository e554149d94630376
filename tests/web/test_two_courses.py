"""Two courses of ours in one context of the platform, whose items have the same names: each keeps to itself."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from config.settings import Settings
from course.models import Placement
from lti_tool.app import create_app
from lti_tool.models import LineItem, OutboxScore, ResourceLink
from tests.course.course_files import COURSE, write_course
from tests.support.factory import Classroom, make_placement
from tests.support.visit import Browser, seat


class TwoCourses:
    """`small` and `other` in one context, each opened as a whole, and the introduction of `other` placed with a
    column."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        one, two = write_course(folder / "one"), write_course(folder / "two")
        two.write("course.yaml", COURSE.replace("id: small", "id: other"))
        self.app = create_app(replace(settings, courses=(one.folder, two.folder)), database)
        self.database = database
        with database.transaction() as session:
            room = Classroom(session)
            self.ada = room.person("ada")
            key = room.placement.context_key
            whole = [make_placement(session, course_id=of, item_id=None, context_key=key) for of in ("small", "other")]
            quiz, page = (
                make_placement(session, course_id="other", item_id=item_id, context_key=key, takes_grades=True)
                for item_id in ("quiz-1", "introduction")
            )
            for placement in (quiz, page):
                self._give_column(room, placement)
        self.small, self.other = (self._seat(placement) for placement in whole)
        self.placed_page = self._seat(page)

    def _give_column(self, room: Classroom, placement: Placement) -> None:
        now = clock.now()
        link = ResourceLink(
            context_id=room.context.id,
            lti_resource_link_id=placement.key,
            placement_id=placement.id,
            created_at=now,
        )
        room.session.add(link)
        room.session.flush()
        address = f"https://lms.example.org/lineitems/{placement.key}"
        room.session.add(LineItem(resource_link_id=link.id, item_id=placement.item_id, url=address, updated_at=now))

    def _seat(self, placement: Placement) -> Browser:
        return seat(self.app.test_client(), self.database, placement, self.ada.learner)

    def scores(self) -> list[OutboxScore]:
        with self.database.reading() as session:
            return list(session.scalars(select(OutboxScore)))


@pytest.fixture
def courses(settings: Settings, sqlite_database: Database, tmp_path: Path) -> TwoCourses:
    return TwoCourses(settings, sqlite_database, tmp_path)


def _start(browser: Browser) -> str:
    assert browser.post("/items/quiz-1/attempts").status_code == 303
    found = re.search(r'action="[^"]*(/attempts/[^"]+)"', browser.get("/items/quiz-1").text)
    assert found
    return found[1]


def test_what_is_done_in_one_is_not_done_in_the_other(courses: TwoCourses) -> None:
    attempt = _start(courses.small)
    assert courses.small.post(attempt, action="submit", **{"q.deep": "layers"}).status_code == 303
    courses.small.post("/items/introduction/read", section="")
    assert "2 of 3 parts done" in courses.small.get("/module").text
    page = courses.other.get("/module").text
    assert "0 of 3 parts done" in page
    assert "No gradebook column" not in page
    assert courses.other.get("").location.endswith("/items/introduction")  # where it begins


def test_reading_one_earns_nothing_in_the_other(courses: TwoCourses) -> None:
    courses.small.post("/items/introduction/read", section="")
    assert "Mark" in courses.placed_page.get("/items/introduction").text
    assert courses.scores() == []
    courses.other.post("/items/introduction/read", section="")
    assert [score.score_given for score in courses.scores()] == [1]


def test_the_gradebook_of_one_is_not_told_in_the_other(courses: TwoCourses) -> None:
    attempt = _start(courses.other)
    assert courses.other.post(attempt, action="submit", **{"q.deep": "layers"}).status_code == 303
    assert "on its way to your gradebook" in courses.other.get("/module").text
    assert "gradebook." not in courses.small.get("/module").text
