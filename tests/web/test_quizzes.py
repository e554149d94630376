"""A quiz at work, on both databases: nothing a learner or a network does can lose or invent a point."""

import threading
from decimal import Decimal

from sqlalchemy import func, select

from course.models import Attempt, Response
from grading.models import Outcome
from lti_tool.models import OutboxScore
from tests.support.factory import QUIZ, answers
from tests.support.visit import seat
from tests.web.conftest import Room, on_both_databases

DATABASE = "postgresql"

FIRST, SECOND = QUIZ.questions[0], QUIZ.questions[1]


def _counts(room: Room) -> tuple[int, int, int]:
    with room.database.reading() as session:
        attempts, outcomes, owed = (
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Attempt, Outcome, OutboxScore)
        )
    return attempts, outcomes, owed


def test_a_handed_in_quiz_writes_attempt_outcome_and_owed_score_together_and_nudges_after(room: Room) -> None:
    ada = room.browser()
    answer = ada.hand_in(ada.start(), right=4)
    assert answer.status_code == 303
    assert _counts(room) == (1, 1, 1)
    with room.database.reading() as session:
        owed = session.scalars(select(OutboxScore)).one()
        outcome = session.scalars(select(Outcome)).one()
        assert (owed.score_given, owed.score_maximum) == (Decimal(4), Decimal(5))
        assert sum(Decimal(one["points"]) for one in outcome.evidence["questions"]) == outcome.points == 4
        assert room.nudges == [("passback.deliver_scores", ([owed.id],))]
    page = ada.client.get(answer.location).text
    assert "4 of 5" in page
    assert "Saved, on its way to your gradebook." in page


def test_handing_in_twice_changes_nothing(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    csrf = ada.csrf()
    fields = {f"q.{question}": choice for question, choice in answers(3).items()}
    first = ada.post(attempt, csrf=csrf, action="submit", **fields)
    second = ada.post(attempt, csrf=csrf, action="submit", **fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    better = {f"q.{question}": choice for question, choice in answers(5).items()}
    third = ada.post(attempt, csrf=csrf, action="submit", **better)
    assert third.status_code == 409
    assert _counts(room) == (1, 1, 1)
    assert "3 of 5" in ada.client.get(second.location).text


@on_both_databases
def test_eight_hand_ins_at_once_make_one_outcome_and_one_score(room: Room) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    fields = {"csrf_token": csrf, "action": "submit", **{f"q.{q}": c for q, c in answers(5).items()}}
    cookie = ada.client.get_cookie("coursewright_session")
    assert cookie
    statuses = []

    def hand_in() -> None:
        client = room.app.test_client()
        client.set_cookie("coursewright_session", cookie.value)
        statuses.append(client.post(ada.base + attempt, data=fields).status_code)

    threads = [threading.Thread(target=hand_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 8
    assert _counts(room) == (1, 1, 1)


@on_both_databases
def test_starting_twice_at_once_makes_one_attempt(room: Room) -> None:
    ada = room.browser()
    csrf = ada.csrf()
    cookie = ada.client.get_cookie("coursewright_session")
    assert cookie
    statuses = []

    def start() -> None:
        client = room.app.test_client()
        client.set_cookie("coursewright_session", cookie.value)
        path = f"{ada.base}/items/{QUIZ.id}/attempts"
        statuses.append(client.post(path, data={"csrf_token": csrf}).status_code)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 6
    assert _counts(room)[0] == 1


def test_a_checked_answer_is_explained_and_stays_as_it_was(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    wrong = answers(0)[FIRST.id]
    right = answers(5)[FIRST.id]
    checked = ada.post(attempt, json=True, action=f"check:{FIRST.id}", **{f"q.{FIRST.id}": wrong})
    assert checked.json is not None
    assert "Not quite" in checked.json["question_html"]
    ada.post(attempt, action="save", **{f"q.{FIRST.id}": right})
    with room.database.reading() as session:
        assert session.scalars(select(Response.choice_ids)).one() == [wrong]
    again = ada.post(attempt, json=True, action=f"check:{FIRST.id}", **{f"q.{FIRST.id}": right})
    assert again.json is not None
    assert "Not quite" in again.json["question_html"]


def test_the_key_stays_on_the_server_until_the_answer_is_final(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    texts = [choice.feedback_html for question in QUIZ.questions for choice in question.choices]
    page = ada.get(f"/items/{QUIZ.id}").text
    assert not [text for text in texts if text in page]
    assert "is_key" not in page
    assert "The right answer" not in page
    saved = ada.post(attempt, json=True, action="save", **{f"q.{FIRST.id}": answers(5)[FIRST.id]})
    assert saved.json == {"location": None, "seconds_left": None}
    checked = ada.post(attempt, json=True, action=f"check:{FIRST.id}", **{f"q.{FIRST.id}": answers(5)[FIRST.id]})
    second_texts = [choice.feedback_html for choice in SECOND.choices]
    page = ada.get(f"/items/{QUIZ.id}").text
    assert checked.json is not None
    assert not [text for text in second_texts if text in page or text in checked.json["question_html"]]


def test_an_open_question_is_asked_about_once_and_then_counts_as_nothing(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    asked = ada.post(attempt, action="submit", **{f"q.{FIRST.id}": answers(5)[FIRST.id]})
    assert asked.status_code == 303
    assert "still open" in ada.client.get(asked.location).text
    assert _counts(room) == (1, 0, 0)
    done = ada.post(attempt, action="submit-anyway")
    assert done.status_code == 303
    assert "1 of 5" in ada.client.get(done.location).text


def test_an_attempt_resumes_where_it_was_in_another_browser(room: Room) -> None:
    ada = room.browser()
    ada.post(ada.start(), action="save", **{f"q.{FIRST.id}": answers(5)[FIRST.id]})
    elsewhere = room.browser()
    page = elsewhere.get(f"/items/{QUIZ.id}").text
    assert "1 of 5" in page
    assert _counts(room)[0] == 1


def test_an_instructor_previews_and_never_owes_a_score(room: Room) -> None:
    with room.database.transaction() as session:
        room.classroom.session = session
        grace = room.classroom.person("grace")
    preview = room.browser(grace, role="instructor")
    done = preview.hand_in(preview.start(), right=5)
    assert done.status_code == 303
    assert _counts(room) == (1, 1, 0)
    assert room.nudges == []
    assert "preview" in preview.client.get(done.location).text


def test_a_preview_counts_for_nothing_when_its_author_becomes_a_student(room: Room) -> None:
    preview = room.browser(role="instructor")
    preview.hand_in(preview.start(), right=5)
    student = room.browser(role="learner")
    done = student.hand_in(student.start(), right=2)
    page = student.client.get(done.location).text
    assert "Attempt 1 of" in page
    with room.database.reading() as session:
        assert session.scalars(select(OutboxScore.score_given)).all() == [Decimal(2)]


def test_the_best_attempt_counts_and_a_worse_one_sends_nothing(room: Room) -> None:
    ada = room.browser()
    for right in (3, 5, 1):
        ada.hand_in(ada.start(), right=right)
    with room.database.reading() as session:
        given = session.scalars(select(OutboxScore.score_given).order_by(OutboxScore.timestamp)).all()
    assert given == [Decimal(3), Decimal(5)]
    refused = ada.post(f"/items/{QUIZ.id}/attempts")
    assert refused.status_code == 422
    assert "used all attempts" in refused.text


def test_answers_that_do_not_fit_are_refused_and_harm_nothing(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    good = {f"q.{FIRST.id}": answers(5)[FIRST.id]}
    ada.post(attempt, action="save", **good)
    for fields in (
        {"q.no-such-question": "a"},
        {f"q.{FIRST.id}": "no-such-choice"},
        {f"q.{FIRST.id}": "x" * 5000},
        {"q.": "a"},
        {f"q.{FIRST.id}": "\x00"},
        {"action": "check:no-such-question"},
        {"action": f"check:{SECOND.id}"},
    ):
        refused = ada.post(attempt, json=True, **{"action": "save", **fields})
        assert refused.status_code == 422, fields
        assert refused.json is not None
        assert refused.json["error"]["title"] == "Nothing has changed"
    too_long = ada.post(attempt, action="save", **{f"q.{FIRST.id}": "x" * 1_100_000})
    assert too_long.status_code == 413
    with room.database.reading() as session:
        assert session.scalars(select(Response.choice_ids)).all() == [[answers(5)[FIRST.id]]]


def test_an_answer_after_handing_in_is_refused_in_words(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    csrf = ada.csrf()
    ada.hand_in(attempt, right=5)
    late = ada.post(attempt, json=True, csrf=csrf, action="save", **{f"q.{FIRST.id}": answers(0)[FIRST.id]})
    assert late.status_code == 409
    assert late.json is not None
    assert "handed in" in late.json["error"]["text"]
    assert _counts(room) == (1, 1, 1)


def test_nobody_opens_or_answers_somebody_elses_attempt(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    with room.database.transaction() as session:
        room.classroom.session = session
        other = room.classroom.person("mallory")
    mallory = room.browser(other)
    assert mallory.get(attempt).status_code == 404
    assert mallory.post(attempt, action="submit-anyway").status_code == 404
    stolen = mallory.client.get(ada.base + f"/items/{QUIZ.id}")
    assert stolen.status_code == 403
    assert _counts(room) == (1, 0, 0)


def test_a_form_that_is_open_stays_good_when_the_browser_launches_elsewhere(room: Room) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    with room.database.transaction() as session:
        room.classroom.session = session
        grace = room.classroom.person("grace")
    seat(ada.client, room.database, room.classroom.placement, grace.learner, "instructor")
    saved = ada.post(attempt, json=True, csrf=csrf, action="save", **{f"q.{FIRST.id}": answers(5)[FIRST.id]})
    assert saved.status_code == 200


def test_a_form_without_our_token_is_refused(room: Room) -> None:
    ada = room.browser()
    attempt = ada.start()
    for token in ("", "made up", "é" * 64):
        refused = ada.post(attempt, csrf=token, action="submit-anyway")
        assert refused.status_code == 403
        assert "form has expired" in refused.text
    assert _counts(room) == (1, 0, 0)


def test_a_quiz_without_a_column_says_so_and_owes_nothing(room: Room) -> None:
    with room.database.transaction() as session:
        session.delete(session.merge(room.classroom.line_item))
    ada = room.browser()
    assert "No gradebook column" in ada.get(f"/items/{QUIZ.id}").text
    done = ada.hand_in(ada.start(), right=5)
    assert "No gradebook column" in ada.client.get(done.location).text
    assert _counts(room) == (1, 1, 0)


def test_an_attempt_of_a_learner_does_not_go_on_in_an_instructors_visit(room: Room) -> None:
    ada = room.browser()
    attempt, csrf = ada.start(), ada.csrf()
    seat(ada.client, room.database, room.classroom.placement, room.ada.learner, "instructor")
    fields = {f"q.{question}": choice for question, choice in answers(4).items()}
    refused = ada.post(attempt, csrf=csrf, action="submit", **fields)
    assert refused.status_code == 409
    assert "another role" in refused.text
    assert _counts(room) == (1, 0, 0)


def test_addresses_that_cannot_be_ours_ask_no_database(room: Room) -> None:
    ada = room.browser()
    for path in ("/in/a%00b/c", "/in/%ff/%ff", f"{ada.base}/attempts/x%00", f"{ada.base}/attempts/{'y' * 5000}"):
        assert ada.client.get(path).status_code in {403, 404}
