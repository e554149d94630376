"""Whatever is posted: a launch that was really signed for this login, or a refusal with a status of 4xx; never else."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool import claims
from lti_tool.errors import LaunchRefused
from lti_tool.launch import Launch
from lti_tool.launch_validation import validate_launch
from tests.lti_tool.conftest import Tool, nonce_of
from tests.lti_tool.fake_platform import Platform, encode, sign

# The tool's state lives in the database fixture, which all examples of a test share, as launches of a day do. Each run
# draws other examples, so that few are enough.
lenient = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(codec=None), max_size=40)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)
HEADER = {"alg": "RS256", "kid": "key-1", "typ": "JWT"}
CLAIMS = [value for name, value in vars(claims).items() if name.isupper() and isinstance(value, str)]
NAMES = [*CLAIMS, "iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub", "name", "given_name"]


def outcome(tool: Tool, form: dict[str, Any]) -> Launch | LaunchRefused:
    try:
        return validate_launch(tool.database, tool.settings, tool.http, form, tool.cookies.get)
    except LaunchRefused as refused:
        result = refused
    assert 400 <= result.status < 500
    f"{result.told()} {result.details}".encode()  # a page can show it
    return result


def storable(launch: Launch) -> None:
    for value in (launch.sub, launch.name, launch.context_id, launch.context_title, launch.resource_link_title):
        value.encode("utf-8")
        assert "\x00" not in value


@lenient
@given(
    form=st.dictionaries(
        st.sampled_from(["state", "id_token", "error", "error_description", "x"]), texts | st.lists(texts)
    )
)
def test_any_form_is_refused(tool: Tool, platform: Platform, form: dict[str, Any]) -> None:
    assert isinstance(outcome(tool, form), LaunchRefused)


@lenient
@given(
    token=texts
    | st.binary(max_size=60).map(encode)
    | st.tuples(values, values).map(lambda p: f"{encode(p[0])}.{encode(p[1])}.AA")
)
def test_any_token_for_a_real_login_is_refused(tool: Tool, platform: Platform, token: str) -> None:
    login = tool.begin(platform)
    assert isinstance(outcome(tool, {"state": login.state, "id_token": token}), LaunchRefused)


@lenient
@given(header=st.dictionaries(st.sampled_from([*HEADER, "jwk", "crit", "x"]), values) | values | st.binary(max_size=40))
def test_any_header_over_a_good_payload_is_a_refusal_or_harmless(tool: Tool, platform: Platform, header: Any) -> None:
    login = tool.begin(platform)
    token = sign(header, platform.claims(nonce_of(login)))
    result = outcome(tool, {"state": login.state, "id_token": token})
    if isinstance(result, Launch):
        assert {name: header[name] for name in ("alg", "kid")} == {"alg": "RS256", "kid": "key-1"}


@lenient
@given(payload=values | st.binary(max_size=60))
def test_any_signed_payload_is_refused(tool: Tool, platform: Platform, payload: Any) -> None:
    login = tool.begin(platform)
    token = sign(HEADER, payload)
    assert isinstance(outcome(tool, {"state": login.state, "id_token": token}), LaunchRefused)


@lenient
@given(changes=st.dictionaries(st.sampled_from(NAMES), values, min_size=1, max_size=3))
def test_any_value_in_any_claim_is_a_refusal_or_a_sound_launch(
    tool: Tool, platform: Platform, changes: dict[str, Any]
) -> None:
    login = tool.begin(platform)
    token = sign(HEADER, {**platform.claims(nonce_of(login)), **changes})
    result = outcome(tool, {"state": login.state, "id_token": token})
    if isinstance(result, Launch):
        storable(result)
        assert not {"iss", "nonce", "exp", "iat", claims.VERSION, claims.MESSAGE_TYPE} & {
            name for name, value in changes.items() if isinstance(value, str | list | dict) or value is None
        }


@lenient
@given(
    member=st.sampled_from(
        [claims.RESOURCE_LINK, claims.CONTEXT, claims.CUSTOM, claims.LAUNCH_PRESENTATION, claims.AGS_ENDPOINT]
    ),
    content=st.dictionaries(
        st.sampled_from(["id", "title", "course", "item", "locale", "return_url", "lineitem", "lineitems", "scope"]),
        values,
    ),
)
def test_any_content_of_a_claim_is_a_refusal_or_a_sound_launch(
    tool: Tool, platform: Platform, member: str, content: dict[str, Any]
) -> None:
    login = tool.begin(platform)
    token = sign(HEADER, {**platform.claims(nonce_of(login)), member: content})
    result = outcome(tool, {"state": login.state, "id_token": token})
    if isinstance(result, Launch):
        storable(result)


@lenient
@given(data=st.data())
def test_a_token_that_was_touched_anywhere_is_refused(tool: Tool, platform: Platform, data: st.DataObject) -> None:
    login = tool.begin(platform)
    token = platform.token(nonce_of(login))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\x00"))
    how = data.draw(st.sampled_from(["replace", "insert", "remove"]))
    touched = token[:place] + ("" if how == "remove" else letter) + token[place + (how != "insert") :]
    result = outcome(tool, {"state": login.state, "id_token": touched})
    assert (touched == token) == isinstance(result, Launch)


def test_the_last_letter_of_a_signature_has_one_spelling(tool: Tool, platform: Platform) -> None:
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        login = tool.begin(platform)
        token = platform.token(nonce_of(login))
        result = outcome(tool, {"state": login.state, "id_token": token[:-1] + letter})
        assert isinstance(result, Launch) == (letter == token[-1])
