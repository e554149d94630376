"""Dynamic Registration as the practice LMS does it: tokens good once, updates that keep their ids, pending clients."""

import json
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.practice_lms.app import create_app
from lti_tool.practice_lms.launches import SCORE_SCOPE
from lti_tool.practice_lms.personalities import canvas
from lti_tool.practice_lms.registrations import TOOL_MEMBER
from lti_tool.practice_lms.settings import Settings
from tests.practice_lms.conftest import StandingClock
from tests.practice_lms.helpers import ISSUER, Lms


def begin(client: FlaskClient, settings: Settings, client_id: str = "") -> str:
    """Begin a registration as an admin; the token that the frame's address carries."""
    form = {"address": f"{settings.tool_url}/lti/register?invitation=i", "client_id": client_id}
    page = client.post("/tools/register", data=form, base_url=ISSUER)
    address = unescape(page.get_data(as_text=True).split('src="')[-1].split('"')[0])
    query = parse_qs(urlsplit(address).query)
    assert address.startswith(settings.tool_url)
    assert query["invitation"] == ["i"]
    assert query["openid_configuration"] == [settings.registration_configuration_url]
    return query["registration_token"][0]


def request_of(settings: Settings, **changes: Any) -> dict[str, Any]:
    tool = {"domain": urlsplit(settings.tool_url).netloc, "target_link_uri": settings.redirect_uri}
    said = {
        "application_type": "web",
        "grant_types": ["implicit", "client_credentials"],
        "response_types": ["id_token"],
        "redirect_uris": [settings.redirect_uri],
        "initiate_login_uri": settings.login_url,
        "client_name": "A tool",
        "jwks_uri": settings.tool_jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": SCORE_SCOPE,
        TOOL_MEMBER: tool,
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def register(client: FlaskClient, token: str, body: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return client.post("/lti/registration", data=json.dumps(body), headers=headers)


def test_an_update_keeps_its_ids_and_its_token_is_good_once(lms: Lms) -> None:
    token = begin(lms.client, lms.settings, lms.settings.client_id)
    answer = register(lms.client, token, request_of(lms.settings)).get_json()
    assert answer["client_id"] == lms.settings.client_id
    assert answer[TOOL_MEMBER]["deployment_id"] == lms.settings.deployment_id
    again = register(lms.client, token, request_of(lms.settings))
    assert (again.status_code, again.get_json()["error"]) == (401, "token_already_used")
    assert lms.ask_token().status_code == 200


def test_a_new_tool_is_pending_until_an_admin_activates_it(lms: Lms) -> None:
    answer = register(lms.client, begin(lms.client, lms.settings), request_of(lms.settings)).get_json()
    client_id = answer["client_id"]
    assert client_id != lms.settings.client_id
    assert answer[TOOL_MEMBER]["deployment_id"] != lms.settings.deployment_id
    assertion = {"iss": client_id, "sub": client_id}
    assert lms.ask_token(lms.assertion(**assertion)).status_code == 400
    assert "pending" in lms.client.get("/tools", base_url=ISSUER).get_data(as_text=True)
    lms.client.post("/tools/activate", data={"client_id": client_id}, base_url=ISSUER)
    assert "pending" not in lms.client.get("/tools", base_url=ISSUER).get_data(as_text=True)
    assert lms.ask_token(lms.assertion(**assertion)).status_code == 200
    assert lms.ask_token().status_code == 200  # the first one stays


@pytest.mark.parametrize(
    "changes",
    [
        {"client_name": None},
        {"application_type": "native"},
        {"grant_types": ["implicit"]},
        {"response_types": ["code"]},
        {"redirect_uris": []},
        {"redirect_uris": ["http://elsewhere.example/"]},
        {"initiate_login_uri": None},
        {"jwks_uri": "http://elsewhere.example/jwks"},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"scope": None},
        {TOOL_MEMBER: None},
        {TOOL_MEMBER: {"domain": "http://localhost", "target_link_uri": "http://localhost/lti/launch"}},
    ],
)
def test_a_registration_that_lacks_something_is_refused_and_its_token_stays_good(
    lms: Lms, changes: dict[str, Any]
) -> None:
    token = begin(lms.client, lms.settings)
    refused = register(lms.client, token, request_of(lms.settings, **changes))
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_client_metadata")
    assert register(lms.client, token, request_of(lms.settings)).status_code == 200


def test_a_token_ends_after_an_hour_and_no_other_text_is_one(lms: Lms) -> None:
    token = begin(lms.client, lms.settings)
    assert register(lms.client, "made-up", request_of(lms.settings)).status_code == 401
    lms.clock.forward(3601)
    assert register(lms.client, token, request_of(lms.settings)).status_code == 401


def test_only_the_tool_it_was_started_for_may_register(lms: Lms) -> None:
    for address in ("http://elsewhere.example/register", "javascript:alert(1)", "", "http://[::1/"):
        assert lms.client.post("/tools/register", data={"address": address}, base_url=ISSUER).status_code == 400


def test_canvas_guards_its_configuration_names_no_deployment_and_refuses_in_its_own_words(
    settings: Settings, clock: StandingClock
) -> None:
    played = Settings(ISSUER, settings.tool_url, settings.data_dir, settings.activities, personality=canvas)
    client = create_app(played, clock).test_client()
    assert client.get("/lti/openid-configuration").status_code == 401
    token = begin(client, played)
    said = client.get("/lti/openid-configuration", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert urlsplit(said["registration_endpoint"]).hostname == "localhost" != urlsplit(said["token_endpoint"]).hostname
    assert said["authorization_server"] == "sso.canvaslms.com"
    refused = register(client, token, request_of(played, scope="openid"))
    assert refused.status_code == 422
    assert "scope" in refused.get_json()["errors"][0]
    assert "deployment_id" not in register(client, token, request_of(played)).get_json()[TOOL_MEMBER]
