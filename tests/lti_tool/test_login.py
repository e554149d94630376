from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.login import begin_login, cookie_name
from lti_tool.models import LoginState
from lti_tool.registrations import add_platform
from tests.lti_tool.conftest import Tool
from tests.lti_tool.fake_platform import BASE_URL, Platform


def refusal(tool: Tool, platform: Platform, **parameters: Any) -> LaunchRefused:
    with pytest.raises(LaunchRefused) as caught:
        tool.begin(platform, **parameters)
    with tool.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginState)) == 0
    return caught.value


def test_the_browser_is_sent_to_the_platform_with_all_it_needs(tool: Tool, platform: Platform) -> None:
    login = tool.begin(platform, lti_message_hint='{"cmid":5,"x":"ä &="}')
    address, _, query = login.redirect_url.partition("?")
    sent = {name: values for name, values in parse_qs(query).items() if name not in {"state", "nonce"}}
    assert address == "https://lms.example/auth"
    assert sent == {
        "scope": ["openid"],
        "response_type": ["id_token"],
        "response_mode": ["form_post"],
        "prompt": ["none"],
        "client_id": ["client-1"],
        "redirect_uri": [f"{BASE_URL}/lti/launch"],
        "login_hint": ["17"],
        "lti_message_hint": ['{"cmid":5,"x":"ä &="}'],
    }


def test_a_hint_that_was_not_sent_is_not_sent_back(tool: Tool, platform: Platform) -> None:
    assert "lti_message_hint" not in tool.begin(platform).redirect_url


def test_a_query_in_the_platforms_address_is_kept(tool: Tool, platform: Platform) -> None:
    with tool.database.transaction() as session:
        add_platform(
            session,
            issuer=platform.issuer,
            client_id=platform.client_id,
            auth_login_url="https://lms.example/auth?tenant=5",
            auth_token_url="https://lms.example/token",
            jwks_url=tool.jwks_url,
        )
    query = parse_qs(urlsplit(tool.begin(platform).redirect_url).query)
    assert query["tenant"] == ["5"]
    assert query["scope"] == ["openid"]


def test_state_nonce_and_secret_are_long_random_and_of_the_safe_alphabet(tool: Tool, platform: Platform) -> None:
    logins = [tool.begin(platform) for _ in range(5)]
    nonces = [parse_qs(urlsplit(one.redirect_url).query)["nonce"][0] for one in logins]
    secrets = [*nonces, *(one.state for one in logins), *(one.binding_secret for one in logins)]
    assert len(set(secrets)) == 15
    assert all(len(one) >= 32 and one.replace("-", "").replace("_", "").isalnum() and one.isascii() for one in secrets)


def test_the_database_holds_no_secret_itself(tool: Tool, platform: Platform) -> None:
    login = tool.begin(platform)
    with tool.database.reading() as session:
        row = session.scalars(select(LoginState)).one()
        stored = f"{row.state_hash} {row.nonce_hash} {row.binding_hash}"
    assert login.state not in stored
    assert login.binding_secret not in stored
    assert login.state not in repr(login)


def test_two_logins_in_one_browser_have_cookies_of_their_own(tool: Tool, platform: Platform) -> None:
    first, second = tool.begin(platform), tool.begin(platform)
    assert cookie_name(first.state) != cookie_name(second.state)
    assert first.state not in cookie_name(first.state)


def test_a_client_id_may_be_left_out_where_there_is_only_one(tool: Tool, platform: Platform) -> None:
    assert "client_id=client-1" in tool.begin(platform, client_id=[]).redirect_url
    tool.register(replace(platform, client_id="client-2"))
    assert "client_id=client-2" in tool.begin(platform, client_id="client-2").redirect_url
    with pytest.raises(LaunchRefused, match="client_id_missing"):
        tool.begin(platform, client_id="")


def test_an_unknown_platform_is_told_what_it_called_itself(tool: Tool, platform: Platform) -> None:
    refused = refusal(tool, platform, iss="https://x.example/; rm -rf ~", client_id="$(id)")
    assert refused.cause is Cause.UNKNOWN_REGISTRATION
    assert refused.details == (("issuer", "https://x.example/; rm -rf ~"), ("client id", "$(id)"))
    assert "--issuer 'https://x.example/; rm -rf ~' --client-id '$(id)'" in refused.told().what_to_do


@pytest.mark.parametrize(
    ("cause", "parameters"),
    [
        (Cause.ISSUER_MISSING, {"iss": ""}),
        (Cause.LOGIN_HINT_MISSING, {"login_hint": ""}),
        (Cause.LOGIN_HINT_MISSING, {"login_hint": []}),
        (Cause.PARAMETER_REPEATED, {"iss": ["https://lms.example", "https://evil.example"]}),
        (Cause.PARAMETER_REPEATED, {"lti_message_hint": ["a", "a"]}),
        (Cause.PARAMETER_TOO_LONG, {"login_hint": "x" * 4001}),
        (Cause.PARAMETER_TOO_LONG, {"lti_message_hint": "x" * 4001}),
        (Cause.PARAMETER_TOO_LONG, {"target_link_uri": f"{BASE_URL}/" + "x" * 4000}),
        (Cause.PARAMETER_TOO_LONG, {"lti_deployment_id": "7" * 4001}),
        (Cause.PARAMETER_MALFORMED, {"login_hint": "a\x00b"}),
        (Cause.PARAMETER_MALFORMED, {"lti_message_hint": "\ud800"}),
        (Cause.PARAMETER_MALFORMED, {"login_hint": [5]}),
        (Cause.TARGET_LINK_URI, {"target_link_uri": "https://evil.example/"}),
        (Cause.UNKNOWN_REGISTRATION, {"iss": "https://lms.example/"}),
        (Cause.UNKNOWN_REGISTRATION, {"iss": "HTTPS://lms.example"}),
        (Cause.UNKNOWN_REGISTRATION, {"client_id": "client-9"}),
    ],
)
def test_a_request_that_cannot_be_right_begins_nothing(
    tool: Tool, platform: Platform, cause: Cause, parameters: dict[str, Any]
) -> None:
    refused = refusal(tool, platform, **parameters)
    assert refused.cause is cause
    assert 400 <= refused.status < 500


def test_parameters_of_the_longest_kind_are_taken(tool: Tool, platform: Platform) -> None:
    hint = "x" * 4000
    assert hint in tool.begin(platform, lti_message_hint=hint, unknown=["a"] * 9).redirect_url


def test_nothing_is_stored_before_the_callers_transaction_ends(tool: Tool, platform: Platform) -> None:
    asked = {"iss": platform.issuer, "login_hint": "17"}
    with tool.database.transaction() as session:
        begin_login(session, tool.settings, asked)
        session.rollback()
    with tool.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginState)) == 0
