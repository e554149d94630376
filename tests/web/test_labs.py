"""A lab at work without scripts: nothing that was said is lost, and nothing is said twice."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from config import clock
from config.database import Database
from config.task_queue import GRADE_ATTEMPTS, Nudger
from course.consents import consent_version
from course.conversations import NO_PARTNER, STREAMING
from course.models import Attempt, Consent, Placement, Turn
from course.policies import set_override
from grading import assessments
from grading.models import Outcome, RubricAssessment
from lti_tool.models import Registration
from tests.support.factory import make_person, make_placement
from tests.support.stack import wait_until
from tests.support.visit import Browser, seat
from tests.web.conftest import Room


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind of database: what depends on the kind is tested in tests/course/test_replies.py."""
    return sqlite_database


@pytest.fixture
def ada(room: Room) -> Browser:
    with room.database.transaction() as session:
        placement = make_placement(session, item_id="lab-1", context_key=room.classroom.placement.context_key)
    return seat(room.app.test_client(), room.database, placement, room.ada.learner)


def begin(ada: Browser) -> str:
    page = ada.get("/items/lab-1").text
    consent = re.search(r'name="consent" value="([^"]+)"', page)
    assert consent
    assert ada.post("/items/lab-1/conversation", consent=consent[1]).status_code == 303
    found = re.search(rf'action="{ada.base}(/labs/\w+)"', ada.get("/items/lab-1").text)
    assert found
    return found[1]


def say(
    ada: Browser, path: str, number: int, text: str = "The loss pays for repeats.", *, json: bool = False
) -> TestResponse:
    return ada.post(path, action="say", text=text, number=str(number), json=json)


def turns(room: Room) -> list[tuple[int, str, str, str]]:
    with room.database.reading() as session:
        rows = session.scalars(select(Turn).order_by(Turn.number)).all()
        return [(row.number, row.role, row.status, row.text) for row in rows]


def test_before_the_start_the_page_says_what_awaits_and_keeps_the_graders_words_to_itself(ada: Browser) -> None:
    page = ada.get("/items/lab-1").text
    for words in ("Before you begin", "What is stored", "Who sees it", "How it is graded", "written in advance"):
        assert words in page
    assert "Picks one ingredient as the primary failure" in page  # a descriptor
    assert "Still the loss. You gave me" not in page  # an exemplar
    assert "nothing in it pays for discovery" not in page  # the strong answer


def test_a_lab_begins_with_consent_to_these_words_and_with_the_partners_opening_move(room: Room, ada: Browser) -> None:
    refused = ada.post("/items/lab-1/conversation", consent="of another time")
    assert refused.status_code == 422
    begin(ada)
    with room.database.reading() as session:
        consent = session.scalars(select(Consent)).one()
        assert (consent.learner_id, consent.item_id) == (room.ada.learner_id, "lab-1")
    ((number, role, status, text),) = turns(room)
    assert (number, role, status) == (1, "partner", "done")
    assert text.startswith("Here’s what I have.")


def test_a_form_without_scripts_brings_the_reply_with_it(room: Room, ada: Browser) -> None:
    path = begin(ada)
    answer = say(ada, path, 2)
    assert (answer.status_code, answer.location.rpartition("#")[2]) == (303, "turn-3")
    page = ada.client.get(answer.location).text
    assert "The loss pays for repeats." in page
    assert "Fine, the loss." in page
    assert "7 turns left" in page
    assert [turn[:3] for turn in turns(room)] == [
        (1, "partner", "done"),
        (2, "student", "done"),
        (3, "partner", "done"),
    ]


def test_a_page_without_scripts_has_a_reply_written_whose_writer_has_died(room: Room, ada: Browser) -> None:
    path = begin(ada)
    say(ada, path, 2)
    with room.database.transaction() as session:
        reply = session.scalars(select(Turn).where(Turn.number == 3)).one()
        words, reply.text, reply.status = reply.text, "", STREAMING
        reply.lease_owner, reply.lease_until = "killed", clock.now() - timedelta(seconds=1)
    ada.get("/items/lab-1")
    wait_until("the reply is written anew", lambda: turns(room)[-1][2:] == ("done", words))


def test_a_message_sent_twice_is_said_once(room: Room, ada: Browser) -> None:
    path = begin(ada)
    assert [say(ada, path, 2).status_code for _ in range(3)] == [303] * 3
    assert len(turns(room)) == 3


def test_a_page_of_an_earlier_time_says_nothing_and_loses_nothing(room: Room, ada: Browser) -> None:
    path = begin(ada)
    say(ada, path, 2)
    answer = say(ada, path, 2, "something else", json=True)
    assert answer.status_code == 422
    assert answer.json is not None
    assert "another tab" in answer.json["error"]["text"]
    assert len(turns(room)) == 3


@pytest.mark.parametrize(("text", "words"), [("  \n ", "Write something"), ("x" * 4001, "too long")])
def test_what_cannot_be_a_turn_is_refused_in_words(room: Room, ada: Browser, text: str, words: str) -> None:
    path = begin(ada)
    answer = say(ada, path, 2, text)
    assert answer.status_code == 422
    assert words in answer.text
    assert len(turns(room)) == 1


def test_a_draft_is_there_on_the_next_visit_and_gone_once_sent(ada: Browser) -> None:
    path = begin(ada)
    ada.post(path, action="draft", text="half a <thought>")
    assert "half a &lt;thought&gt;</textarea>" in ada.get("/items/lab-1").text
    say(ada, path, 2)
    assert "half a" not in ada.get("/items/lab-1").text


def test_all_turns_can_be_used_and_no_more(room: Room, ada: Browser) -> None:
    path = begin(ada)
    for number in range(2, 18, 2):
        assert say(ada, path, number, f"A reason, number {number}, because of the logs.").status_code == 303
    assert "No turns left" in ada.get("/items/lab-1").text
    assert say(ada, path, 18).status_code == 422
    replies = [text for _, role, _, text in turns(room) if role == "partner"]
    assert len(set(replies)) == len(replies) == 9  # none repeats itself
    assert "?" not in replies[-1]


def test_handing_in_asks_first_and_then_says_truly_where_it_stands(room: Room, ada: Browser) -> None:
    path = begin(ada)
    say(ada, path, 2)
    asked = ada.client.get(ada.post(path + "/submit", action="submit", text="unsent words").location).text
    for words in ("Hand in now?", "7 turns are left", "has not been sent", "unsent words</textarea>"):
        assert words in asked
    done = ada.post(path + "/submit", action="submit-anyway", text="unsent words")
    page = ada.client.get(done.location).text
    assert "Handed in, waiting to be graded" in page
    assert "A person decides, by the rubric." in page
    assert "<textarea" not in page
    assert ada.client.get(done.location).text == page
    assert say(ada, path, 4).status_code == 409
    with room.database.reading() as session:
        assert session.scalars(select(Attempt.submitted_at)).one() is not None


def test_the_strip_says_what_a_lab_that_was_handed_in_waits_for(room: Room, ada: Browser) -> None:
    path = begin(ada)
    say(ada, path, 2)
    ada.post(path + "/submit", action="submit-anyway", text="")
    for state, words in (
        (assessments.WAITING, "waiting to be graded"),
        (assessments.PERSON, "waiting for a person"),
        (assessments.HELD, "graded, not shown yet"),
    ):
        with room.database.transaction() as session:
            session.execute(update(RubricAssessment).values(state=state))
        strip = ada.get("/items/lesson-1").text.partition('<nav class="strip"')[2].partition("</nav>")[0]
        assert strip.count(f">{words}</span>") == 2  # in the line, and in the menu
        assert "1 waiting for a result." in ada.get("/module").text


def test_a_copy_of_the_conversation_is_a_text_file(ada: Browser) -> None:
    path = begin(ada)
    say(ada, path, 2)
    copy = ada.get(path + "/copy")
    assert copy.mimetype == "text/plain"
    assert "attachment" in copy.headers["Content-Disposition"]
    assert "YOU\nThe loss pays for repeats." in copy.text


def test_nobody_elses_conversation_can_be_read_or_joined(room: Room, ada: Browser) -> None:
    path = begin(ada)
    with room.database.transaction() as session:
        mallory = make_person(session, room.classroom.registration.id, "mallory").learner
        placement = session.scalars(select(Placement).where(Placement.item_id == "lab-1")).one()
    other = seat(room.app.test_client(), room.database, placement, mallory)
    for tried in (path, path + "/turns/1", path + "/turns/1/events", path + "/copy"):
        assert other.get(tried).status_code == 404
    assert say(other, path, 2).status_code == 404
    assert len(turns(room)) == 1


def test_words_of_distress_are_met_with_help_and_cost_no_turn(room: Room, ada: Browser) -> None:
    path = begin(ada)
    page = ada.client.get(say(ada, path, 2, "honestly I want to die, forget the loss").location).text
    assert "8 turns left" in page
    assert re.search(r'<aside class="support" data-support aria', page)
    assert turns(room)[-1][3].startswith("Let us leave the case")


def graded(room: Room, **criterion: Any) -> None:
    """Grade the one attempt as a model would, with one criterion."""
    with room.database.transaction() as session:
        attempt = session.scalars(select(Attempt)).one()
        values = {
            "criterion_id": "mechanism", "name": "Mechanism", "level": 3, "points": "22.5", "points_possible": "30",
            "quotes": [{"turn": 2, "start": 4, "end": 13, "text": "loss pays"}], "omission": False,
            "boundary": "A step is missing.", "feedback": "A clear start.", "decided_by": "model", "why": "",
            "readings": [], **criterion,
        }  # fmt: skip
        session.add(
            Outcome(
                attempt_id=attempt.id,
                number=1,
                decided_by="rubric",
                points=Decimal("22.5"),
                points_possible=Decimal(100),
                evidence={"criteria": [values]},
                decided_at=clock.now(),
            )
        )


def test_a_result_names_who_decided_and_leads_from_quote_to_transcript_and_back(room: Room, ada: Browser) -> None:
    path = begin(ada)
    say(ada, path, 2)
    ada.post(path + "/submit", action="submit-anyway", text="")
    assert ada.get(path + "/standing").json == {"state": "waiting", "title": "Handed in, waiting to be graded"}
    graded(room)
    page = ada.get(path).text
    for words in ("22.5 of 100", "Decided by an AI, by the rubric", "A clear start.", "A step is missing.", "Good"):
        assert words in page
    assert '<a href="#quote-mechanism-1"><q dir="auto">loss pays</q></a>' in page
    assert '<mark class="quoted" id="quote-mechanism-1"><a href="#result-mechanism">loss pays</a></mark>' in page
    assert ada.get(path + "/standing").json == {"state": "graded", "title": "22.5 of 100"}


def test_a_criterion_that_was_left_out_says_so_and_a_persons_reason_is_shown(room: Room, ada: Browser) -> None:
    path = begin(ada)
    ada.post(path + "/submit", action="submit-anyway", text="")
    graded(room, level=1, quotes=[], omission=True, decided_by="person", why="You never came to it.")
    page = ada.get(path).text
    for words in ("Your turns do not speak of this.", "You never came to it.", "Decided by a person"):
        assert words in page


def test_an_instructor_previews_and_nothing_is_graded(room: Room) -> None:
    with room.database.transaction() as session:
        placement = make_placement(session, item_id="lab-1", context_key=room.classroom.placement.context_key)
        grace = make_person(session, room.classroom.registration.id, "grace").learner
    instructor = seat(room.app.test_client(), room.database, placement, grace, "instructor")
    path = begin(instructor)
    say(instructor, path, 2)
    done = instructor.post(path + "/submit", action="submit-anyway", text="")
    page = instructor.client.get(done.location).text
    assert "Preview handed in" in page
    assert "start a preview" in page
    assert "waiting for a person" not in instructor.get("/module").text


def set_rules(room: Room, **rules: Any) -> None:
    """Set rules of the lab for the context."""
    course = room.app.extensions["coursewright"].catalog.course("deep-learning")
    with room.database.transaction() as session:
        set_override(session, room.classroom.placement.context_key, course, course.item("lab-1"), rules)


def test_one_answer_may_be_written_instead_where_the_instructor_allows_it(room: Room, ada: Browser) -> None:
    consent = consent_version(NO_PARTNER)
    assert "write one answer" not in ada.get("/items/lab-1").text
    assert ada.post("/items/lab-1/conversation", partner="none", consent=consent).status_code == 422
    set_rules(room, written_answer="allowed")
    assert "write one answer instead" in ada.get("/items/lab-1").text
    assert ada.post("/items/lab-1/conversation", partner="none", consent=consent).status_code == 303
    page = ada.get("/items/lab-1").text
    assert "No AI reads it" in page
    found = re.search(rf'action="{ada.base}(/labs/\w+)"', page)
    assert found
    assert ada.post(found[1] + "/submit", action="submit-anyway", text="").status_code == 422
    ada.post(found[1], action="draft", text="It is the loss.")
    asked = ada.client.get(ada.post(found[1] + "/submit", action="submit", text="It is the loss, I say.").location).text
    assert "It is the loss, I say.</textarea>" in asked
    done = ada.post(found[1] + "/submit", action="submit-anyway", text="It is the loss, I say.")
    assert "A person decides" in ada.client.get(done.location).text
    assert turns(room) == [(1, "student", "done", "It is the loss, I say.")]


def test_when_the_time_is_up_whoever_looks_hands_in_what_was_said_and_nothing_more_is_taken(
    room: Room, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_rules(room, time_limit_minutes=20)
    path = begin(ada)
    assert "You can work on this until" in ada.get("/items/lab-1").text
    later = clock.now() + timedelta(minutes=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert say(ada, path, 2).status_code == 409
    sent: list[str] = []
    monkeypatch.setattr(Nudger, "nudge", lambda _, task, *__: sent.append(task.name))
    found = ada.get("/items/lab-1")
    assert (found.status_code, found.location) == (302, f"{ada.base}{path}")
    assert sent == [GRADE_ATTEMPTS.name]
    page = ada.get(path).text
    assert "Handed in, waiting to be graded" in page
    assert "<textarea" not in page
    assert say(ada, path, 2).status_code == 409


def test_no_other_attempt_is_offered_when_all_have_been_used(room: Room, ada: Browser) -> None:
    set_rules(room, attempts=1)
    path = begin(ada)
    done = ada.post(path + "/submit", action="submit-anyway", text="")
    assert "Try again" not in ada.client.get(done.location).text


def test_a_page_of_a_platform_that_was_removed_says_to_open_it_from_the_course(room: Room, ada: Browser) -> None:
    with room.database.transaction() as session:
        session.delete(session.get_one(Registration, room.classroom.registration.id))
    assert ada.get("/items/lab-1").status_code == 403
