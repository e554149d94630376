"""Columns that move, die, are made anew or change hands: the right grade in the right place, on both databases."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from course.attempts import start_attempt, submit_attempt
from course.models import Attempt, Placement
from course.placements import home_of
from grading.models import Outcome
from grading.service import record_quiz_outcome
from lti_tool.admission import Admission, admit
from lti_tool.gradebook import owe_missing_scores, owe_score
from lti_tool.launch import Launch
from lti_tool.models import LineItem, OutboxScore
from lti_tool.outbox import claim, mark_delivered
from lti_tool.registrations import add_platform
from lti_tool.waking import wake
from tests.support.factory import BUILT_IN, QUIZ, answer_quiz
from tests.web.conftest import on_both_databases

pytestmark = on_both_databases

COLUMN = "https://lms.example.org/lineitems/{}/lineitem?type_id=1"


class World:
    """A platform with one course, and launches of its links."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.registration_id = add_platform(
                session, issuer="https://lms.example.org", client_id="c", auth_login_url="https://lms.example.org/a",
                auth_token_url="https://lms.example.org/t", jwks_url="https://lms.example.org/k",
            )[0].id  # fmt: skip

    def launch(
        self, link: str, item: str | None, column: int | None, sub: str = "ada", column_item: str | None = None
    ) -> Admission:
        values: dict[str, Any] = {
            "registration_id": self.registration_id, "deployment_id": "1", "context_id": "course", "context_title": "",
            "resource_link_id": link, "resource_link_title": "", "sub": sub, "name": "", "role": "learner",
            "is_test_user": False, "target_link_uri": "", "custom": {}, "return_url": None, "locale": "",
            "document_target": "", "product_family": "", "line_items_url": None, "ags_scopes": (),
            "line_item_url": COLUMN.format(column) if column else None, "issued_at": clock.now(),
        }  # fmt: skip
        with self.database.transaction() as session:
            admission = admit(
                session, Launch(**values), course_id=BUILT_IN.id, item_id=item, column_item_id=column_item
            )
            wake(session, self.registration_id, admission.line_item)
            if admission.line_item:
                owe_missing_scores(session, admission.line_item)
            return admission

    def earn(self, came_by: Admission, right: int, item: str = QUIZ.id) -> None:
        with self.database.transaction() as session:
            visited = session.get_one(Placement, came_by.placement.id)
            home = home_of(session, visited, item)
            assert home is not None
            attempt = start_attempt(session, home, came_by.learner.id, QUIZ, is_preview=False)
            answer_quiz(session, attempt, right)
            submit_attempt(session, attempt)
            record_quiz_outcome(session, attempt)
            owe_score(session, home, came_by.learner.id, item)

    def deliver_all(self) -> list[tuple[str | None, float]]:
        """What would be posted now, as (column, share); all of it is taken."""
        posted = []
        with self.database.reading() as session:
            ids = session.scalars(select(OutboxScore.id).order_by(OutboxScore.id)).all()
        for one in ids:
            with self.database.transaction() as session:
                delivery = claim(session, one)
            if delivery and delivery.line_item_url:
                posted.append((delivery.line_item_url, delivery.share))
                with self.database.transaction() as session:
                    mark_delivered(session, delivery)
        return posted


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_column_that_was_made_anew_gets_every_grade_again(world: World) -> None:
    ada, bob = world.launch("quiz", QUIZ.id, 1), world.launch("quiz", QUIZ.id, 1, "bob")
    world.earn(ada, 5)
    world.earn(bob, 3)
    assert world.deliver_all() == [(COLUMN.format(1), 1.0), (COLUMN.format(1), 0.6)]
    world.launch("quiz", QUIZ.id, 1)
    assert world.deliver_all() == []
    world.launch("quiz", QUIZ.id, 2)
    assert sorted(world.deliver_all()) == [(COLUMN.format(2), 0.6), (COLUMN.format(2), 1.0)]


def test_a_score_on_its_way_to_a_column_that_is_replaced_is_not_taken_for_delivered(world: World) -> None:
    ada = world.launch("quiz", QUIZ.id, 1)
    world.earn(ada, 5)
    with world.database.transaction() as session:
        delivery = claim(session, session.scalars(select(OutboxScore.id)).one())
    assert delivery
    world.launch("quiz", QUIZ.id, 2)
    with world.database.transaction() as session:
        mark_delivered(session, delivery)
    assert world.deliver_all() == [(COLUMN.format(2), 1.0)]


def test_from_a_lesson_the_quiz_is_the_one_that_was_opened_last_and_takes_grades(world: World) -> None:
    lesson = world.launch("lesson", "lesson-1", None)
    world.launch("ungraded", QUIZ.id, None)
    world.launch("deleted", QUIZ.id, 1)
    world.launch("new", QUIZ.id, 2)
    world.launch("ungraded", QUIZ.id, None)
    world.earn(lesson, 5)
    assert world.deliver_all() == [(COLUMN.format(2), 1.0)]


def test_from_a_link_to_the_whole_course_a_quiz_with_a_column_of_its_own_is_used(world: World) -> None:
    world.launch("quiz", QUIZ.id, 1)
    world.earn(world.launch("whole", None, None), 4)
    assert world.deliver_all() == [(COLUMN.format(1), 0.8)]


def test_the_column_of_a_whole_course_with_one_graded_item_is_that_items(world: World) -> None:
    world.earn(world.launch("whole", None, 7, column_item=QUIZ.id), 4)
    assert world.deliver_all() == [(COLUMN.format(7), 0.8)]


def test_a_column_that_changes_hands_takes_no_score_of_its_former_item(world: World) -> None:
    former = world.launch("link", "quiz-of-old", 1)
    with world.database.transaction() as session:
        line_item = session.scalars(select(LineItem)).one()
        home = session.get_one(Placement, former.placement.id)
        attempt = start_attempt(session, home, former.learner.id, QUIZ, is_preview=False)
        attempt.item_id = "quiz-of-old"
        submit_attempt(session, attempt)
        record_quiz_outcome(session, attempt)
        assert owe_score(session, home, former.learner.id, "quiz-of-old")
    now = world.launch("link", QUIZ.id, 1)
    world.earn(now, 5)
    assert world.deliver_all() == [(COLUMN.format(1), 1.0)]
    with world.database.reading() as session:
        assert session.get_one(LineItem, line_item.id).url is None


def test_an_edited_quiz_does_not_rejudge_what_was_earned_before(world: World) -> None:
    ada = world.launch("quiz", QUIZ.id, 1)
    world.earn(ada, 5)
    with world.database.transaction() as session:
        first = session.scalars(select(Outcome)).one()
        first.points, first.points_possible = 40, 100  # type: ignore[assignment]  # it was worth 100 then
    world.earn(ada, 1)
    with world.database.reading() as session:
        newest = session.scalars(select(OutboxScore).order_by(OutboxScore.id.desc())).first()
        assert newest
        assert Fraction(newest.score_given) / Fraction(newest.score_maximum) == Fraction(40, 100)
        assert newest.score_maximum == 5
        assert all(row.score_given <= row.score_maximum for row in session.scalars(select(OutboxScore)))


def test_a_hand_in_that_missed_its_column_is_owed_by_the_mending_sweep(world: World) -> None:
    ada = world.launch("quiz", QUIZ.id, 1)
    with world.database.transaction() as session:  # as if the launch above had not been visible to the hand-in
        home = session.get_one(Placement, ada.placement.id)
        attempt = start_attempt(session, home, ada.learner.id, QUIZ, is_preview=False)
        submit_attempt(session, attempt)
        record_quiz_outcome(session, attempt)
    from lti_tool.columns import recently_named

    with world.database.transaction() as session:
        for line_item in recently_named(session):
            owe_missing_scores(session, line_item)
    assert world.deliver_all() == [(COLUMN.format(1), 0.0)]


def test_an_attempt_of_an_item_the_link_no_longer_leads_to_can_still_be_handed_in(world: World) -> None:
    ada = world.launch("link", QUIZ.id, 1)
    with world.database.transaction() as session:
        home = session.get_one(Placement, ada.placement.id)
        start_attempt(session, home, ada.learner.id, QUIZ, is_preview=False)
    world.launch("link", "lesson-1", None)
    with world.database.reading() as session:
        attempt = session.scalars(select(Attempt)).one()
        assert session.get_one(Placement, attempt.placement_id).context_key == ada.placement.context_key


def test_stuck_scores_are_tried_again_once_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from lti_tool.outbox import mark_stuck
    from lti_tool.waking import wake_stuck

    world.earn(world.launch("quiz", QUIZ.id, 1), 5)
    with world.database.transaction() as session:
        delivery = claim(session, session.scalars(select(OutboxScore.id)).one())
        assert delivery
        mark_stuck(session, delivery, "service_405")
    with world.database.transaction() as session:
        wake_stuck(session)
    assert world.deliver_all() == []
    later = clock.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with world.database.transaction() as session:
        wake_stuck(session)
    assert world.deliver_all() == [(COLUMN.format(1), 1.0)]
