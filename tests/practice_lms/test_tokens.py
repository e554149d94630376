"""The token endpoint: who is given a token, and for what."""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from lti_tool.practice_lms.launches import SCORE_SCOPE
from tests.practice_lms.helpers import CONTAINER, Lms

LINE_ITEMS = "/lti/lineitems?type_id=1"


def refusal(response: Any) -> str:
    assert response.status_code == 400
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.get_json()["error"])


def test_a_good_assertion_gets_a_bearer_token_for_an_hour(lms: Lms) -> None:
    response = lms.ask_token()
    body = response.get_json()
    assert response.status_code == 200
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"iss": None},
        {"sub": "another"},
        {"sub": None},
        {"aud": None},
        {"aud": "http://127.0.0.1:8790"},
        {"aud": "http://127.0.0.1:8790/lti/token/"},
        {"aud": []},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(lms: Lms, changes: dict[str, Any]) -> None:
    assert refusal(lms.ask_token(lms.assertion(**changes))) == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "granted"),
    [
        ({"exp": -5}, True),
        ({"exp": -10}, False),
        ({"iat": 5}, True),
        ({"iat": 30}, False),
        ({"exp": 300}, True),
        ({"exp": 3600}, False),
    ],
)
def test_times_are_checked_with_a_small_leeway(lms: Lms, changes: dict[str, Any], granted: bool) -> None:
    second = int(lms.clock().timestamp())
    response = lms.ask_token(lms.assertion(**{name: second + offset for name, offset in changes.items()}))
    assert (response.status_code == 200) is granted


def test_the_audience_may_be_one_of_a_list(lms: Lms) -> None:
    assert lms.ask_token(lms.assertion(aud=["elsewhere", lms.settings.token_url])).status_code == 200


def test_an_assertion_is_good_once(lms: Lms) -> None:
    assertion = lms.assertion()
    assert lms.ask_token(assertion).status_code == 200
    assert refusal(lms.ask_token(assertion)) == "invalid_client"


def test_an_assertion_signed_with_another_key_is_refused(lms: Lms) -> None:
    kid = str(lms.tool.key.kid)
    lms.ask_token()
    own, lms.tool.key = lms.tool.key, RSAKey.generate_key(2048, private=True)
    try:
        assertion = lms.assertion(header={"kid": kid})
    finally:
        lms.tool.key = own
    assert refusal(lms.ask_token(assertion)) == "invalid_client"


@pytest.mark.parametrize("assertion", ["", "a.b", "a.b.c", "é.é.é", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_signed_jwt_is_refused(lms: Lms, assertion: str) -> None:
    assert refusal(lms.ask_token(client_assertion=assertion)) in ("invalid_client", "invalid_request")


def test_a_kid_that_no_error_text_may_hold_is_refused_like_any_other(lms: Lms) -> None:
    assert refusal(lms.ask_token(lms.assertion(header={"kid": 'k"\\ü'}))) == "invalid_client"


def test_the_grant_type_and_assertion_type_must_be_the_right_ones(lms: Lms) -> None:
    assert refusal(lms.ask_token(grant_type="password")) == "unsupported_grant_type"
    assert refusal(lms.ask_token(grant_type="")) == "invalid_request"
    assert refusal(lms.ask_token(client_assertion_type="other")) == "invalid_request"
    assert refusal(lms.ask_token(client_id="another")) == "invalid_client"


def test_unknown_scopes_are_left_out_and_none_left_is_refused(lms: Lms) -> None:
    assert lms.ask_token(scope=f"openid {SCORE_SCOPE}").get_json()["scope"] == SCORE_SCOPE
    assert refusal(lms.ask_token(scope="openid")) == "invalid_scope"
    assert refusal(lms.ask_token(scope="")) == "invalid_scope"


def test_the_key_set_is_read_once_and_again_only_for_an_unknown_kid(lms: Lms) -> None:
    lms.ask_token()
    lms.ask_token()
    assert lms.tool.fetches == 1
    lms.tool.new_key()
    assert lms.ask_token().status_code == 200
    assert lms.tool.fetches == 2
    assert refusal(lms.ask_token(lms.assertion(header={"kid": "forged"}))) == "invalid_client"
    assert lms.tool.fetches == 3


@pytest.mark.parametrize(
    "published",
    [
        [],
        {},
        {"keys": []},
        {"keys": 1},
        {"keys": [1]},
        {"keys": [{}]},
        {"keys": [{"kty": "RSA"}]},
        {"keys": ["x" * 300_000]},
    ],
)
def test_a_key_set_that_cannot_be_used_is_a_refusal(lms: Lms, published: Any) -> None:
    lms.tool.published = published
    assert refusal(lms.ask_token()) == "invalid_client"


def test_a_key_set_that_is_away_is_a_refusal(lms: Lms) -> None:
    lms.tool.status = 500
    assert refusal(lms.ask_token()) == "invalid_client"


def test_a_service_wants_a_token(lms: Lms) -> None:
    response = lms.client.get(LINE_ITEMS, headers={"Accept": CONTAINER})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_or_old_token_is_401_and_one_without_the_scope_403(lms: Lms) -> None:
    made_up = {"Authorization": "Bearer made-up"}
    assert lms.call("GET", LINE_ITEMS, made_up, accept=CONTAINER).status_code == 401
    narrow = lms.bearer(SCORE_SCOPE)
    refused = lms.call("GET", LINE_ITEMS, narrow, accept=CONTAINER)
    assert refused.status_code == 403
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    good = lms.bearer()
    lms.clock.forward(3599)
    assert lms.call("GET", LINE_ITEMS, good, accept=CONTAINER).status_code == 200
    lms.clock.forward(1)
    assert lms.call("GET", LINE_ITEMS, good, accept=CONTAINER).status_code == 401


def test_tokens_are_kept_only_as_hashes(lms: Lms) -> None:
    access_token = lms.ask_token().get_json()["access_token"]
    files = [path.read_bytes() for path in lms.settings.data_dir.iterdir()]
    assert files
    assert not any(access_token.encode() in content for content in files)
