"""The server's clock counts: what it tells a page, what it takes late, and what it hands in by itself."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from course.models import Attempt
from grading.models import Outcome
from lti_tool.models import OutboxScore
from lti_tool.policy_changes import apply_changes
from tests.support.factory import QUIZ, answers
from tests.support.rules import MovableClock, give_more, movable_clock, set_rules
from tests.web.conftest import Room

FIRST, SECOND = QUIZ.questions[0], QUIZ.questions[1]
RIGHT = answers(5)
PAGE = f"/items/{QUIZ.id}"


@pytest.fixture
def now(room: Room, monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """Ten minutes for the quiz, and the time is ours."""
    stopped = movable_clock(monkeypatch)
    set_rules(room.database, room.classroom.placement, feedback="after-submit", time_limit_minutes=10)
    return stopped


def points_given(room: Room) -> list[int]:
    with room.database.reading() as session:
        outcomes = session.scalars(select(Outcome)).all()
        owed = session.scalars(select(OutboxScore)).all()
    assert [one.points for one in outcomes] == [one.score_given for one in owed]
    return [int(one.points) for one in outcomes]


def test_before_starting_the_time_is_told_with_what_is_extra(room: Room, now: MovableClock) -> None:
    assert "10 minutes from when you start." in room.browser().get(PAGE).text
    give_more(room.database, room.classroom.placement, room.ada.learner_id, time_percent=150)
    ada = room.browser()
    assert "15 minutes, 5 of them extra for you." in ada.get(PAGE).text
    ada.start()
    assert "about 15 minutes left" in ada.get(PAGE).text


def test_the_page_says_how_much_is_left_and_until_when(room: Room, now: MovableClock) -> None:
    ada = room.browser()
    attempt = ada.start()
    ends = now.now + timedelta(minutes=10)
    for passed, seconds, words in (
        (0, 600, "about 10 minutes left"),
        (8.4, 96, "about 2 minutes left"),
        (9.5, 30, "less than a"),
    ):
        now.now = ends - timedelta(minutes=10 - passed)
        page = ada.get(PAGE).text
        assert f'data-seconds-left="{seconds}" data-seconds-whole="600"' in page
        assert words in page
        assert ("is-near-end" in page) == (seconds <= 60)
        assert f'The time ends <time datetime="{ends.isoformat()}"' in page
        saved = ada.post(attempt, json=True, action="save", **{f"q.{FIRST.id}": RIGHT[FIRST.id]})
        assert saved.json == {"location": None, "seconds_left": seconds}
        standing = ada.get(f"{attempt}/standing")
        assert standing.json == {"location": None, "seconds_left": seconds, "writer": ""}


def test_an_attempt_without_a_limit_has_no_clock(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    page = ada.get(PAGE).text
    assert "data-seconds-left" not in page
    assert ada.get(f"{attempt}/standing").json == {"location": None, "seconds_left": None, "writer": ""}


def test_what_a_lost_connection_delivers_a_minute_late_is_taken(room: Room, now: MovableClock) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    now.forward(minutes=11)
    fields = {f"q.{question}": choice for question, choice in RIGHT.items()}
    done = ada.post(attempt, json=True, csrf=csrf, action="submit-anyway", **fields)
    assert done.status_code == 200
    assert done.json is not None
    assert "The time ended, so the answers saved by then were handed in" in ada.client.get(done.json["location"]).text
    assert points_given(room) == [5]


@pytest.mark.parametrize("json", [True, False])
def test_what_comes_after_that_is_refused_and_what_was_saved_is_handed_in(
    room: Room, now: MovableClock, json: bool
) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    ada.post(attempt, action="save", **{f"q.{FIRST.id}": RIGHT[FIRST.id]})
    now.forward(minutes=13)
    late = ada.post(attempt, json=json, csrf=csrf, action="save", **{f"q.{SECOND.id}": RIGHT[SECOND.id]})
    assert late.status_code == 409
    if json:
        assert late.json is not None
        assert late.json["error"]["code"] == "AttemptOver"
        assert "has been handed in" in late.json["error"]["text"]
    else:
        assert "nothing more was taken" in late.text
        assert re.search(r"Question 2</a>: \S", late.text)
        assert "1 of 5" in late.text
    assert points_given(room) == [1]
    assert len(room.nudges) == 1
    again = ada.post(attempt, json=json, csrf=csrf, action="submit", **{f"q.{FIRST.id}": RIGHT[FIRST.id]})
    location = again.json["location"] if again.json else again.location
    assert "1 of 5" in ada.client.get(location).text
    assert points_given(room) == [1]


@pytest.mark.parametrize("action", ["submit", "submit-anyway", "review"])
def test_answers_handed_in_too_late_without_scripts_are_named_and_not_dropped_in_silence(
    room: Room, now: MovableClock, action: str
) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    ada.post(attempt, action="save", **{f"q.{FIRST.id}": RIGHT[FIRST.id]})
    now.forward(minutes=13)
    late = ada.post(attempt, csrf=csrf, action=action, **{f"q.{SECOND.id}": RIGHT[SECOND.id]})
    assert late.status_code == 409
    assert "These answers are not part of it" in late.text
    assert re.search(r"Question 2</a>: \S", late.text)
    assert points_given(room) == [1]


@pytest.mark.parametrize("where", ["item", "attempt", "standing"])
def test_opening_an_attempt_whose_time_is_up_shows_its_result(room: Room, now: MovableClock, where: str) -> None:
    ada = room.browser()
    attempt = ada.start()
    ada.post(attempt, action="save", **{f"q.{FIRST.id}": RIGHT[FIRST.id]})
    now.forward(minutes=20)
    opened = ada.get({"item": PAGE, "attempt": attempt, "standing": f"{attempt}/standing"}[where])
    location = opened.json["location"] if opened.json else opened.location
    page = ada.client.get(location).text
    assert "1 of 5" in page
    assert "The time ended" in page
    with room.database.reading() as session:
        handed_in = session.scalars(select(Attempt)).one()
        assert handed_in.submitted_at == handed_in.ends_at
    assert points_given(room) == [1]
    assert len(room.nudges) == 1


def test_more_time_given_meanwhile_is_told_at_the_next_question(room: Room, now: MovableClock) -> None:
    ada = room.browser()
    attempt = ada.start()
    now.forward(minutes=9)
    give_more(room.database, room.classroom.placement, room.ada.learner_id, time_percent=200)
    with room.database.transaction() as session:
        apply_changes(session, room.classroom.placement.context_key)
    assert (ada.get(f"{attempt}/standing").json or {})["seconds_left"] == 11 * 60


def test_a_preview_has_no_end(room: Room, now: MovableClock) -> None:
    grace = room.browser(role="instructor")
    grace.start()
    now.forward(hours=5)
    page = grace.get(PAGE)
    assert page.status_code == 200
    assert "data-seconds-left" not in page.text
