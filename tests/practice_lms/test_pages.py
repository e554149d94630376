"""The pages, as a browser without scripts meets them."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.practice_lms.helpers import ADA, DOROTHY, GRACE, ISSUER, Lms


def sign_in(client: FlaskClient, user_id: str, next_path: str | None = None) -> str:
    data = {"user_id": user_id} if next_path is None else {"user_id": user_id, "next": next_path}
    response = client.post("/session", data=data, base_url=ISSUER)
    assert response.status_code == 303
    return str(response.headers["Location"])


def text(client: FlaskClient, path: str) -> str:
    response = client.get(path, base_url=ISSUER)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_home_offers_everybody(client: FlaskClient) -> None:
    page = text(client, "/")
    for name in ("Grace Hopper", "Dorothy Vaughan", "Ada Lovelace", "Karen Spärck Jones"):
        assert name in page


def test_the_session_cookie_is_host_only_lax_and_our_own(client: FlaskClient) -> None:
    cookie = client.post("/session", data={"user_id": ADA}, base_url=ISSUER).headers["Set-Cookie"]
    assert cookie.startswith("practice_lms_8790=")
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie
    assert "Domain" not in cookie


def test_nobody_unknown_can_sign_in(client: FlaskClient) -> None:
    assert client.post("/session", data={"user_id": "999"}, base_url=ISSUER).status_code == 400


@pytest.mark.parametrize("path", ["/course", "/grades", "/activity/lesson-1?method=get"])
def test_who_is_not_signed_in_chooses_first_and_comes_back(client: FlaskClient, path: str) -> None:
    response = client.get(path, base_url=ISSUER)
    assert response.status_code == 303
    page = text(client, response.headers["Location"])
    assert f'value="{path}"' in page
    assert sign_in(client, ADA, path) == path


@pytest.mark.parametrize("path", ["http://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/\n/x"])
def test_nobody_is_sent_to_another_site(client: FlaskClient, path: str) -> None:
    assert sign_in(client, ADA, path) == "/course"


def test_the_course_lists_activities_in_order(client: FlaskClient) -> None:
    sign_in(client, ADA)
    page = text(client, "/course")
    places = [page.index(f"/activity/{activity}") for activity in ("introduction", "lesson-1", "quiz-1")]
    assert places == sorted(places)


def test_an_unknown_activity_is_404(client: FlaskClient) -> None:
    sign_in(client, ADA)
    assert client.get("/activity/other", base_url=ISSUER).status_code == 404


def test_the_frame_has_a_title_and_may_be_filled_by_the_tool_only(lms: Lms) -> None:
    sign_in(lms.client, ADA)
    response = lms.client.get("/activity/quiz-1", base_url=ISSUER)
    assert '<iframe class="tool" name="tool" title="Quiz 1"' in response.get_data(as_text=True)
    policy = response.headers["Content-Security-Policy"]
    assert f"frame-src 'self' {lms.tool.url};" in policy
    assert f"form-action 'self' {lms.tool.url};" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("user_id", [None, ADA])
def test_only_staff_see_the_gradebook(client: FlaskClient, user_id: str | None) -> None:
    if user_id:
        sign_in(client, user_id)
    response = client.get("/gradebook", base_url=ISSUER)
    assert response.status_code == 403
    assert "Continue as <b>Grace Hopper</b>" in response.get_data(as_text=True)


@pytest.mark.parametrize("user_id", [GRACE, DOROTHY])
def test_the_gradebook_tells_a_zero_from_not_attempted(lms: Lms, user_id: str) -> None:
    lms.post_score(lms.quiz_url(), lms.score(ADA, 0, comment="<b>Late</b>"))
    sign_in(lms.client, user_id)
    page = text(lms.client, "/gradebook")
    assert '<span class="points">0</span>' in page
    assert page.count("not attempted") == 4
    assert "&lt;b&gt;Late&lt;/b&gt; – received 22 Nov 2026, 10:00:00 UTC" in page


def test_a_student_sees_their_own_grades_only(lms: Lms) -> None:
    lms.post_score(lms.quiz_url(), lms.score(ADA, 3.5, comment="Nearly"))
    sign_in(lms.client, ADA)
    page = text(lms.client, "/grades")
    assert '<span class="points">3.5</span>' in page
    assert "Nearly" in page
    assert "Turing" not in page
    sign_in(lms.client, GRACE)
    assert lms.client.get("/grades", base_url=ISSUER).headers["Location"] == "/gradebook"


def test_the_return_page_shows_what_the_tool_says(client: FlaskClient) -> None:
    page = text(client, "/return?activity=quiz-1&lti_msg=Saved&lti_errormsg=%3Cb%3E")
    assert "Saved" in page
    assert "&lt;b&gt;" in page


def test_a_visitor_at_localhost_is_sent_to_the_issuers_address(client: FlaskClient) -> None:
    response = client.get("/course?x=1", base_url="http://localhost:8790", headers={"Accept": "text/html"})
    assert response.headers["Location"] == f"{ISSUER}/course?x=1"


def test_practice_json_tells_people_and_activities(client: FlaskClient) -> None:
    told = client.get("/practice.json").get_json()
    assert (told["client_id"], told["deployment_id"]) == ("coursewright-practice", "1")
    assert [person["role"] for person in told["people"]] == ["instructor", "assistant"] + ["student"] * 5
    assert told["people"][2] == {"id": ADA, "sub": ADA, "name": "Ada Lovelace", "role": "student"}
    assert told["activities"][0] == {
        "id": "introduction",
        "title": "Introduction",
        "launch_url": f"{ISSUER}/activity/introduction",
    }


def test_no_page_or_template_has_inline_script_or_style() -> None:
    templates = Path(__file__).parents[2] / "lti_tool" / "practice_lms" / "templates"
    for template in templates.glob("*.html"):
        source = template.read_text(encoding="utf-8")
        assert " style=" not in source
        assert "<style" not in source
        assert "<script>" not in source
        assert " onclick" not in source
