"""A student's work opened from the gradebook, as each personality does it."""

import pytest

from lti_tool.practice_lms.launches import AGS_CLAIM, CLAIM
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.submissions import EXTENSION
from tests.practice_lms.helpers import ADA, ALAN, GRACE, ISSUER, Lms, only_form

as_moodle = pytest.mark.parametrize("personality", [moodle], ids=["moodle"])
as_canvas = pytest.mark.parametrize("personality", [canvas], ids=["canvas"])


def review(lms: Lms, user_id: str, path: str) -> dict[str, object]:
    """Sign in, open it, and give the claims."""
    lms.client.post("/session", data={"user_id": user_id}, base_url=ISSUER)
    form = only_form(lms.client.get(path, base_url=ISSUER))
    return lms.verified(lms.authorise(lms.auth_request(form["fields"]))["id_token"])


def link(lms: Lms, word: str) -> str:
    """The address behind the word in the gradebook's only graded cell."""
    lms.client.post("/session", data={"user_id": GRACE}, base_url=ISSUER)
    page = lms.client.get("/gradebook", base_url=ISSUER).get_data(as_text=True)
    assert f">{word}</a>" in page
    return page.partition('href="/review/')[2].partition('"')[0]


@as_moodle
def test_moodles_grade_analysis_is_a_submission_review_that_says_whose(lms: Lms) -> None:
    assert lms.post_score(lms.quiz_url(), lms.score()).status_code == 200
    path = f"/review/{link(lms, 'Grade analysis')}"
    claims = review(lms, GRACE, path)
    assert claims[CLAIM + "message_type"] == "LtiSubmissionReviewRequest"
    assert claims[CLAIM + "for_user"] == {"user_id": ADA}
    assert claims["sub"] == GRACE
    assert "lineitem" in claims[AGS_CLAIM]  # type: ignore[operator]  # an object
    assert review(lms, ADA, path)["sub"] == ADA
    lms.client.post("/session", data={"user_id": ALAN}, base_url=ISSUER)
    assert lms.client.get(path, base_url=ISSUER).status_code == 403
    assert lms.client.get("/review/999/201", base_url=ISSUER).status_code == 403


@as_canvas
def test_canvas_launches_the_address_that_came_with_the_score_and_names_no_link(lms: Lms) -> None:
    work = f"{lms.tool.url}/lti/submissions/abc"
    extension = {"new_submission": True, "submission_type": "basic_lti_launch", "submission_data": work}
    score = lms.score(lms.settings.personality.sub(ADA), **{EXTENSION: extension})
    assert lms.post_score(lms.quiz_url(), score).status_code == 200
    claims = review(lms, GRACE, f"/review/{link(lms, 'SpeedGrader')}")
    assert claims[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert claims[CLAIM + "target_link_uri"] == work
    assert claims[CLAIM + "resource_link"]["id"] == claims[CLAIM + "context"]["id"]  # type: ignore[index]  # objects
    assert CLAIM + "for_user" not in claims


def test_the_plain_one_names_the_column_and_says_that_it_sends_reviews(lms: Lms) -> None:
    url = lms.quiz_url()
    assert lms.post_score(url, lms.score()).status_code == 200
    claims = review(lms, GRACE, f"/review/{link(lms, 'Review')}")
    assert claims[AGS_CLAIM]["lineitem"] == url  # type: ignore[index]  # an object
    said = lms.client.get("/.well-known/openid-configuration").get_json()
    messages = said["https://purl.imsglobal.org/spec/lti-platform-configuration"]["messages_supported"]
    assert {"type": "LtiSubmissionReviewRequest"} in messages
