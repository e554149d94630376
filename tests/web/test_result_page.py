"""What a finished attempt says: the grade first, what was taken off, what counts, where it is, and a file to keep."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from lti_tool.models import OutboxScore
from tests.support.factory import QUIZ
from tests.support.rules import movable_clock, set_rules
from tests.web.conftest import Room

PAGE = f"/items/{QUIZ.id}"


def result(page: str) -> str:
    """The words of the result's section, in order."""
    (found,) = re.findall(r'<section class="result".*?</section>', page, re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))).strip()


def test_the_grade_comes_first_then_whether_it_passes_and_where_it_is(room: Room) -> None:
    set_rules(room.database, room.classroom.placement, pass_percent=80)
    ada = room.browser()
    page = ada.client.get(ada.hand_in(ada.start(), right=4).location).text
    said = result(page)
    assert re.match(r"Your result 4 of 5 · 80% Passed. 80% was needed. Handed in .* Saved, on its way", said)
    main = page.partition("<main")[2]
    assert main.index("result-line") < main.index("next-steps") < main.index("explained-title")


def test_below_the_pass_mark_it_says_what_is_needed(room: Room) -> None:
    set_rules(room.database, room.classroom.placement, pass_percent=80)
    ada = room.browser()
    assert "3 of 5 · 60% Not passed. 80% is needed." in result(
        ada.client.get(ada.hand_in(ada.start(), 3).location).text
    )


def test_without_a_pass_mark_it_says_nothing_of_one(room: Room) -> None:
    set_rules(room.database, room.classroom.placement, pass_percent=None)
    ada = room.browser()
    assert "assed" not in result(ada.client.get(ada.hand_in(ada.start(), 3).location).text)


def test_what_is_taken_off_stands_there_with_its_reason(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    now = movable_clock(monkeypatch)
    set_rules(
        room.database, room.classroom.placement, due_at=now.now + timedelta(hours=1), late="deduct",
        late_percent_per_day=10, late_percent_at_most=50,
    )  # fmt: skip
    ada = room.browser()
    attempt = ada.start()
    now.forward(hours=3)
    location = ada.hand_in(attempt, right=5).location
    assert "4.5 of 5 · 90%" in result(ada.client.get(location).text)
    assert "5 of 5, and 10% off for 1 day late." in result(ada.client.get(location).text)
    assert "5 of 5, and 10% off for 1 day late." in ada.client.get(location + "/result").text


def test_the_next_item_is_the_main_way_on_and_another_attempt_the_second(room: Room) -> None:
    ada = room.browser()
    page = ada.client.get(ada.hand_in(ada.start(), right=4).location).text
    steps = page.partition('class="next-steps"')[2].partition('class="explained"')[0]
    assert re.search(r'<a class="button button-main" href="[^"]+">Next: ', steps)
    assert '<button class="button" type="submit">Start attempt 2 of 3</button>' in steps


def test_several_attempts_say_which_counts(room: Room) -> None:
    ada = room.browser()
    ada.hand_in(ada.start(), right=4)
    page = ada.client.get(ada.hand_in(ada.start(), right=2).location).text
    assert "2 of 5" in result(page)
    assert "Your best attempt counts: 4 of 5." in result(page)
    assert page.count("counts</span>") == 1


def test_the_file_to_keep_holds_everything_and_needs_nothing(room: Room) -> None:
    ada = room.browser()
    location = ada.hand_in(ada.start(), right=4).location
    answer = ada.client.get(location + "/result")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="quiz-1-attempt-1.html"'
    file = answer.text
    for held in (QUIZ.title, "Attempt 1 of 3", "4 of 5 (80%)", "UTC", "your answer, right", "your answer, not right"):
        assert held in file
    assert file.count("1 of 1 point") == 4
    assert not re.search(r"<script|<link|<img|<form|https?://|\ssrc=|\shref=|@import|url\(", file)


def test_there_is_no_file_of_an_open_attempt_nor_of_somebody_elses(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    assert ada.get(f"{attempt}/result").status_code == 404
    ada.hand_in(attempt, right=4)
    with room.database.transaction() as session:
        room.classroom.session = session
        other = room.classroom.person("mallory")
    mallory = room.browser(other)
    for path in (attempt, f"{attempt}/result", f"{attempt}/standing"):
        assert mallory.get(path).status_code == 404
        assert mallory.client.get(ada.base + path).status_code == 403


def test_every_page_says_what_the_gradebook_is_sent_when_the_rule_has_changed_between_two_attempts(room: Room) -> None:
    ada = room.browser()
    set_rules(room.database, room.classroom.placement, counts="best")
    first = ada.start()
    ada.hand_in(first, right=5)
    set_rules(room.database, room.classroom.placement, counts="last")
    second = ada.start()
    ada.hand_in(second, right=4)
    with room.database.reading() as session:
        sent = session.scalars(select(OutboxScore).order_by(OutboxScore.timestamp.desc())).first()
        assert sent is not None
        assert sent.score_given == 4
    for attempt in (first, second):
        assert "Your last attempt counts: 4 of 5." in result(ada.get(attempt).text)
    assert "4 of 5 (80%)" in ada.get("/module").text


@pytest.mark.parametrize(
    ("counts", "rights", "said"),
    [
        ("first", (2, 5), ("Not passed. 80% is needed.", "Not passed. This attempt reaches the 80% needed")),
        ("best", (5, 2), ("Passed. 80% was needed.", "You have passed. This attempt alone does not reach")),
        ("average", (5, 2), ("Not passed. This attempt reaches the 80% needed", "Not passed. 80% is needed.")),
    ],
)
def test_whether_it_is_passed_is_told_by_what_counts_as_on_the_strip(
    room: Room, counts: str, rights: tuple[int, int], said: tuple[str, str]
) -> None:
    set_rules(room.database, room.classroom.placement, pass_percent=80, counts=counts)
    ada = room.browser()
    attempts = []
    for right in rights:
        attempts.append(ada.start())
        ada.hand_in(attempts[-1], right)
    for attempt, words in zip(attempts, said, strict=True):
        page = ada.get(attempt).text
        assert words in result(page)
        assert ("result-pass-yes" in page) == (counts == "best")
        assert ('<span class="visually-hidden">, passed' in page or ">passed<" in page) == (counts == "best")


def test_of_two_equal_attempts_the_last_is_marked_when_the_last_counts(room: Room) -> None:
    set_rules(room.database, room.classroom.placement, counts="last")
    ada = room.browser()
    ada.hand_in(ada.start(), right=4)
    page = ada.client.get(ada.hand_in(ada.start(), right=4).location).text
    past = page.partition('class="past-list"')[2].partition("</ol>")[0]
    assert ["counts</span>" in row for row in past.split("</li>")[:2]] == [False, True]
