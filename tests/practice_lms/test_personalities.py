"""What the practice LMS does differently as Moodle and as Canvas."""

import pytest

from lti_tool.practice_lms.launches import CLAIM
from lti_tool.practice_lms.personalities import canvas, moodle
from tests.practice_lms.helpers import ADA, DOROTHY, ISSUER, Lms

as_moodle = pytest.mark.parametrize("personality", [moodle], ids=["moodle"])
as_canvas = pytest.mark.parametrize("personality", [canvas], ids=["canvas"])


@as_moodle
def test_moodle_names_everything_by_numbers_and_its_tokens_live_a_minute(lms: Lms) -> None:
    claims = lms.launch(ADA)

    assert (claims["iss"], claims["sub"], claims["exp"] - claims["iat"]) == (ISSUER, ADA, 60)
    assert "azp" not in claims
    assert claims[CLAIM + "tool_platform"]["product_family_code"] == "moodle"
    assert claims[CLAIM + "deployment_id"] == "7"
    assert (claims[CLAIM + "context"]["id"], claims[CLAIM + "context"]["type"]) == ("5", ["CourseSection"])
    assert claims[CLAIM + "resource_link"]["id"] == "33"
    assert lms.launch(ADA, "lesson-1")[CLAIM + "resource_link"]["id"] == "32"


@as_moodle
def test_moodle_cannot_tell_an_assistant_from_an_instructor(lms: Lms) -> None:
    assert lms.launch(DOROTHY)[CLAIM + "roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]


@as_canvas
def test_canvas_has_opaque_ids_one_issuer_for_all_schools_and_tokens_of_an_hour(lms: Lms) -> None:
    claims = lms.launch(ADA)

    assert (claims["iss"], claims["aud"], claims["azp"]) == (
        "https://canvas.instructure.com",
        "10000000000123",
        "10000000000123",
    )
    assert claims["exp"] - claims["iat"] == 3600
    assert claims[CLAIM + "tool_platform"]["product_family_code"] == "canvas"
    assert claims[CLAIM + "deployment_id"].startswith("12:")
    assert len(claims[CLAIM + "context"]["id"]) == 40
    assert len(claims["sub"]) == len(claims[CLAIM + "resource_link"]["id"]) == 36


@as_canvas
def test_canvas_sends_institution_roles_that_say_the_opposite_of_the_role_in_the_course(lms: Lms) -> None:
    student, assistant = (lms.launch(one)[CLAIM + "roles"] for one in (ADA, DOROTHY))

    assert student[0].endswith("membership#Learner")
    assert student[1].endswith("institution/person#Instructor")
    assert assistant[1].endswith("membership/Instructor#TeachingAssistant")
    assert assistant[2].endswith("institution/person#Student")


@as_canvas
def test_a_score_names_a_person_by_the_sub_of_launches(lms: Lms) -> None:
    url = lms.quiz_url()

    assert lms.post_score(url, lms.score(ADA)).status_code == 422
    assert lms.post_score(url, lms.score(canvas.sub(ADA))).status_code == 200
    assert lms.grade()["result_score"] == 4
