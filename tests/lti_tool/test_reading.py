"""Reading to the end as a grade, and all grades at a glance. On both databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from config import clock
from config.database import Database
from course.items import Page
from course.models import Attempt, Placement
from course.progress import mark_read, section_ids
from grading.models import Outcome
from lti_tool.gradebook import owe_missing_scores, owe_score
from lti_tool.models import LineItem, OutboxScore, ResourceLink
from lti_tool.outbox import claim, mark_delivered, mark_stuck
from lti_tool.reading import record_if_read, record_reading
from lti_tool.standings import Score, Standing, standings
from tests.support.factory import BUILT_IN, QUIZ, Classroom, make_placement

LESSON = next(item for item in BUILT_IN.items if isinstance(item, Page) and len(item.sections) > 1)
SECTIONS = section_ids(LESSON)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.dispose()


class Room:
    """A classroom in which the lesson may be placed, and Ada who reads it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.classroom = Classroom(session)
            self.ada = self.classroom.person("ada")

    def place(self, *, with_column: bool = True) -> Placement:
        now = clock.now()
        context = self.classroom.context
        with self.database.transaction() as session:
            placement = make_placement(session, item_id=LESSON.id, context_key=self.classroom.placement.context_key)
            link = ResourceLink(
                context_id=context.id, lti_resource_link_id="lesson", placement_id=placement.id, created_at=now
            )
            session.add(link)
            session.flush()
            if with_column:
                url = "https://lms.example.org/lineitems/2/lineitem"
                session.add(LineItem(resource_link_id=link.id, item_id=LESSON.id, url=url, updated_at=now))
            return placement

    def read(self, *sections: str) -> None:
        for section in sections:
            with self.database.transaction() as session:
                visited = session.get_one(Placement, self.classroom.placement.id)
                mark_read(session, visited, self.ada.learner_id, LESSON, section)
                session.flush()
                record_reading(session, visited, self.ada.learner_id, LESSON)

    def launch(self, placement: Placement) -> None:
        with self.database.transaction() as session:
            record_if_read(session, session.get_one(Placement, placement.id), self.ada.learner_id, LESSON)

    def owed(self) -> list[tuple[Decimal, Decimal]]:
        with self.database.reading() as session:
            rows = session.execute(select(OutboxScore.score_given, OutboxScore.score_maximum).order_by(OutboxScore.id))
            return [(given, maximum) for given, maximum in rows]

    def standing(self, item_id: str = LESSON.id) -> Standing:
        with self.database.reading() as session:
            key = self.classroom.placement.context_key
            return standings(session, key, self.ada.learner_id, BUILT_IN)[item_id]


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def test_reading_the_last_section_is_owed_once_with_every_section_as_evidence(room: Room) -> None:
    room.place()
    room.read(*SECTIONS[:-1])
    assert room.owed() == []
    room.read(SECTIONS[-1], SECTIONS[-1], SECTIONS[0])
    assert room.owed() == [(Decimal(1), Decimal(1))]
    with room.database.reading() as session:
        outcome, attempt = session.scalars(select(Outcome)).one(), session.scalars(select(Attempt)).one()
        assert outcome.decided_by == "reading"
        assert sorted(one["section_id"] for one in outcome.evidence["sections"]) == sorted(SECTIONS)
        assert attempt.started_at <= (attempt.submitted_at or attempt.started_at)
        assert (attempt.item_id, attempt.snapshot.body["kind"]) == (LESSON.id, "lesson")


def test_a_lesson_that_nobody_placed_gives_no_grade_until_it_is_and_is_opened(room: Room) -> None:
    room.read(*SECTIONS)
    assert room.owed() == []
    placement = room.place()
    room.launch(placement)
    room.launch(placement)
    assert room.owed() == [(Decimal(1), Decimal(1))]


def test_a_column_that_comes_after_the_reading_is_owed_it(room: Room) -> None:
    placement = room.place(with_column=False)
    room.read(*SECTIONS)
    assert room.owed() == []
    with room.database.transaction() as session:
        link = session.scalars(select(ResourceLink).where(ResourceLink.placement_id == placement.id)).one()
        column = LineItem(
            resource_link=link, item_id=LESSON.id, url="https://lms.example.org/9", updated_at=clock.now()
        )
        session.add(column)
        session.flush()
        assert len(owe_missing_scores(session, column)) == 1
        assert owe_missing_scores(session, column) == []
    assert room.owed() == [(Decimal(1), Decimal(1))]


def test_two_windows_that_read_the_last_two_sections_at_once_are_one_reading(room: Room) -> None:
    room.place()
    room.read(*SECTIONS[2:])
    barrier = threading.Barrier(2)

    def read(section: str) -> None:
        barrier.wait()
        room.read(section)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(read, SECTIONS[:2]))
    assert room.owed() == [(Decimal(1), Decimal(1))]


def test_a_launch_of_another_item_records_no_reading(room: Room) -> None:
    room.read(*SECTIONS)
    room.launch(room.classroom.placement)
    assert room.owed() == []


def test_a_standing_tells_what_was_delivered_from_what_is_on_its_way(room: Room) -> None:
    assert room.standing() == Standing()
    assert room.standing(QUIZ.id) == Standing(has_column=True)
    with room.database.transaction() as session:
        room.classroom.session = session
        for name in ("placement", "context"):
            setattr(room.classroom, name, session.merge(getattr(room.classroom, name)))
        room.classroom.handed_in(room.ada, right=3)
        first = owe_score(session, room.classroom.placement, room.ada.learner_id, QUIZ.id)
        assert first
    waiting = room.standing(QUIZ.id)
    assert (waiting.state, waiting.delivered, waiting.waiting) == ("on-its-way", None, Score(Decimal(3), Decimal(5)))
    _deliver(room, first.id)
    there = room.standing(QUIZ.id)
    assert (there.state, there.delivered, there.waiting) == ("delivered", Score(Decimal(3), Decimal(5)), None)
    assert there.delivered_at is not None
    with room.database.transaction() as session:
        room.classroom.session = session
        room.classroom.handed_in(room.ada, right=5)
        home = session.merge(room.classroom.placement)
        second = owe_score(session, home, room.ada.learner_id, QUIZ.id)
        assert second
    both = room.standing(QUIZ.id)
    assert (both.state, both.delivered, both.waiting) == (
        "on-its-way", Score(Decimal(3), Decimal(5)), Score(Decimal(5), Decimal(5)),
    )  # fmt: skip
    assert both.delivered_at == there.delivered_at


def test_standings_ask_two_questions_however_many_items_there_are(room: Room) -> None:
    asked: list[str] = []
    event.listen(room.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    room.standing()
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 2


def test_a_stuck_score_is_told_as_such(room: Room) -> None:
    room.place()
    room.read(*SECTIONS)
    with room.database.transaction() as session:
        delivery = claim(session, session.scalars(select(OutboxScore.id)).one())
        assert delivery
        mark_stuck(session, delivery, "service_403")
    assert (room.standing().state, room.standing().waiting) == ("stuck", Score(Decimal(1), Decimal(1)))


def _deliver(room: Room, outbox_id: int) -> None:
    with room.database.transaction() as session:
        delivery = claim(session, outbox_id)
    assert delivery
    with room.database.transaction() as session:
        mark_delivered(session, delivery)
