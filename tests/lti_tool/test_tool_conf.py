import pytest

from lti_tool.errors import LaunchRefused
from lti_tool.tool_conf import Platforms
from tests.lti_tool.conftest import Tool
from tests.lti_tool.fake_platform import Platform


def test_an_issuer_alone_never_finds_a_registration(tool: Tool, platform: Platform) -> None:
    platforms = Platforms(tool.database.reading)
    assert not platforms.check_iss_has_one_client(platform.issuer)
    assert platforms.check_iss_has_many_clients(platform.issuer)
    with pytest.raises(LookupError):
        platforms.find_registration_by_issuer(platform.issuer)
    with pytest.raises(LookupError):
        platforms.find_deployment(platform.issuer, "7")


def test_a_registration_is_found_by_issuer_and_client(tool: Tool, platform: Platform) -> None:
    found = Platforms(tool.database.reading).find_registration_by_params(platform.issuer, platform.client_id)
    assert (found.issuer, found.client_id, found.key_set_url) == (platform.issuer, "client-1", tool.jwks_url)
    assert (found.get_auth_login_url(), found.get_auth_token_url()) == (
        "https://lms.example/auth",
        "https://lms.example/token",
    )
    with pytest.raises(LaunchRefused, match="unknown_registration"):
        Platforms(tool.database.reading).find_registration_by_params(platform.issuer, "client-9")


@pytest.mark.parametrize(("policy", "found"), [("accept", True), ("refuse", False)])
def test_an_unknown_deployment_is_there_if_new_ones_are_accepted(
    tool: Tool, platform: Platform, policy: str, found: bool
) -> None:
    platforms = Platforms(tool.database.reading, policy)
    assert bool(platforms.find_deployment_by_params(platform.issuer, "7", platform.client_id)) is found
