"""One page at a time has an attempt: what another has saved is never overwritten by one that does not know of it."""

import re

from sqlalchemy import select
from werkzeug.test import TestResponse

from config.public_ids import new_public_id
from course.models import Response
from tests.support.factory import QUIZ, answers
from tests.support.visit import Browser
from tests.web.conftest import Room

DATABASE = "postgresql"

FIRST, SECOND = QUIZ.questions[0].id, QUIZ.questions[1].id
RIGHT, WRONG = answers(5), answers(0)
PAGE = f"/items/{QUIZ.id}"


class Shown:
    """A page of the attempt as a device shows it, with the names its form sends."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        html = browser.get(PAGE).text
        self.names = {
            name: re.findall(rf'name="{name}" value="(\w*)"', html)[0]
            for name in ("writer", "seen_writer", "csrf_token")
        }
        self.attempt = html.partition(f'action="{browser.base}')[2].partition('"')[0]

    def post(self, json: bool = True, action: str = "save", **fields: str) -> TestResponse:
        names = {"writer": self.names["writer"], "seen_writer": self.names["seen_writer"]}
        return self.browser.post(
            self.attempt, json=json, csrf=self.names["csrf_token"], action=action, **{**names, **fields}
        )


def kept(room: Room) -> dict[str, list[str]]:
    with room.database.reading() as session:
        return {one.question_id: one.choice_ids for one in session.scalars(select(Response))}


def started(room: Room) -> Browser:
    ada = room.browser()
    ada.start()
    return ada


def test_a_page_goes_on_writing_and_a_new_one_takes_its_place(room: Room) -> None:
    phone, laptop = started(room), room.browser()
    on_phone = Shown(phone)
    assert on_phone.post(**{f"q.{FIRST}": WRONG[FIRST]}).status_code == 200
    assert on_phone.post(**{f"q.{FIRST}": RIGHT[FIRST]}).status_code == 200
    on_laptop = Shown(laptop)
    assert on_phone.post(**{f"q.{SECOND}": WRONG[SECOND]}).status_code == 200  # looking takes nothing away
    stale = on_laptop.post(**{f"q.{SECOND}": RIGHT[SECOND]})
    assert stale.status_code == 200, "the laptop has seen the phone at work, and nobody else has come since"
    assert kept(room) == {FIRST: [RIGHT[FIRST]], SECOND: [RIGHT[SECOND]]}


def test_a_page_that_was_replaced_changes_nothing_and_is_told_what_to_do(room: Room) -> None:
    phone, laptop = started(room), room.browser()
    on_phone = Shown(phone)
    on_phone.post(**{f"q.{FIRST}": WRONG[FIRST]})
    Shown(laptop).post(**{f"q.{FIRST}": RIGHT[FIRST]})
    for action in ("save", "review", "submit", "submit-anyway", f"check:{FIRST}"):
        refused = on_phone.post(action=action, **{f"q.{FIRST}": WRONG[FIRST], f"q.{SECOND}": WRONG[SECOND]})
        assert refused.status_code == 409
        assert refused.json is not None
        assert refused.json["error"]["code"] == "TakenOver"
        assert "another device" in refused.json["error"]["text"]
        assert "Reload" in refused.json["error"]["text"]
        assert kept(room) == {FIRST: [RIGHT[FIRST]]}
    standing = phone.get(f"{on_phone.attempt}/standing").json
    assert standing is not None
    assert standing["location"] is None
    assert standing["writer"] not in {on_phone.names["writer"], on_phone.names["seen_writer"]}


def test_reloading_takes_the_attempt_back(room: Room) -> None:
    phone, laptop = started(room), room.browser()
    Shown(phone).post(**{f"q.{FIRST}": WRONG[FIRST]})
    on_laptop = Shown(laptop)
    on_laptop.post(**{f"q.{FIRST}": RIGHT[FIRST]})
    again = Shown(phone)
    assert again.post(**{f"q.{SECOND}": WRONG[SECOND]}).status_code == 200
    assert on_laptop.post(**{f"q.{SECOND}": RIGHT[SECOND]}).status_code == 409
    assert kept(room) == {FIRST: [RIGHT[FIRST]], SECOND: [WRONG[SECOND]]}


def test_without_scripts_the_replaced_form_comes_back_with_what_is_saved_and_what_was_chosen(room: Room) -> None:
    phone, laptop = started(room), room.browser()
    on_phone = Shown(phone)
    Shown(laptop).post(**{f"q.{FIRST}": RIGHT[FIRST]})
    Shown(laptop).post(**{f"q.{SECOND}": RIGHT[SECOND]})
    answer = on_phone.post(json=False, **{f"q.{FIRST}": RIGHT[FIRST], f"q.{SECOND}": WRONG[SECOND]})
    assert answer.status_code == 409
    assert "This quiz went on elsewhere" in answer.text
    assert re.findall(r"(Question \d)</a>: ", answer.text) == ["Question 2"]  # the first is what is saved anyway
    assert f'value="{RIGHT[SECOND]}" checked' in answer.text
    writer, seen = (re.findall(rf'name="{name}" value="(\w+)"', answer.text)[0] for name in ("writer", "seen_writer"))
    again = on_phone.post(writer=writer, seen_writer=seen, **{f"q.{SECOND}": WRONG[SECOND]})
    assert again.status_code == 200


def test_a_form_that_names_no_page_can_replace_none(room: Room) -> None:
    phone, laptop = started(room), room.browser()
    on_phone = Shown(phone)
    Shown(laptop).post(**{f"q.{FIRST}": RIGHT[FIRST]})
    for names in ({"writer": ""}, {"writer": "", "seen_writer": ""}, {"seen_writer": ""}):
        assert on_phone.post(**names, **{f"q.{FIRST}": WRONG[FIRST]}).status_code == 409
    assert kept(room) == {FIRST: [RIGHT[FIRST]]}


def test_a_name_that_no_page_has_is_refused(room: Room) -> None:
    on_phone = Shown(started(room))
    for forged in ("x", "x" * 5000, "\x00" * 12, "é" * 12, "'; drop--;", new_public_id().upper()):
        for name in ("writer", "seen_writer"):
            refused = on_phone.post(**{name: forged, f"q.{FIRST}": RIGHT[FIRST]})
            assert refused.status_code == 422
            assert refused.json is not None
            assert refused.json["error"]["code"] == "ResponseNotTaken"
    assert kept(room) == {}


def test_a_page_made_up_by_its_owner_replaces_nobody_it_has_not_seen(room: Room) -> None:
    phone = started(room)
    on_phone = Shown(phone)
    on_phone.post(**{f"q.{FIRST}": RIGHT[FIRST]})
    forged = on_phone.post(writer=new_public_id(), seen_writer=new_public_id(), **{f"q.{FIRST}": WRONG[FIRST]})
    assert forged.status_code == 409
    assert kept(room) == {FIRST: [RIGHT[FIRST]]}
