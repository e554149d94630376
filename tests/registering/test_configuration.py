"""A platform's description of itself: whatever its bytes, it is either wholly usable or refused with its faults."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lti_tool.addresses import is_on_origin_of
from lti_tool.registering.configuration import (
    PLATFORM_MEMBER,
    PlatformConfiguration,
    is_usable_address,
    read_configuration,
)
from lti_tool.registering.exchange import read_answer
from lti_tool.registering.failures import ADVICE, Failure, RegistrationFailed

URL = "https://lms.example/openid-configuration"
GOOD: dict[str, Any] = {
    "issuer": "https://lms.example",
    "registration_endpoint": "https://school.example/register",
    "authorization_endpoint": "https://sso.example/auth",
    "token_endpoint": "https://sso.example/token",
    "jwks_uri": "https://sso.example/keys",
    "response_types_supported": ["id_token"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    PLATFORM_MEMBER: {"product_family_code": "other", "messages_supported": []},
}
BAD_ADDRESSES = [
    None, "", 7, [], "lms", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//lms.example/x",
    "http://lms.example/x", "https://user@lms.example/", "https://lms.example/ x", "https://lms.example/\x00",
    "https://lms.example/#x", "https://lms.example:0/", "https://lms.example:99999/", "https://[::1/", "https://\ud800/",
    "https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://localhost/",
    "https://x.localhost/", "https://lms.example\\@evil.example/", "https://" + "x" * 2000,
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*map(str, GOOD.values())]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from([*GOOD]), inner, max_size=6)
    ),
    max_leaves=12,
)


def read(document: object) -> PlatformConfiguration:
    return read_configuration(URL, json.dumps(document).encode(), allow_private=False)


def faults(document: object) -> str:
    with pytest.raises(RegistrationFailed) as refused:
        read(document)
    assert refused.value.cause is Failure.CONFIGURATION_UNUSABLE
    return "; ".join(value for name, value in refused.value.details if name == "fault")


def outcome(body: bytes) -> PlatformConfiguration | Failure:
    try:
        return read_configuration(URL, body, allow_private=False)
    except RegistrationFailed as failed:
        return failed.cause


def test_a_good_one_is_read() -> None:
    found = read({**GOOD, "authorization_server": "https://auth.example"})
    assert found.registration_endpoint == "https://school.example/register"
    assert (found.audience, found.product_family, found.scopes) == ("https://auth.example", "other", None)


@pytest.mark.parametrize(
    "member", ["issuer", "registration_endpoint", "authorization_endpoint", "token_endpoint", "jwks_uri"]
)
@pytest.mark.parametrize("value", BAD_ADDRESSES)
def test_an_address_that_leads_nowhere_good_is_refused_by_its_name(member: str, value: object) -> None:
    assert f"{member} is no usable address" in faults({**GOOD, member: value})


@pytest.mark.parametrize(
    "member",
    [
        "response_types_supported",
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported",
        PLATFORM_MEMBER,
    ],
)
@pytest.mark.parametrize("value", [None, "id_token RS256 private_key_jwt", 7, [], ["HS256"], [[]]])
def test_what_must_be_offered_must_be_there(member: str, value: object) -> None:
    assert member in faults({**GOOD, member: value})


def test_every_fault_is_named_at_once() -> None:
    told = faults({})
    assert all(member in told for member in GOOD)


@pytest.mark.parametrize(
    "issuer",
    ["https://evil.example", "https://lms.example.evil.example", "https://lms.example:8443", "https://sub.lms.example"],
)
def test_an_issuer_of_another_host_is_foreign(issuer: str) -> None:
    with pytest.raises(RegistrationFailed) as refused:
        read({**GOOD, "issuer": issuer})
    assert refused.value.cause is Failure.ISSUER_FOREIGN


@pytest.mark.parametrize("host", ["sso.canvaslms.com", "school.instructure.com", "canvas.instructure.com"])
def test_the_hosts_of_hosted_canvas_speak_for_its_shared_issuer(host: str) -> None:
    document = {**GOOD, "issuer": "https://canvas.instructure.com", PLATFORM_MEMBER: {"product_family_code": "canvas"}}
    body = json.dumps(document).encode()
    url = f"https://{host}/api/lti/security/openid-configuration"
    assert read_configuration(url, body, allow_private=False).issuer == "https://canvas.instructure.com"
    for other in (f"http://{host}/x", "https://evilinstructure.com/x", "https://instructure.com.evil.example/x"):
        with pytest.raises(RegistrationFailed):
            read_configuration(other, body, allow_private=True)


@pytest.mark.parametrize(
    "said", [["LtiDeepLinkingRequest", 7], [{"type": "LtiDeepLinkingRequest", "placements": []}, {"type": None}, {}]]
)
def test_messages_are_read_as_objects_and_as_older_moodles_have_them(said: list[object]) -> None:
    platform = {"product_family_code": "moodle", "messages_supported": said}
    assert read({**GOOD, PLATFORM_MEMBER: platform}).messages == {"LtiDeepLinkingRequest"}


def test_a_private_address_is_usable_where_that_is_allowed() -> None:
    assert is_usable_address("http://127.0.0.1:8080/x", allow_private=True)
    assert not is_usable_address("javascript:alert(1)", allow_private=True)


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b"9" * 10_000)
@example(b'{"issuer": "\\ud800"}')
@example(json.dumps(GOOD).encode())
def test_any_bytes_are_a_usable_configuration_or_a_handled_failure(body: bytes) -> None:
    found = outcome(body)
    if not isinstance(found, PlatformConfiguration):
        assert found in {Failure.CONFIGURATION_UNUSABLE, Failure.ISSUER_FOREIGN}
        return
    assert is_on_origin_of(URL, found.issuer)
    for one in (found.registration_endpoint, found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
        assert one.startswith("https://")


@given(st.dictionaries(st.sampled_from([*GOOD]), JSON, min_size=1, max_size=3))
def test_a_good_configuration_with_any_members_changed_is_never_half_believed(changes: dict[str, Any]) -> None:
    found = outcome(json.dumps({**GOOD, **changes}).encode())
    if isinstance(found, PlatformConfiguration):
        assert is_on_origin_of(URL, found.issuer)
        assert found.product_family is None or 0 < len(found.product_family) <= 64


def client_of(body: bytes) -> str | Failure:
    try:
        return read_answer(body).client_id
    except RegistrationFailed as failed:
        return failed.cause


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"client_id": "\\ud800"}')
@example(b'{"client_id": " "}')
def test_any_answer_names_a_client_or_is_a_handled_failure(body: bytes) -> None:
    found = client_of(body)
    assert found is Failure.ANSWER_UNUSABLE or 0 < len(found) == len(found.strip()) <= 255


def test_every_failure_has_words_of_its_own_and_is_nobodys_500() -> None:
    assert set(ADVICE) == set(Failure)
    assert all(400 <= advice.status < 500 for advice in ADVICE.values())
