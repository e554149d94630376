"""The test controls do what they say, and are not there unless asked for."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.errors import JoseError

from lti_tool.practice_lms.app import create_app
from lti_tool.practice_lms.settings import Settings
from tests.practice_lms.helpers import ADA, CONTAINER, Lms


def test_there_are_no_controls_unless_asked_for(settings: Settings) -> None:
    client = create_app(replace(settings, controls=False)).test_client()
    assert client.get("/controls/requests").status_code == 404
    assert client.post("/controls/reset", json={}).status_code == 404


def test_other_sites_do_not_reach_the_controls(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/controls/reset", json={}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("away", {"awya": True}),
        ("away", {"away": "yes"}),
        ("away", {"how": "500"}),
        ("away", []),
        ("score-faults", {"times": True}),
        ("score-faults", {"status": 200}),
        ("score-faults", {"status": None}),
        ("score-faults", {"delay_before": 1e9}),
        ("id-token", {"user_id": "999", "activity_id": "quiz-1"}),
        ("id-token", {"user_id": ADA, "activity_id": "quiz-1", "key": "mine"}),
    ],
)
def test_a_wrong_control_is_told(client: FlaskClient, name: str, options: Any) -> None:
    assert client.post(f"/controls/{name}", json=options).status_code == 400


def test_a_new_signing_key_joins_the_old_one_or_replaces_it(lms: Lms) -> None:
    def kids() -> list[str]:
        return [key["kid"] for key in lms.client.get("/lti/certs").get_json()["keys"]]

    (first,) = kids()
    second = lms.control("signing-key")["kid"]
    assert kids() == [second, first]
    assert lms.launch(ADA)["sub"] == ADA
    third = lms.control("signing-key", keep_old=False)["kid"]
    assert kids() == [third]


def test_away_answers_503_everywhere_under_lti(lms: Lms) -> None:
    lms.control("away", retry_after="7")
    for path in ("/lti/certs", "/lti/token", "/lti/lineitems", "/lti/auth", "/.well-known/openid-configuration"):
        response = lms.client.get(path)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert lms.client.get("/healthz").status_code == 200
    lms.control("away", away=False)
    assert lms.client.get("/lti/certs").status_code == 200


def test_faults_answer_the_next_scores_and_then_end(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.control("score-faults", times=2, status=429, retry_after="3")
    first = lms.post_score(url, lms.score())
    assert (first.status_code, first.headers["Retry-After"]) == (429, "3")
    assert lms.post_score(url, lms.score()).status_code == 429
    assert lms.grade() is None
    assert lms.post_score(url, lms.score()).status_code == 200


def test_a_fault_can_lose_the_answer_of_a_score_that_was_written(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.control("score-faults", write=True)
    assert lms.post_score(url, lms.score()).status_code == 500
    assert lms.grade() is not None
    assert lms.post_score(url, lms.score()).status_code == 409
    lms.control("score-faults", write=True, status=502)
    assert lms.post_score(url, lms.score()).status_code == 502


def test_faults_can_delay_and_leave_the_true_answer(settings: Settings, lms: Lms) -> None:
    slept: list[float] = []
    lms.client = create_app(settings, lms.clock, slept.append).test_client()
    url = lms.quiz_url()
    lms.control("score-faults", write=True, status=None, delay_before=2, delay_after=0.5)
    assert lms.post_score(url, lms.score()).status_code == 200
    assert slept == [2, 0.5]


def test_a_cut_connection_is_logged_with_status_0(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.control("score-faults", close=True)
    lms.post_score(url, lms.score())
    (entry,) = lms.client.get("/controls/received-scores").get_json()
    assert entry["status"] == 0


def test_grades_tokens_and_the_log_can_be_emptied(lms: Lms) -> None:
    url = lms.quiz_url()
    token = lms.bearer()
    lms.post_score(url, lms.score())
    assert lms.control("reset-grades") == {"deleted": 1}
    assert lms.grade() is None
    lms.control("revoke-tokens")
    assert lms.call("GET", "/lti/lineitems?type_id=1", token, accept=CONTAINER).status_code == 401
    assert len(lms.client.get("/controls/received-scores").get_json()) == 1
    lms.client.delete("/controls/received-scores")
    assert lms.client.get("/controls/received-scores").get_json() == []


def test_requests_are_counted_per_path(lms: Lms) -> None:
    lms.client.get("/lti/certs")
    lms.client.get("/lti/certs?again=1")
    assert lms.client.get("/controls/requests").get_json()["/lti/certs"] == 2
    lms.client.delete("/controls/requests")
    assert lms.client.get("/controls/requests").get_json() == {}


def test_reset_ends_every_fault(lms: Lms) -> None:
    url = lms.quiz_url()
    lms.control("away")
    lms.control("score-faults", times=5)
    lms.control("reset")
    assert lms.post_score(url, lms.score()).status_code == 200


def mint(lms: Lms, **options: Any) -> str:
    given = {"user_id": ADA, "activity_id": "quiz-1", "nonce": "n-1", **options}
    return str(lms.control("id-token", **given)["id_token"])


def test_a_minted_token_is_like_that_of_a_launch(lms: Lms) -> None:
    assert lms.verified(mint(lms, nonce="nonce-1")) == lms.launch(ADA)


def test_claims_can_be_changed_and_removed(lms: Lms) -> None:
    claims = lms.verified(mint(lms, claims={"aud": ["a", "b"], "extra": 1}, remove=["azp"]))
    assert (claims["aud"], claims["extra"]) == (["a", "b"], 1)
    assert "azp" not in claims


@pytest.mark.parametrize(
    "options",
    [
        {"key": "foreign"},
        {"key": "none"},
        {"key": "none", "header": {"alg": "none"}},
        {"key": "public-as-secret", "header": {"alg": "HS256"}},
        {"header": {"kid": "forged"}},
    ],
)
def test_a_forged_token_does_not_verify(lms: Lms, options: dict[str, Any]) -> None:
    with pytest.raises(JoseError):
        lms.verified(mint(lms, **options))


def test_the_header_can_lose_its_kid_and_the_payload_be_anything(lms: Lms) -> None:
    header, payload, _ = mint(lms, remove_header=["kid"], payload='["no claims"]').split(".")
    assert json.loads(_decoded(header)) == {"typ": "JWT", "alg": "RS256"}
    assert _decoded(payload) == b'["no claims"]'


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
