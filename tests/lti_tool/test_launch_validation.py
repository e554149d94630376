"""The list of LTI Core §5.3, Security §5.1.3, and of what the library alone would let through."""

from typing import Any

import jwt
import pytest
from sqlalchemy import func, select

from config import clock
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.launch_validation import validate_launch
from lti_tool.models import Deployment
from tests.lti_tool.conftest import Tool, nonce_of
from tests.lti_tool.fake_platform import INSTRUCTOR, KeySetServer, Platform, encode, jwk, sign


def test_a_valid_launch_says_who_came_and_where_to(tool: Tool, platform: Platform) -> None:
    launch = tool.launch(platform, ROLES=[INSTRUCTOR])
    assert (launch.sub, launch.name, launch.role) == ("17", "Ada Lovelace", "instructor")
    assert (launch.deployment_id, launch.context_id, launch.resource_link_id) == ("7", "5", "31")


class TestHeader:
    @pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS512", "PS256", "ES256", "", None, 5, ["RS256"], ...])
    def test_only_rs256_is_taken(self, tool: Tool, platform: Platform, alg: object) -> None:
        assert tool.refusal(platform, header={"alg": alg}).cause is Cause.TOKEN_ALGORITHM

    def test_an_unsigned_token_is_refused(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        unsigned = f"{encode({'alg': 'none', 'kid': 'key-1'})}.{encode(platform.claims(nonce_of(login)))}."
        with pytest.raises(LaunchRefused, match="token_algorithm"):
            tool.post(login.state, unsigned)

    def test_our_own_public_key_is_no_shared_secret(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        signed = jwt.encode(platform.claims(nonce_of(login)), "n" * 64, "HS256", {"kid": "key-1"})
        with pytest.raises(LaunchRefused, match="token_algorithm"):
            tool.post(login.state, signed)

    @pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
    def test_a_key_in_the_header_is_refused(self, tool: Tool, key_server: KeySetServer, name: str) -> None:
        platform = tool.register(Platform(key_number=1, kid="mine"))
        header = {name: jwk("mine", 1) if name == "jwk" else key_server.url}
        assert tool.refusal(platform, header=header).cause is Cause.TOKEN_EMBEDDED_KEY
        assert key_server.fetches == 0

    @pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}])
    def test_a_critical_extension_is_refused(self, tool: Tool, platform: Platform, header: dict[str, Any]) -> None:
        assert tool.refusal(platform, header=header).cause is Cause.TOKEN_CRITICAL

    @pytest.mark.parametrize("kid", [..., "", None, 5, ["key-1"]])
    def test_a_token_without_a_kid_is_refused(self, tool: Tool, platform: Platform, kid: object) -> None:
        assert tool.refusal(platform, header={"kid": kid}).cause is Cause.KID_MISSING

    @pytest.mark.parametrize("kid", ["imstester_66067", "\ud800", "k" * 5000])
    def test_an_unknown_kid_is_refused(self, tool: Tool, platform: Platform, kid: str) -> None:
        assert tool.refusal(platform, header={"kid": kid}).cause is Cause.KID_UNKNOWN

    def test_a_token_signed_with_another_key_is_refused(self, tool: Tool, platform: Platform) -> None:
        assert tool.refusal(Platform(key_number=1)).cause is Cause.SIGNATURE

    def test_a_token_without_its_signature_is_refused(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        header, payload, _ = platform.token(nonce_of(login)).split(".")
        with pytest.raises(LaunchRefused, match="signature"):
            tool.post(login.state, f"{header}.{payload}.")

    def test_a_payload_that_was_changed_is_refused(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        header, _, signature = platform.token(nonce_of(login)).split(".")
        changed = encode(platform.claims(nonce_of(login), ROLES=[INSTRUCTOR]))
        with pytest.raises(LaunchRefused, match="signature"):
            tool.post(login.state, f"{header}.{changed}.{signature}")

    def test_a_key_given_twice_is_refused(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        token = sign(b'{"alg":"none","alg":"RS256","kid":"key-1"}', platform.claims(nonce_of(login)))
        with pytest.raises(LaunchRefused, match="token_malformed"):
            tool.post(login.state, token)


class TestTimes:
    @pytest.mark.parametrize(
        ("cause", "changes"),
        [
            (Cause.EXP_MISSING, {"exp": ...}),
            (Cause.EXP_MISSING, {"exp": None}),
            (Cause.IAT_MISSING, {"iat": ...}),
            (Cause.CLAIM_TYPE, {"exp": "2000000000"}),
            (Cause.CLAIM_TYPE, {"exp": True}),
            (Cause.CLAIM_TYPE, {"exp": 1e300}),
            (Cause.CLAIM_TYPE, {"exp": 10**400}),
            (Cause.CLAIM_TYPE, {"iat": [1]}),
            (Cause.CLAIM_TYPE, {"iat": -1}),
            (Cause.CLAIM_TYPE, {"nbf": "soon"}),
            (Cause.EXPIRED, {"iat": 11111, "exp": 22222}),
        ],
    )
    def test_times_must_be_there_and_be_times(
        self, tool: Tool, platform: Platform, cause: Cause, changes: dict[str, Any]
    ) -> None:
        assert tool.refusal(platform, **changes).cause is cause

    @pytest.mark.parametrize(
        ("claim", "tolerated", "cause"),
        [
            ("exp", -60, Cause.EXPIRED),
            ("iat", 60, Cause.IAT_FUTURE),
            ("iat", -660, Cause.IAT_OLD),
            ("nbf", 60, Cause.NOT_BEFORE),
        ],
    )
    @pytest.mark.usefixtures("stopped_clock")
    def test_clocks_may_differ_by_a_minute(
        self, tool: Tool, platform: Platform, claim: str, tolerated: int, cause: Cause
    ) -> None:
        now = clock.now().timestamp()
        assert tool.launch(platform, **{claim: now + tolerated}).sub == "17"
        one_too_many = tolerated + (1 if tolerated > 0 else -1)
        refused = tool.refusal(platform, **{claim: now + one_too_many})
        assert refused.cause is cause
        assert f"{abs(one_too_many)} seconds" in refused.told().message


class TestDeployment:
    def test_a_new_deployment_is_welcome_by_default(self, tool: Tool, platform: Platform) -> None:
        assert tool.launch(platform, DEPLOYMENT_ID="never seen").deployment_id == "never seen"

    def test_a_new_deployment_is_refused_where_the_admin_said_so(self, tool: Tool, platform: Platform) -> None:
        strict = tool.refusing_deployments()
        refused = strict.refusal(platform)
        assert refused.cause is Cause.DEPLOYMENT_REFUSED
        assert "--deployment-id 7" in refused.told().what_to_do

    def test_a_launch_that_fails_brings_no_deployment(self, tool: Tool, platform: Platform) -> None:
        tool.refusal(platform, RESOURCE_LINK=...)
        with tool.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Deployment)) == 0


class TestPlatformError:
    def test_an_error_of_the_platform_is_shown_and_ends_the_login(self, tool: Tool, platform: Platform) -> None:
        login = tool.begin(platform)
        form = {"error": "launch_no_longer_valid", "error_description": "x\x1b[2J" * 100, "state": login.state}
        with pytest.raises(LaunchRefused, match="platform_error") as caught:
            validate_launch(tool.database, tool.settings, tool.http, form, tool.cookies.get)
        assert caught.value.details[0] == ("error", "launch_no_longer_valid")
        assert "\x1b" not in caught.value.details[1][1]
        with pytest.raises(LaunchRefused, match="state_replayed"):
            tool.post(login.state, platform.token(nonce_of(login)))

    def test_an_error_without_a_state_is_still_shown(self, tool: Tool) -> None:
        with pytest.raises(LaunchRefused, match="platform_error"):
            validate_launch(tool.database, tool.settings, tool.http, {"error": "login_required"}, tool.cookies.get)


def test_a_form_without_a_token_is_refused(tool: Tool, platform: Platform) -> None:
    with pytest.raises(LaunchRefused, match="token_missing"):
        tool.post(tool.begin(platform).state, "")


@pytest.mark.parametrize("name", ["state", "id_token"])
def test_a_field_sent_twice_is_refused(tool: Tool, platform: Platform, name: str) -> None:
    form = {"state": ["s"], "id_token": ["t"], name: ["one", "two"]}
    with pytest.raises(LaunchRefused, match="parameter_repeated"):
        validate_launch(tool.database, tool.settings, tool.http, form, tool.cookies.get)


@pytest.mark.parametrize(
    ("cause", "left_out"),
    [
        (Cause.ISSUER, ("iss", "aud", "sub", "DEPLOYMENT_ID", "ROLES")),
        (Cause.MESSAGE_TYPE_MISSING, ("MESSAGE_TYPE",)),
        (Cause.VERSION, ("VERSION",)),
        (Cause.DEPLOYMENT_MISSING, ("DEPLOYMENT_ID",)),
        (Cause.RESOURCE_LINK, ("RESOURCE_LINK",)),
        (Cause.ROLES, ("ROLES",)),
        (Cause.USER_MISSING, ("sub",)),
        (Cause.TARGET_LINK_URI, ("TARGET_LINK_URI",)),
    ],
)
def test_what_certification_leaves_out_is_missed(
    tool: Tool, platform: Platform, cause: Cause, left_out: tuple[str, ...]
) -> None:
    assert tool.refusal(platform, **dict.fromkeys(left_out, ...)).cause is cause


def test_a_payload_that_is_no_launch_is_refused(tool: Tool, platform: Platform) -> None:
    login = tool.begin(platform)
    with pytest.raises(LaunchRefused, match="issuer"):
        tool.post(login.state, sign({"alg": "RS256", "kid": "key-1"}, {"name": "badltilaunch"}))


def test_a_target_other_than_the_logins_is_the_messages_to_choose(tool: Tool, platform: Platform) -> None:
    target = f"{tool.settings.base_url}/lti/items/course/quiz"
    login = tool.begin(platform, target_link_uri=f"{tool.settings.base_url}/elsewhere")
    launch = tool.post(login.state, platform.token(nonce_of(login), TARGET_LINK_URI=target))
    assert launch.target_link_uri == target
