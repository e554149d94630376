"""The quirks of Moodle's and Canvas's services, each as measured or read."""

from typing import Any

import pytest

from lti_tool.practice_lms.launches import AGS_CLAIM, NRPS_CLAIM, SCOPES
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.submissions import EXTENSION
from lti_tool.practice_lms.throttling import AHEAD, HIGH_WATER, Bucket
from tests.practice_lms.helpers import ADA, CONTAINER, GRACE, LINE_ITEM, RESULTS, Lms, beside

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
as_moodle = pytest.mark.parametrize("personality", [moodle], ids=["moodle"])
as_canvas = pytest.mark.parametrize("personality", [canvas], ids=["canvas"])


def score(lms: Lms, given: float | None = 4, **changes: Any) -> Any:
    user_id = lms.settings.personality.sub(changes.pop("person", ADA))
    return lms.score(user_id, given, 5, **changes)


def result(lms: Lms) -> Any:
    return (lms.grade() or {})["result_score"]


def container(lms: Lms) -> str:
    return str(lms.launch(ADA)[AGS_CLAIM]["lineitems"])


def column(lms: Lms, **body: Any) -> Any:
    return lms.call("POST", container(lms), {"Content-Type": LINE_ITEM}, {"scoreMaximum": 10, **body})


@as_moodle
def test_moodles_addresses_end_in_lineitem_and_a_query(lms: Lms) -> None:
    url = lms.quiz_url()

    assert url.endswith("/lti/lineitems/1/lineitem?type_id=7")
    assert lms.call("GET", url.partition("?")[0], accept=LINE_ITEM).status_code == 404
    assert lms.post_score(url, score(lms)).status_code == 200


@as_moodle
def test_moodle_gives_the_next_page_in_typographic_quotes_and_with_entities(lms: Lms) -> None:
    column(lms, label="Exam")
    listed = lms.call("GET", f"{container(lms)}&limit=1", accept=CONTAINER)

    assert listed.headers["Link"].encode("latin-1").decode().endswith("limit=1&amp;from=1>; rel=“next”")


@as_moodle
def test_moodle_has_no_results_under_a_limit(lms: Lms) -> None:
    assert lms.call("GET", beside(lms.quiz_url(), "/results") + "&limit=5", accept=RESULTS).status_code == 404


@as_moodle
def test_moodle_names_no_column_in_launches_of_a_link_that_has_two(lms: Lms) -> None:
    link = lms.launch(ADA)["https://purl.imsglobal.org/spec/lti/claim/resource_link"]["id"]
    assert column(lms, label="Second", resourceLinkId=link).status_code == 201

    assert "lineitem" not in lms.launch(ADA)[AGS_CLAIM]
    assert column(lms, label="Third", resourceLinkId="99").status_code == 403


@as_moodle
def test_moodle_checks_neither_issuer_nor_audience_of_an_assertion(lms: Lms) -> None:
    assert lms.ask_token(lms.assertion(aud="https://elsewhere.example", iss=None)).status_code == 200
    assert lms.ask_token(scope=f"{SCOPES[0]} unknown").get_json()["scope"] == SCOPES[0]
    assert lms.ask_token(scope="unknown").status_code == 400


@as_moodle
def test_on_moodle_a_teachers_grade_stays_and_a_locked_one_is_an_error(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.control("teacher", user_id=ADA, resource_id="quiz-1", points=2)
    assert (lms.post_score(url, score(lms, 5)).status_code, result(lms)) == (200, 2)
    lms.control("teacher", user_id=ADA, resource_id="quiz-1", locked=True)
    lms.clock.forward(5)
    assert (lms.post_score(url, score(lms, 3)).status_code, result(lms)) == (500, 5)


@as_moodle
def test_moodles_next_page_of_a_roster_forgets_the_role(lms: Lms) -> None:
    claim = lms.launch(ADA)[NRPS_CLAIM]
    first = lms.call("GET", f"{claim['context_memberships_url']}&role=Learner&limit=2", accept=MEMBERS)
    members = first.get_json(force=True)["members"]

    assert claim["service_versions"] == ["1.0", "2.0"]
    assert [one["roles"] for one in members] == [["Learner"], ["Learner"]]
    assert first.headers["Link"].endswith('limit=2&from=2>; rel="next"')
    assert "role" not in first.headers["Link"]
    assert lms.call("GET", claim["context_memberships_url"], accept="application/json").status_code == 400


@as_canvas
def test_canvas_names_everybody_by_the_ids_and_roles_of_launches(lms: Lms) -> None:
    launch = lms.launch(ADA)
    members = lms.call("GET", launch[NRPS_CLAIM]["context_memberships_url"]).get_json(force=True)["members"]
    ada = next(one for one in members if one["user_id"] == launch["sub"])

    assert (len(members), ada["status"]) == (7, "Active")
    assert ada["roles"] == launch["https://purl.imsglobal.org/spec/lti/claim/roles"]


@as_canvas
def test_canvas_takes_any_media_type_and_pages_by_ten(lms: Lms) -> None:
    for number in range(11):
        column(lms, label=f"Column {number}")
    first = lms.call("GET", container(lms), accept="application/json")
    following = first.headers["Link"].partition(">")[0].removeprefix("<")
    second = lms.call("GET", following)

    assert "?" not in container(lms)
    assert (len(first.get_json(force=True)), len(second.get_json(force=True))) == (10, 2)
    assert "Link" not in second.headers


@as_canvas
def test_canvas_keeps_what_a_put_leaves_out_and_its_assignments_columns(lms: Lms) -> None:
    url = lms.quiz_url()
    changed = lms.call("PUT", url, {"Content-Type": LINE_ITEM}, {"scoreMaximum": 8}).get_json(force=True)

    assert (changed["label"], changed["resourceId"], changed["scoreMaximum"]) == ("Quiz 1", "quiz-1", 8)
    assert lms.call("DELETE", url).status_code == 401
    assert column(lms, label="Lost", resourceLinkId="nowhere").status_code == 404


@as_canvas
def test_canvas_gives_all_scopes_asked_for_or_none(lms: Lms) -> None:
    assert lms.ask_token(scope=f"{SCOPES[0]} unknown").get_json()["error"] == "invalid_scope"
    assert lms.ask_token(lms.assertion(aud="https://elsewhere.example")).status_code == 400


@as_canvas
@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"gradingProgress": "PendingManual"}, 3),
        ({"gradingProgress": "Pending"}, None),
        ({"gradingProgress": "Pending", EXTENSION: {"preserve_score": True}}, 4),
        ({EXTENSION: {"prioritize_non_tool_grade": True}}, 4),
    ],
)
def test_what_a_score_does_to_a_grade_on_canvas(lms: Lms, changes: dict[str, Any], held: float | None) -> None:
    url = lms.quiz_url()
    lms.post_score(url, score(lms, 4))
    assert lms.post_score(url, score(lms, 3, **changes)).status_code == 200  # an equal timestamp will do

    assert result(lms) == held


@as_canvas
def test_canvas_makes_an_attempt_of_every_score_until_there_are_enough(lms: Lms) -> None:
    url, launch = lms.quiz_url(), "http://localhost:9/lti/submissions/abc"
    shown = {"submission_type": "basic_lti_launch", "submission_data": launch}
    lms.control("teacher", user_id=ADA, resource_id="quiz-1", attempts=2)

    assert lms.post_score(url, score(lms, 1)).status_code == 200
    assert lms.post_score(url, score(lms, 2, **{EXTENSION: shown})).status_code == 200
    assert lms.post_score(url, score(lms, 3, **{EXTENSION: {**shown, "new_submission": False}})).status_code == 200
    refused = lms.post_score(url, score(lms, 5))

    assert (refused.status_code, result(lms)) == (422, 3)
    made = lms.client.get("/submissions.json").get_json()
    assert [(one["attempt"], one["type"], one["data"]) for one in made] == [
        (1, "external_tool", ""),
        (2, "basic_lti_launch", launch),
    ]


@as_canvas
def test_canvas_refuses_old_scores_submissions_to_come_and_people_who_are_no_students(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.post_score(url, score(lms, 4, comment="First."))
    lms.clock.forward(0.25)
    assert lms.post_score(url, score(lms, 3, comment="Second.")).status_code == 200
    assert (lms.grade() or {})["comment"] == "First.\nSecond."

    assert lms.post_score(url, score(lms, 1, timestamp="2026-11-22T10:00:00.1Z")).status_code == 400
    assert lms.post_score(url, score(lms, 1, submission={"submittedAt": "2026-11-22T11:00:00Z"})).status_code == 400
    refused = lms.post_score(url, score(lms, 1, person=GRACE))
    assert (refused.status_code, refused.get_json()["error_description"]) == (
        422,
        "User not found in course or is not a student",
    )


@as_canvas
def test_canvas_says_in_a_403_that_there_were_too_many_requests(lms: Lms) -> None:
    lms.control("throttle", times=1)

    refused = lms.call("GET", container(lms), accept=CONTAINER)
    taken = lms.call("GET", container(lms), accept=CONTAINER)

    assert (refused.status_code, refused.get_data(as_text=True)) == (403, "403 Forbidden (Rate Limit Exceeded)\n")
    assert (taken.status_code, "X-Rate-Limit-Remaining" in taken.headers) == (200, True)


def test_the_bucket_overflows_with_a_dozen_requests_at_once_and_leaks() -> None:
    now = 0.0
    bucket = Bucket(lambda: now)
    at_once = int(HIGH_WATER / AHEAD)

    assert [bucket.add(AHEAD) > HIGH_WATER for _ in range(at_once + 1)] == [False] * at_once + [True]
    now = 60.0
    assert bucket.add(AHEAD) <= HIGH_WATER
