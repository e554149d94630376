"""Whatever is sent in place of an answer, as a form or by a script: a clear message, the right status, no harm."""

import itertools

import pytest
from sqlalchemy import select

from course.models import Attempt, Response
from tests.support.factory import QUIZ, answers
from tests.support.visit import Browser
from tests.web.conftest import Room

FIRST, SECOND = QUIZ.questions[0].id, QUIZ.questions[1].id
GOOD = answers(5)
TITLES = {403: "This form has expired", 413: "That is too long", 422: "Nothing has changed"}


@pytest.fixture
def ada(room: Room) -> Browser:
    return room.browser()


@pytest.fixture
def attempt(ada: Browser) -> str:
    started = ada.start()
    ada.post(started, action="save", **{f"q.{FIRST}": GOOD[FIRST]})
    return started


def unharmed(room: Room) -> bool:
    with room.database.reading() as session:
        (one,) = session.scalars(select(Attempt)).all()
        responses = {response.question_id: response.choice_ids for response in session.scalars(select(Response))}
    return one.submitted_at is None and responses == {FIRST: [GOOD[FIRST]]}


BAD: dict[str, tuple[dict[str, str | list[str]], int]] = {
    "a question of no quiz": ({"q.no-such": "a"}, 422),
    "a question of another quiz": ({"q.right-and-wrong": "a"}, 422),
    "no question": ({"q.": "a"}, 422),
    "a choice of another question": ({f"q.{SECOND}": GOOD[FIRST]}, 422),
    "two choices where one is taken": ({f"q.{SECOND}": list(answers(5).values())[:2]}, 422),
    "an empty choice": ({f"q.{SECOND}": ""}, 422),
    "an unknown action": ({f"q.{SECOND}": GOOD[SECOND], "action": "grade-me"}, 422),
    "an unknown question to check": ({"action": "check:no-such"}, 422),
    "a megabyte": ({f"q.{SECOND}": "x" * 1_100_000}, 413),
    "half a megabyte": ({f"q.{SECOND}": "x" * 500_000}, 422),
    "a thousand fields": ({f"q.{number}": "a" for number in range(1_000)}, 422),
    "control characters": ({f"q.{SECOND}": "\x00\x1b[2J"}, 422),
    "one good and one bad": ({f"q.{SECOND}": GOOD[SECOND], "q.no-such": "a"}, 422),
    "a form of elsewhere": ({"csrf_token": "0" * 64, f"q.{SECOND}": GOOD[SECOND]}, 403),
}


@pytest.mark.parametrize("json", [True, False], ids=["script", "form"])
def test_what_is_no_answer_is_refused_in_words(room: Room, ada: Browser, attempt: str, json: bool) -> None:
    own = ada.csrf()
    for bad, (fields, status) in BAD.items():
        csrf = fields.get("csrf_token", own)
        assert isinstance(csrf, str)
        sent = {"action": "save", **{name: value for name, value in fields.items() if name != "csrf_token"}}
        refused = ada.post(attempt, json=json, csrf=csrf, **sent)
        if sent["action"] == "check:no-such" and not json:
            assert refused.status_code == 303, "without scripts the page itself is shown again"
        else:
            assert refused.status_code == status, bad
            assert TITLES[status] in ((refused.json or {})["error"]["title"] if json else refused.text), bad
        assert unharmed(room), bad


def test_a_body_that_is_no_form_is_refused(room: Room, ada: Browser, attempt: str) -> None:
    bodies = (b"{}", b'{"action": "submit-anyway"}', b"[" * 10_000, b"\xff\xfe", b"")
    types = ("application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded")
    for body, content_type in itertools.product(bodies, types):
        refused = ada.client.post(
            ada.base + attempt, data=body, content_type=content_type, headers={"Accept": "application/json"}
        )
        assert refused.status_code == 403
        assert (refused.json or {})["error"]["code"] == "foreign_form"
    assert unharmed(room)


def test_there_is_no_grade_of_what_is_not_in_the_course(room: Room, ada: Browser) -> None:
    with room.database.transaction() as session:
        session.merge(room.classroom.placement).item_id = None
    for item_id in ("no-such", "a%00b", "x" * 5000):
        assert ada.get(f"/items/{item_id}/delivery").status_code == 404


def test_attempts_that_are_not_there_are_not_found(ada: Browser) -> None:
    for path in ("/attempts/aaaaaaaaaaaa", "/attempts/x", f"/attempts/{'y' * 3000}"):
        asked = (ada.get(path), ada.get(f"{path}/standing"), ada.get(f"{path}/result"), ada.post(path, action="save"))
        for answer in asked:
            assert answer.status_code == 404
            assert "No such attempt" in answer.text or "nothing here" in answer.text


def test_without_scripts_an_answer_after_the_end_comes_back_beside_the_result(
    room: Room, ada: Browser, attempt: str
) -> None:
    csrf = ada.csrf()
    ada.post(attempt, action="submit-anyway")
    late = ada.post(attempt, csrf=csrf, action="save", **{f"q.{SECOND}": GOOD[SECOND]})
    assert late.status_code == 409
    assert "was handed in already, so nothing more was taken" in late.text
    assert "Question 2</a>: " in late.text
    assert "1 of 5" in late.text
