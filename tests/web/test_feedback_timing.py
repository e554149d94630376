"""Whatever the timing, nothing of the key leaves the server before its time: not in pages, JSON or files."""

import re
from datetime import timedelta
from html import unescape

import pytest

from config import clock
from tests.support.factory import QUIZ, answers
from tests.support.rules import give_more, movable_clock, set_rules
from tests.support.visit import Browser
from tests.web.conftest import Room

FIRST, SECOND = QUIZ.questions[0], QUIZ.questions[1]
RIGHT = {f"q.{question}": choice for question, choice in answers(5).items()}
WORDS = re.compile(r"<[^>]+>|\s+")


def told(text: str) -> set[str]:
    """The questions of which feedback, explanation or the key can be found in a text."""
    plain = WORDS.sub(" ", unescape(text))
    found = set()
    for question in QUIZ.questions:
        secrets = [choice.feedback_html for choice in question.choices] + [question.explanation_html or ""]  # type: ignore[attr-defined]
        if any(secret and WORDS.sub(" ", unescape(secret)).strip()[:50] in plain for secret in secrets):
            found.add(question.id)
    if any(word in text for word in ("is-key", "is-wrong", "verdict-right", "The right answer", "#icon-not-quite")):
        found.add("marked")
    return found


def rows_differ(page: str) -> bool:
    """Whether the options of a question differ in more than their words, ids and what was chosen."""
    rows = re.findall(r'<div class="choice[ "].*?</label>', page, re.DOTALL)
    assert len(rows) == 20
    plain = {
        re.sub(
            r'(value|name)="[^"]+"|<span class="choice-text".*?</span>| is-chosen| checked', "", row, flags=re.DOTALL
        )
        for row in rows
    }
    return len(plain) != 1


def everything_sent(ada: Browser, attempt: str) -> str:
    """All that the server says of an open attempt, in every form."""
    pages = [
        ada.get(f"/items/{QUIZ.id}").text,
        ada.get(f"/items/{QUIZ.id}?review=1").text,
        ada.get(attempt).text,
        ada.get(f"{attempt}/standing").text,
        ada.get(f"{attempt}/result").text,
        *(
            ada.post(attempt, json=True, action=action, **RIGHT).text
            for action in ("save", "review", f"check:{FIRST.id}")
        ),
        ada.post(attempt, action=f"check:{FIRST.id}", **RIGHT).text,
    ]
    return "\n".join(pages)


@pytest.mark.parametrize("feedback", ["after-submit", "after-due", "never"])
def test_an_open_attempt_tells_nothing_and_its_answers_can_change(room: Room, feedback: str) -> None:
    due = clock.now() + timedelta(days=9)
    set_rules(room.database, room.classroom.placement, feedback=feedback, due_at=due)
    ada = room.browser()
    attempt = ada.start()
    ada.post(attempt, action="save", **RIGHT)
    assert told(everything_sent(ada, attempt)) == set()
    page = ada.get(f"/items/{QUIZ.id}").text
    assert not rows_differ(page)
    assert "Check this answer" not in page
    refused = ada.post(attempt, json=True, action=f"check:{FIRST.id}")
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["error"]["code"] == "CheckNotOffered"
    ada.post(attempt, action="save", **{f"q.{FIRST.id}": answers(0)[FIRST.id]})
    done = ada.client.get(ada.post(attempt, action="submit").location).text
    assert "4 of 5" in done


def test_after_handing_in_everything_is_explained(room: Room) -> None:
    set_rules(room.database, room.classroom.placement, feedback="after-submit")
    ada = room.browser()
    done = ada.client.get(ada.hand_in(ada.start(), right=4).location).text
    assert told(done) >= {question.id for question in QUIZ.questions}
    assert "Your answers, explained" in done


def test_after_the_due_date_means_the_learners_own(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    now = movable_clock(monkeypatch)
    due = now.now + timedelta(days=2)
    set_rules(room.database, room.classroom.placement, feedback="after-due", due_at=due)
    give_more(room.database, room.classroom.placement, room.ada.learner_id, extra_days=3)
    ada = room.browser()
    own = due + timedelta(days=3)
    assert f'your answers are explained after <time datetime="{own.isoformat()}"' in ada.get(f"/items/{QUIZ.id}").text
    result = ada.hand_in(ada.start(), right=4).location
    file = result.removeprefix(ada.base) + "/result"
    for days in (0, 4.9):
        now.forward(days=days)
        ada = room.browser()  # visits end after a day
        page = ada.client.get(result).text
        assert "4 of 5" in page
        assert f'explained after <time datetime="{own.isoformat()}"' in page
        assert told(page) == told(ada.get(file).text) == set()
        assert not rows_differ(page)
    now.forward(days=0.2)
    assert told(ada.client.get(result).text) >= {question.id for question in QUIZ.questions}
    assert "your answer, not right" in ada.get(file).text


def test_never_shows_the_score_and_nothing_else(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    now = movable_clock(monkeypatch)
    set_rules(room.database, room.classroom.placement, feedback="never", due_at=now.now + timedelta(days=1))
    ada = room.browser()
    result = ada.hand_in(ada.start(), right=4).location
    now.forward(days=400)
    ada = room.browser()
    page, file = ada.client.get(result).text, ada.client.get(result + "/result").text
    assert "4 of 5" in page
    assert "4 of 5" in file
    assert "You see your score only" in page
    assert told(page) == told(file) == set()
    assert not rows_differ(page)


def test_what_was_checked_stays_explained_when_the_rule_becomes_stricter(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    ada.post(attempt, json=True, action=f"check:{FIRST.id}", **RIGHT)
    set_rules(room.database, room.classroom.placement, feedback="never")
    assert told(ada.get(f"/items/{QUIZ.id}").text) == {FIRST.id, "marked"}
    assert ada.post(attempt, json=True, action=f"check:{SECOND.id}", **RIGHT).status_code == 422
    done = ada.client.get(ada.post(attempt, action="submit").location).text
    assert told(done) == {FIRST.id, "marked"}
