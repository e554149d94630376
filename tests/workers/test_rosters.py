"""Rosters: read from a Moodle and a Canvas as they are, and from platforms that mean no good."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from config import clock
from config.database import Database
from lti_tool import service_pages
from lti_tool.models import BrowserSession, LtiUser, OutboxScore, Roster, Seat
from lti_tool.people import Entry, RosterView, roster_of
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.personality import Personality
from lti_tool.returning import note_launch, note_refused
from lti_tool.roster_reader import RosterReader
from tests.support.factory import QUIZ, Classroom
from tests.support.practice import PracticeLms
from tests.workers.conftest import MovedClock
from tests.workers.platform_server import Answer, PlatformServer


class Room:
    """A context whose roster lies at `url`, with Ada in it, who has been here, and a reader."""

    def __init__(self, database: Database, http: requests.Session, url: str, sub: str = "ada", **values: str) -> None:
        self.database, self.reader = database, RosterReader(database, http)
        with database.transaction() as session:
            classroom = Classroom(session, **values)
            self.context_id, self.placement_id = classroom.context.id, classroom.placement.id
            self.line_item_id = classroom.line_item.id
            person = classroom.person(sub)
            self.person_id, self.outcome_id = person.id, classroom.handed_in(person, right=3)[1].id
            session.add(Roster(context_id=self.context_id, url=url))

    def delivered_score(self) -> int:
        """A score of Ada's that the platform has taken; its id."""
        with self.database.transaction() as session:
            score = OutboxScore(
                line_item_id=self.line_item_id, lti_user_id=self.person_id, outcome_id=self.outcome_id,
                score_given=3, score_maximum=5, timestamp=clock.now(), body="{}", state="delivered",
                next_try_at=clock.now(), created_at=clock.now(),
            )  # fmt: skip
            session.add(score)
            session.flush()
            return score.id

    def state(self, score_id: int) -> str:
        with self.database.reading() as session:
            return session.get_one(OutboxScore, score_id).state

    def read(self) -> RosterView:
        self.reader.read(self.context_id)
        return self.view()

    def view(self) -> RosterView:
        with self.database.reading() as session:
            return roster_of(session, f"context-{self.context_id}")


def page(members: list[Any], following: str = "") -> Answer:
    headers = {"Content-Type": "application/json", **({"Link": f'<{following}>; rel="next"'} if following else {})}
    return Answer(200, headers, json.dumps({"members": members}).encode())


@pytest.fixture
def room(server: PlatformServer, sqlite_database: Database, http: requests.Session) -> Room:
    return Room(sqlite_database, http, f"{server.url}/members?type_id=1", **server.registration())


@pytest.fixture
def lms(request: pytest.FixtureRequest, tmp_path: Path, sqlite_database: Database) -> Iterator[PracticeLms]:
    running = PracticeLms(tmp_path / "lms", request.param, sqlite_database, QUIZ.id)
    yield running
    running.stop()


@pytest.mark.parametrize("lms", [moodle, canvas], indirect=True, ids=["moodle", "canvas"])
def test_everybody_is_listed_and_who_never_came_too(
    lms: PracticeLms, sqlite_database: Database, http: requests.Session
) -> None:
    personality: Personality = lms.personality
    url = lms.settings.memberships_url(1)
    room = Room(sqlite_database, http, url, lms.sub("201"), product_family=lms.family, **lms.registration())
    view = room.read()

    assert (len(view.entries), view.cause, view.is_stale) == (7, None, False)
    by_name = {one.name: one for one in view.entries}
    assert by_name["Ada Lovelace"].last_seen
    assert by_name["Ada Lovelace"].key
    assert (by_name["Alan Turing"].key, by_name["Alan Turing"].last_seen) == (None, None)
    assert by_name["Grace Hopper"].role == "instructor"
    # Moodle's roster calls a non-editing teacher a learner.
    assert by_name["Dorothy Vaughan"].role == ("learner" if personality is moodle else "instructor")


def test_the_higher_role_of_a_launch_counts(room: Room, server: PlatformServer) -> None:
    server.result_answers.append(page([{"user_id": "ada", "roles": ["Learner"]}]))
    with room.database.transaction() as session:
        ada = session.scalars(select(LtiUser)).one()
        browser = BrowserSession(token_hash="x", created_at=clock.now(), expires_at=clock.now())
        session.add(browser)
        session.flush()
        session.add(
            Seat(
                browser_session_id=browser.id, placement_id=room.placement_id, learner_id=ada.learner_id,
                role="instructor", launched_at=clock.now(),
            )
        )  # fmt: skip

    assert [one.role for one in room.read().entries] == ["instructor"]


@pytest.mark.parametrize("where", ["{url}/members?from=1", "/members?from=1", "?from=1"])
def test_a_roster_of_many_pages_is_read_to_its_end(room: Room, server: PlatformServer, where: str) -> None:
    server.result_answers.append(page([{"user_id": "1", "roles": []}], where.format(url=server.url)))
    server.result_answers.append(page([{"user_id": "2", "roles": ["Instructor"], "status": "Inactive"}]))
    view = room.read()

    assert [(one.user_id, one.name, one.role, one.status) for one in view.entries] == [
        ("1", "", "learner", "active"),
        ("2", "", "instructor", "inactive"),
        ("ada", "ada", "learner", "gone"),
    ]


def test_who_leaves_the_roster_is_gone_and_comes_back(
    room: Room, server: PlatformServer, moved_clock: MovedClock
) -> None:
    here = [{"user_id": "ada", "name": "Ada", "roles": []}]
    states = []
    for members in (here, [], here):
        server.result_answers.append(page(members))
        states.append([one.status for one in room.read().entries])
        moved_clock.move(60)

    assert states == [["active"], ["gone"], ["active"]]


def test_moodle_forgets_the_grades_of_who_leaves_so_theirs_are_owed_again_when_they_come_back(
    server: PlatformServer, sqlite_database: Database, http: requests.Session, moved_clock: MovedClock
) -> None:
    states: dict[str, list[str]] = {}
    for family in ("moodle", "canvas"):
        room = Room(
            sqlite_database, http, f"{server.url}/{family}", **server.registration(family), product_family=family
        )
        score = room.delivered_score()
        states[family] = []
        for members in (["ada"], [], ["ada"]):
            server.result_answers.append(page([{"user_id": one, "roles": []} for one in members]))
            room.read()
            states[family].append(room.state(score))
            moved_clock.move(60)

    assert states == {"moodle": ["delivered", "delivered", "pending"], "canvas": ["delivered"] * 3}


def test_who_was_refused_and_launches_again_is_back(
    server: PlatformServer, sqlite_database: Database, http: requests.Session
) -> None:
    room = Room(sqlite_database, http, f"{server.url}/moodle", **server.registration(), product_family="moodle")
    score = room.delivered_score()
    server.result_answers.append(page([{"user_id": "ada", "roles": []}]))
    room.read()
    with sqlite_database.transaction() as session:
        assert not note_launch(session, room.context_id, "ada")
        note_refused(session, room.line_item_id, "ada")
    assert [one.status for one in room.view().entries] == ["gone"]
    with sqlite_database.transaction() as session:
        assert note_launch(session, room.context_id, "ada")

    assert [one.status for one in room.view().entries] == ["active"]
    assert room.state(score) == "pending"


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ([Answer(403)], "service_403"),
        ([Answer(200, {}, b"<html>")], "list_unreadable"),
        ([Answer(200, {}, b"[]")], "roster_unreadable"),
        ([Answer(302, {"Location": "http://elsewhere.example/"})], "service_302"),
    ],
)
def test_a_roster_that_cannot_be_read_changes_nothing(
    room: Room, server: PlatformServer, moved_clock: MovedClock, answers: list[Answer], cause: str
) -> None:
    server.result_answers.append(page([{"user_id": "1", "roles": []}]))
    before = room.read()
    moved_clock.move(60)
    server.result_answers.extend(answers)
    after = room.read()

    assert (after.entries, after.fetched_at, after.cause) == (before.entries, before.fetched_at, cause)


def test_the_token_goes_to_no_other_host(
    room: Room, server: PlatformServer, http: requests.Session, sqlite_database: Database
) -> None:
    with PlatformServer() as other:
        server.result_answers.append(page([{"user_id": "1", "roles": []}], f"{other.url}/members"))
        view = room.read()

        assert (view.cause, view.fetched_at) == ("list_goes_elsewhere", None)
        assert other.result_requests == []


@pytest.mark.parametrize("where", ["//elsewhere.example/members", "http://[elsewhere/members"])
def test_a_next_page_that_is_no_place_of_the_platforms_is_not_asked(
    room: Room, server: PlatformServer, where: str
) -> None:
    server.result_answers.append(page([{"user_id": "1", "roles": []}], where))
    assert room.read().cause == "list_goes_elsewhere"


def test_a_roster_that_never_ends_is_stopped(
    room: Room, server: PlatformServer, monkeypatch: pytest.MonkeyPatch, moved_clock: MovedClock
) -> None:
    monkeypatch.setattr(service_pages, "MOST_PAGES", 5)
    for number in range(10):
        server.result_answers.append(page([], f"{server.url}/members?from={number}"))
    assert room.read().cause == "list_without_end"
    assert len(server.result_requests) == 5
    moved_clock.move(60)
    server.result_answers.clear()
    server.result_answers.extend([page([], f"{server.url}/members?type_id=1")] * 3)
    assert room.read().cause == "list_without_end"
    assert len(server.result_requests) == 6  # it points at itself


def test_asked_for_twice_at_once_it_is_read_once(room: Room, server: PlatformServer) -> None:
    server.result_answers.append(page([]))
    room.read()
    room.read()

    assert len(server.result_requests) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
MEMBER = st.fixed_dictionaries({}, optional=dict.fromkeys(("user_id", "roles", "name", "status", "given_name"), JSON))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(JSON, st.fixed_dictionaries({"members": st.one_of(JSON, st.lists(MEMBER, max_size=4))})))
def test_any_json_is_a_roster_or_a_failure_of_the_platforms(
    room: Room, server: PlatformServer, moved_clock: MovedClock, body: Any
) -> None:
    moved_clock.move(60)
    server.result_answers.append(Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode()))
    view = room.read()

    assert view.cause in {None, "roster_unreadable"}
    assert all(isinstance(one, Entry) and one.role in {"learner", "instructor"} for one in view.entries)
