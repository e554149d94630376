"""Seats: several launches in one browser, and nothing for a token that was planted before."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from course.models import Learner, Placement
from lti_tool import hand_over
from lti_tool.login_states import fingerprint
from lti_tool.models import BrowserSession, LoginState
from lti_tool.sessions import LIFETIME, Occupant, find_occupant, open_session
from tests.support.factory import make_learner, make_placement, make_registration
from tests.web.conftest import on_both_databases

DATABASE = "postgresql"

SECRET = "x" * 40


class _World:
    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.quiz = make_placement(session)
            self.other = make_placement(session, context_key="context-2")
            self.ada, self.grace = make_learner(session), make_learner(session)

    def launch(
        self, placement: Placement, learner: Learner, role: str = "learner", token: str | None = None, *bindings: str
    ) -> str:
        with self.database.transaction() as session:
            occupant = Occupant(placement.id, learner.id, role, None, "en")
            return open_session(session, occupant, cookie_token=token, login_bindings=bindings)

    def role(self, token: str, placement: Placement, learner: Learner) -> str | None:
        with self.database.reading() as session:
            occupant = find_occupant(session, token, placement.key, learner.key)
            return occupant.role if occupant else None


@pytest.fixture
def world(database: Database) -> _World:
    return _World(database)


def test_a_browser_holds_several_launches_at_once(world: _World) -> None:
    token = world.launch(world.quiz, world.ada)
    token = world.launch(world.other, world.ada, "learner", token)
    token = world.launch(world.quiz, world.grace, "instructor", token)
    assert world.role(token, world.quiz, world.ada) == "learner"
    assert world.role(token, world.other, world.ada) == "learner"
    assert world.role(token, world.quiz, world.grace) == "instructor"


def test_a_token_planted_before_a_launch_gains_nothing_by_it(world: _World) -> None:
    planted = world.launch(world.other, world.grace)
    fresh = world.launch(world.quiz, world.ada, "learner", planted)
    assert fresh != planted
    assert world.role(planted, world.quiz, world.ada) is None
    assert world.role(fresh, world.quiz, world.ada) == "learner"


@on_both_databases
def test_two_frames_that_launch_at_once_keep_both_seats(world: _World, database: Database) -> None:
    with database.transaction() as session:
        registration = make_registration(session)
        session.add(
            LoginState(
                state_hash=fingerprint("state"), nonce_hash="n", binding_hash=fingerprint("binding"),
                registration_id=registration.id, target_link_uri="", expires_at=clock.now() + timedelta(minutes=5),
            )
        )  # fmt: skip
        occupant = Occupant(world.quiz.id, world.ada.id, "learner", None, "en")
        open_session(session, occupant, cookie_token=None, state="state")
    # The second frame's request left before the first one's cookie arrived; it still shows the first one's login.
    second = world.launch(world.other, world.ada, "learner", None, "binding")
    assert world.role(second, world.quiz, world.ada) == "learner"
    assert world.role(second, world.other, world.ada) == "learner"


def test_a_changed_role_is_honoured_at_the_next_launch(world: _World) -> None:
    token = world.launch(world.quiz, world.ada, "instructor")
    token = world.launch(world.quiz, world.ada, "learner", token)
    assert world.role(token, world.quiz, world.ada) == "learner"


def test_a_visit_ends_after_its_lifetime(world: _World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = world.launch(world.quiz, world.ada)
    later = clock.now() + LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert world.role(token, world.quiz, world.ada) is None


def test_an_old_seat_does_not_outlive_its_day_by_being_carried_along(
    world: _World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.launch(world.quiz, world.ada)
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + LIFETIME - timedelta(minutes=1))
    token = world.launch(world.other, world.ada, "learner", token)
    assert world.role(token, world.quiz, world.ada) == "learner"
    monkeypatch.setattr(clock, "now", lambda: began + LIFETIME + timedelta(minutes=1))
    assert world.role(token, world.quiz, world.ada) is None
    assert world.role(token, world.other, world.ada) == "learner"


def test_tokens_are_kept_as_hashes_only(world: _World, database: Database) -> None:
    token = world.launch(world.quiz, world.ada)
    with database.reading() as session:
        assert token not in {row.token_hash for row in session.scalars(select(BrowserSession))}


def test_a_hand_over_opens_its_seat_once(world: _World, database: Database) -> None:
    occupant = Occupant(world.quiz.id, world.ada.id, "learner", "https://lms.example.org/back", "de")
    token = hand_over.make_token(SECRET, occupant)
    with database.transaction() as session:
        assert hand_over.spend_token(session, SECRET, token) == occupant
    with database.transaction() as session:
        assert hand_over.spend_token(session, SECRET, token) is None


@pytest.mark.parametrize("token", ["", "made.up.token", "x" * 5000, "\udcff", "W10.aaaa.bbbb"])
def test_a_hand_over_that_we_did_not_sign_opens_nothing(token: str, database: Database) -> None:
    with database.transaction() as session:
        assert hand_over.spend_token(session, SECRET, token) is None


def test_a_hand_over_signed_with_another_key_opens_nothing(world: _World, database: Database) -> None:
    token = hand_over.make_token("y" * 40, Occupant(world.quiz.id, world.ada.id, "learner", None, ""))
    with database.transaction() as session:
        assert hand_over.spend_token(session, SECRET, token) is None
