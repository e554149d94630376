"""AI switched off and on in the console, and what students find meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config.database import Database
from config.settings import MODEL_PRICES, Settings
from course.conversations import SCRIPTED, conversation_of
from course.models import Attempt
from tests.support.admins import csrf_of, sign_in
from tests.support.factory import make_placement
from tests.support.labs import course_with_labs
from tests.support.visit import Browser, seat
from tests.web.conftest import Room

LAB = "/items/lab-1"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a key, for a service that nobody is to reach."""
    beyond = "http://127.0.0.1:9"
    return replace(
        settings, courses=(course_with_labs(tmp_path),), model_key="k", model_base_url=beyond, model_prices=MODEL_PRICES
    )


@pytest.fixture
def admin(room: Room, cheap_passwords: None) -> FlaskClient:
    return sign_in(room.app.test_client())


@pytest.fixture
def student(room: Room) -> Browser:
    with room.database.transaction() as session:
        link = make_placement(session, item_id="lab-1", context_key=room.classroom.placement.context_key)
    return seat(room.app.test_client(), room.database, link, room.ada.learner, "learner")


def _post(admin: FlaskClient, path: str, **form: str) -> int:
    return admin.post(f"/admin/ai/{path}", data={"csrf_token": csrf_of(admin), **form}).status_code


def test_students_begin_with_the_scripted_partner_while_ai_is_off(
    admin: FlaskClient, student: Browser, room: Room
) -> None:
    context = room.classroom.placement.context_key
    assert "a language model that plays a role" in student.get(LAB).text
    assert _post(admin, "off", scope="context", context=context, reason="It says odd things.") == 303
    page = admin.get("/admin/ai").text
    for words in ("AI is off in", "It says odd things.", "grace", "Switch AI on again"):
        assert words in page
    page = student.get(LAB).text
    assert "is a scripted partner" in page
    assert "A person decides." in page
    path = student.begin_lab("lab-1")
    with room.database.reading() as session:
        attempt = session.query(Attempt).one()
        assert (conversation_of(session, attempt).partner, attempt.key in path) == (SCRIPTED, True)
    assert _post(admin, "on", scope="context", key=context) == 303
    assert "AI is switched off nowhere." in admin.get("/admin/ai").text


def test_a_conversation_with_an_ai_goes_on_with_the_authors_questions_and_says_so(
    admin: FlaskClient, student: Browser, room: Room
) -> None:
    path = student.begin_lab("lab-1")
    assert "You are talking with an AI." in student.get(LAB).text
    _post(admin, "off", scope="platform", platform=str(room.classroom.registration.id), reason="A drill.")
    assert "AI is switched off at the moment" in student.get(LAB).text
    student.post(path, action="say", text="The loss pays for repeats.", number="2")
    page = student.get(LAB).text
    assert "This reply was written in advance." in page
    assert "cannot be reached" not in page
    _post(admin, "on", scope="platform", key=str(room.classroom.registration.id))
    assert "AI is switched off at the moment" not in student.get(LAB).text


def test_a_switch_that_is_refused_says_why_and_keeps_what_was_typed(admin: FlaskClient, room: Room) -> None:
    answer = admin.post("/admin/ai/off", data={"csrf_token": csrf_of(admin), "scope": "everywhere", "reason": " "})
    assert answer.status_code == 422
    assert "Say why: whoever finds AI switched off will ask." in answer.text
    for scope, key in (("platform", "77"), ("platform", "x"), ("context", "context-77"), ("nowhere", "")):
        answer = admin.post(
            "/admin/ai/off", data={"csrf_token": csrf_of(admin), "scope": scope, scope: key, "reason": "A drill."}
        )
        assert answer.status_code == 422
        assert 'value="A drill."' in answer.text
    assert "AI is switched off nowhere." in admin.get("/admin/ai").text
    assert _post(admin, "on", scope="everywhere") == 303
