"""Scores, results and the gradebook they make."""

import json
from typing import Any

import pytest

from lti_tool.practice_lms.launches import LINE_ITEM_SCOPE
from tests.practice_lms.helpers import ADA, ALAN, DOROTHY, GRACE, LINE_ITEM, RESULTS, SCORE, Lms, beside


def own_column(lms: Lms) -> str:
    """A column made by the tool, of another kind than the quiz's own."""
    body = {"label": "Exam", "scoreMaximum": 20}
    made = lms.call("POST", "/lti/lineitems?type_id=1", {"Content-Type": LINE_ITEM}, body)
    return str(made.get_json(force=True)["id"])


def results(lms: Lms, url: str, query: str = "") -> Any:
    response = lms.call("GET", beside(url, "/results") + query, accept=RESULTS)
    assert (response.status_code, response.content_type) == (200, RESULTS)
    return response.get_json(force=True)


def test_a_score_reaches_the_gradebook_on_the_columns_scale(lms: Lms) -> None:
    url = lms.quiz_url()
    response = lms.post_score(url, lms.score(ADA, 8, 10, comment="Well read"))
    assert (response.status_code, response.data) == (200, b"")
    grade = lms.grade()
    assert grade == {
        "user_id": ADA,
        "name": "Ada Lovelace",
        "line_item_id": url,
        "resource_id": "quiz-1",
        "label": "Quiz 1",
        "result_score": 4,
        "result_maximum": 5,
        "score_given": 8,
        "score_maximum": 10,
        "timestamp": "2026-11-22T10:00:00+00:00",
        "received_at": "2026-11-22T10:00:00+00:00",
        "comment": "Well read",
        "activity_progress": "Completed",
        "grading_progress": "FullyGraded",
    }


@pytest.mark.parametrize(
    ("given", "maximum", "held"), [(0, 5, 0), (12, 10, 5), (1, 3, 1.66667), (5, 5, 5), (0.1, 0.3, 1.66667)]
)
def test_scores_are_scaled_and_held_at_the_maximum(lms: Lms, given: float, maximum: float, held: float) -> None:
    lms.post_score(lms.quiz_url(), lms.score(ADA, given, maximum))
    grade = lms.grade()
    assert grade is not None
    assert grade["result_score"] == held


def test_a_new_maximum_rescales_the_grades(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score(ADA, 4, 5))
    lms.call("PUT", url, {"Content-Type": LINE_ITEM}, {"label": "Quiz 1", "scoreMaximum": 100})
    assert results(lms, url)[0]["resultScore"] == 80


@pytest.mark.parametrize("grading_progress", ["Pending", "PendingManual", "Failed", "NotReady"])
def test_a_score_that_is_not_fully_graded_erases_the_grade(lms: Lms, grading_progress: str) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score())
    lms.clock.forward(1)
    assert lms.post_score(url, lms.score(gradingProgress=grading_progress)).status_code == 200
    grade = lms.grade()
    assert grade is not None
    assert grade["result_score"] is None
    assert grade["score_given"] is None


def test_a_fully_graded_score_without_points_erases_the_grade(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score())
    lms.clock.forward(1)
    assert lms.post_score(url, lms.score(given=None, comment="Taken back")).status_code == 200
    (result,) = results(lms, url)
    assert "resultScore" not in result
    assert result["comment"] == "Taken back"


def test_a_score_without_a_comment_removes_the_comment(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score(comment="First"))
    lms.clock.forward(1)
    lms.post_score(url, lms.score())
    grade = lms.grade()
    assert grade is not None
    assert grade["comment"] == ""


@pytest.mark.parametrize(
    ("timestamp", "status"),
    [
        ("2026-11-22T10:00:00Z", 409),
        ("2026-11-22T10:00:00.999Z", 409),
        ("2026-11-22T09:59:59Z", 409),
        ("2026-11-22T11:00:00+01:00", 409),
        ("2026-11-22T10:00:01Z", 200),
        ("2026-11-22T11:00:01.5+01:00", 200),
    ],
)
def test_a_score_must_be_later_by_a_whole_second(lms: Lms, timestamp: str, status: int) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score(ADA, 1))
    assert lms.post_score(url, lms.score(ADA, 2, timestamp=timestamp)).status_code == status
    grade = lms.grade()
    assert grade is not None
    assert grade["score_given"] == (2 if status == 200 else 1)


def test_another_students_score_does_not_count_as_earlier(lms: Lms) -> None:
    url = lms.quiz_url()
    assert lms.post_score(url, lms.score(ADA)).status_code == 200
    assert lms.post_score(url, lms.score(ALAN)).status_code == 200


def test_erasing_the_activitys_column_forgets_its_time_unless_a_comment_stays(lms: Lms) -> None:
    url = lms.quiz_url()
    early = lms.clock().isoformat()
    lms.clock.forward(10)
    lms.post_score(url, lms.score(given=None, comment="Wait"))
    assert lms.post_score(url, lms.score(timestamp=early)).status_code == 409
    lms.clock.forward(1)
    lms.post_score(url, lms.score(given=None))
    assert lms.post_score(url, lms.score(timestamp=early)).status_code == 200


def test_erasing_a_column_of_the_tools_own_counts_from_the_moment_it_came(lms: Lms) -> None:
    url = own_column(lms)
    stamped = lms.score(given=None)
    lms.clock.forward(10)
    lms.post_score(url, stamped)
    assert lms.post_score(url, lms.score()).status_code == 409
    lms.clock.forward(1)
    assert lms.post_score(url, lms.score()).status_code == 200


@pytest.mark.parametrize("user_id", [GRACE, DOROTHY, "999", "ada"])
def test_a_score_for_somebody_who_is_no_student_is_400(lms: Lms, user_id: str) -> None:
    assert lms.post_score(lms.quiz_url(), lms.score(user_id)).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": None},
        {"userId": 201},
        {"timestamp": None},
        {"timestamp": "yesterday"},
        {"timestamp": 1_790_000_000},
        {"timestamp": "2026-11-22T10:00:00"},
        {"timestamp": "2026-11-22"},
        {"timestamp": "2026-11-22T24:00:00Z"},
        {"timestamp": "2026-11-22T10:00:00Z "},
        {"timestamp": "0000-01-01T00:00:00Z"},
        {"activityProgress": None},
        {"activityProgress": "Done"},
        {"activityProgress": []},
        {"gradingProgress": None},
        {"gradingProgress": "fullygraded"},
        {"scoreGiven": -1},
        {"scoreGiven": "4"},
        {"scoreGiven": True},
        {"scoreGiven": float("nan")},
        {"scoreMaximum": None},
        {"scoreMaximum": 0},
        {"scoreMaximum": -5},
        {"comment": 5},
    ],
)
def test_a_score_with_a_wrong_member_is_400(lms: Lms, changes: dict[str, Any]) -> None:
    body = {name: value for name, value in {**lms.score(), **changes}.items() if value is not None}
    response = lms.post_score(lms.quiz_url(), body)
    assert response.status_code == 400
    assert response.get_json()["error"] in ("invalid_score", "invalid_json")
    assert lms.grade() is None


@pytest.mark.parametrize(
    ("content_type", "status"),
    [(SCORE, 200), (f"{SCORE};charset=utf-8", 200), ("application/json", 400), (LINE_ITEM, 400), ("", 400)],
)
def test_a_score_wants_its_own_media_type(lms: Lms, content_type: str, status: int) -> None:
    assert lms.post_score(lms.quiz_url(), lms.score(), content_type).status_code == status


def test_a_score_needs_the_score_scope(lms: Lms) -> None:
    headers = {"Content-Type": SCORE, **lms.bearer(LINE_ITEM_SCOPE)}
    assert lms.call("POST", beside(lms.quiz_url(), "/scores"), headers, lms.score()).status_code == 403


def test_a_score_for_a_column_that_is_gone_is_404(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score())
    lms.call("DELETE", url)
    assert lms.post_score(url, lms.score()).status_code == 404
    assert lms.grade() is None


def test_results_tell_a_zero_from_no_grade(lms: Lms) -> None:
    url = lms.quiz_url()
    assert results(lms, url) == []
    lms.post_score(url, lms.score(ADA, 0, comment="Late"))
    lms.post_score(url, lms.score(ALAN, given=None))
    zero, nothing = results(lms, url)
    assert (zero["userId"], zero["resultScore"], zero["resultMaximum"], zero["comment"]) == (ADA, 0, 5, "Late")
    assert zero["scoreOf"] == url
    assert "resultScore" not in nothing


def test_results_can_be_narrowed_to_one_student(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.post_score(url, lms.score(ADA))
    lms.post_score(url, lms.score(ALAN))
    (only,) = results(lms, url, f"&user_id={ALAN}")
    assert only["userId"] == ALAN
    assert results(lms, url, "&user_id=999") == []
    assert results(lms, only["id"].replace("/results", ""), "") == [only]


def test_results_want_their_own_media_type(lms: Lms) -> None:
    url = beside(lms.quiz_url(), "/results")
    assert lms.call("GET", url, accept="*/*").status_code == 200
    assert lms.call("GET", url, accept="application/json").status_code == 400


def test_every_score_that_came_is_logged_with_its_answer(lms: Lms) -> None:
    url = lms.quiz_url()
    for content_type in (SCORE, SCORE, "application/json"):
        lms.post_score(url, lms.score(), content_type)
    lms.client.post(beside(url, "/scores").removeprefix("http://127.0.0.1:8790"), data="no token")
    received = lms.client.get("/controls/received-scores").get_json()
    assert [entry["status"] for entry in received] == [200, 409, 400, 401]
    assert '"scoreGiven": 4' in received[0]["body"]
    assert received[3]["body"] == "no token"
    assert received[0]["path"] == "/lti/lineitems/1/scores?type_id=1"


@pytest.mark.parametrize(
    "member", ['"comment": "\\ud800"', '"scoreGiven": 1' + "0" * 400, '"scoreGiven": NaN', '"userId": {']
)
def test_json_that_no_gradebook_can_hold_is_400(lms: Lms, member: str) -> None:
    body = lms.score()
    given = {name: value for name, value in body.items() if f'"{name}"' not in member}
    response = lms.post_score(lms.quiz_url(), json.dumps(given).replace("{", "{" + member + ", ", 1))
    assert response.status_code == 400


def test_a_very_large_score_is_held_at_the_maximum(lms: Lms) -> None:
    assert lms.post_score(lms.quiz_url(), lms.score(ADA, 10**30)).status_code == 200
    grade = lms.grade()
    assert grade is not None
    assert grade["result_score"] == 5


def test_a_body_that_is_too_large_is_413_and_logged(lms: Lms) -> None:
    assert lms.post_score(lms.quiz_url(), lms.score(comment="x" * 1_100_000)).status_code == 413
    (entry,) = lms.client.get("/controls/received-scores").get_json()
    assert (entry["status"], entry["body"]) == (413, "")


def test_a_line_item_number_beyond_any_is_404(lms: Lms) -> None:
    assert lms.post_score(f"/lti/lineitems/{10**30}?type_id=1", lms.score()).status_code == 404
