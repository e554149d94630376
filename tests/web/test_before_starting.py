"""What stands on a quiz's page before an attempt: the rules in words, and why it cannot be started, for whom."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.support.factory import QUIZ
from tests.support.rules import give_more, movable_clock, set_rules
from tests.support.visit import seat
from tests.web.conftest import Room

PAGE = f"/items/{QUIZ.id}"


def facts(page: str) -> dict[str, str]:
    """The list of facts as a reader without scripts has it."""
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {name: unescape(re.sub(r"<[^>]+>", "", text)) for name, text in pairs}


def notice(page: str) -> str:
    found = re.findall(r'<div class="notice quiz-notice".*?</div>\s*</div>', page, re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", "".join(found)))).strip()


def test_the_rules_of_the_course_stand_there_in_words(room: Room) -> None:
    told = facts(room.browser().get(PAGE).text)
    assert told["Questions"] == "5 questions, in any order. You can leave in between."
    assert told["Attempts"] == "You have 3 attempts. Your best attempt counts."
    assert told["Your grade"] == "When you hand in, your result goes to your course’s gradebook."
    assert "Time" not in told
    assert "Due" not in told


def test_every_rule_of_a_timed_and_dated_quiz_is_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    now = movable_clock(monkeypatch)
    due, closes = now.now + timedelta(days=3), now.now + timedelta(days=10)
    set_rules(
        room.database, room.classroom.placement, time_limit_minutes=30, attempts=2, counts="last", pass_percent=80,
        due_at=due, closes_at=closes, late="deduct", late_percent_per_day=10, late_percent_at_most=50,
        feedback="after-due",
    )  # fmt: skip
    give_more(
        room.database, room.classroom.placement, room.ada.learner_id, time_percent=200, extra_attempts=1, extra_days=2
    )
    page = room.browser().get(PAGE).text
    told = facts(page)
    assert told["Time"].startswith("60 minutes, 30 of them extra for you.")
    assert told["Attempts"] == "You have 3 attempts. Your last attempt counts."
    assert told["To pass"] == "80% or more."
    assert "Later, each day begun takes 10% off your points, at most 50%." in told["Due"]
    for moment in (due, closes):
        assert f'datetime="{(moment + timedelta(days=2)).isoformat()}"' in page
    assert "Nothing is taken after that." in told["Closes"]
    assert "your answers are explained after" in told["Explained"]


def test_once_the_due_date_is_past_nobody_is_told_to_wait_for_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    now = movable_clock(monkeypatch)
    set_rules(room.database, room.classroom.placement, due_at=now.now + timedelta(hours=1), feedback="after-due")
    ada = room.browser()
    assert "are explained after" in facts(ada.get(PAGE).text)["Explained"]
    now.forward(hours=2)
    assert facts(ada.get(PAGE).text)["Explained"].startswith("Your answers are explained after you hand in.")
    ada.start()
    assert "every answer explained at once" in ada.get(f"{PAGE}?review=1").text


@pytest.mark.parametrize(
    ("late", "words"),
    [("accept", "Later is taken as well, and nothing is taken off."), ("refuse", "After that, nothing more is taken.")],
)
def test_the_rule_for_late_work_is_told(room: Room, monkeypatch: pytest.MonkeyPatch, late: str, words: str) -> None:
    now = movable_clock(monkeypatch)
    set_rules(room.database, room.classroom.placement, due_at=now.now + timedelta(days=1), late=late)
    assert words in facts(room.browser().get(PAGE).text)["Due"]


def test_before_it_opens_a_student_waits_and_an_instructor_previews(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = movable_clock(monkeypatch)
    opens = now.now + timedelta(hours=5)
    set_rules(room.database, room.classroom.placement, opens_at=opens)
    student = room.browser()
    page = student.get(PAGE)
    assert page.status_code == 200
    assert notice(page.text).startswith("Not open yet It opens")
    assert f'datetime="{opens.isoformat()}"' in page.text
    assert "Start" not in re.findall(r"<button.*?</button>", page.text, re.DOTALL)
    refused = student.post(f"{PAGE}/attempts")
    assert refused.status_code == 422
    assert "Not open yet" in refused.text
    as_json = student.post(f"{PAGE}/attempts", json=True)
    assert as_json.status_code == 422
    assert (as_json.json or {})["error"]["code"] == "NotOpenYet"
    grace = room.browser(role="instructor")
    told = notice(grace.get(PAGE).text)
    assert "Students cannot start this now; you can preview it" in told
    assert "opens_at" in told
    assert grace.post(f"{PAGE}/attempts").status_code == 303
    now.forward(hours=5)
    assert student.post(f"{PAGE}/attempts").status_code == 303


@pytest.mark.parametrize(("rules", "setting"), [({"late": "refuse"}, "due_at, late: refuse"), ({}, "closes_at")])
def test_once_closed_it_says_since_when_and_results_stay(
    room: Room, monkeypatch: pytest.MonkeyPatch, rules: dict[str, str], setting: str
) -> None:
    now = movable_clock(monkeypatch)
    end = now.now + timedelta(hours=1)
    set_rules(room.database, room.classroom.placement, **{"due_at" if rules else "closes_at": end}, **rules)
    ada = room.browser()
    ada.hand_in(ada.start(), right=4)
    now.forward(hours=2)
    page = ada.get(PAGE).text
    assert "4 of 5" in page
    assert notice(page).startswith("Closed It closed")
    assert "Start attempt" not in page
    assert ada.post(f"{PAGE}/attempts").status_code == 422
    grace = room.browser(role="instructor")
    assert setting in notice(grace.get(PAGE).text)


def test_what_must_come_first_is_named_with_a_way_to_it(room: Room) -> None:
    other = "quiz-2"
    set_rules(room.database, room.classroom.placement, unlock_after=[other])
    ada = room.browser()
    page = ada.get(PAGE).text
    assert "Still locked It opens once you have handed in these:" in notice(page)
    assert f'href="{ada.base}/items/{other}"' in page.partition("quiz-notice")[2].partition("</ul>")[0]
    assert ada.post(f"{PAGE}/attempts").status_code == 422
    grace = room.browser(role="instructor")
    assert "unlock_after" in notice(grace.get(PAGE).text)
    assert grace.post(f"{PAGE}/attempts").status_code == 303


def test_when_all_attempts_are_used_the_results_stay_and_no_button_is_left(room: Room) -> None:
    set_rules(room.database, room.classroom.placement, attempts=1)
    ada = room.browser()
    ada.hand_in(ada.start(), right=3)
    page = ada.get(PAGE).text
    assert "3 of 5" in page
    assert notice(page).startswith("No attempt left")
    assert "Start attempt" not in page
    give_more(room.database, room.classroom.placement, room.ada.learner_id, extra_attempts=1)
    assert "Start attempt 2 of 2" in ada.get(PAGE).text


def test_a_quiz_that_nothing_in_the_course_opens_says_so_to_each(room: Room) -> None:
    other = "/items/quiz-2"
    ada = room.browser()
    page = ada.get(other)
    assert page.status_code == 404
    assert "Go back to your course and open it there" in notice(page.text)
    assert "aria-current" in page.text, "the strip is there, so it is no dead end"
    assert ada.post(f"{other}/attempts").status_code == 404
    grace = seat(room.app.test_client(), room.database, room.classroom.placement, room.ada.learner, "instructor")
    page = grace.get(other)
    assert page.status_code == 200
    assert "Add an activity for it in your course" in notice(page.text)
    assert grace.post(f"{other}/attempts").status_code == 303
    assert "Question 1 of 5" in grace.get(other).text


def test_coming_back_to_an_open_attempt_says_that_it_goes_on(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    assert "go on where you left off" not in ada.get(PAGE).text
    first = QUIZ.questions[0]
    ada.post(attempt, action="save", **{f"q.{first.id}": first.choices[0].id})  # type: ignore[attr-defined]
    page = ada.get(PAGE).text
    assert "1 answer is saved; go on where you left off." in page
