from typing import Any

import pytest

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from tests.lti_tool.conftest import Tool
from tests.lti_tool.fake_platform import Platform


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["client-1"]},
        {"aud": "client-1", "azp": "client-1"},
        {"aud": ["other", "client-1"], "azp": "client-1"},
        {"aud": ["client-1", "client-1"], "azp": "client-1"},
    ],
)
def test_a_message_for_us_may_say_so_in_several_ways(tool: Tool, platform: Platform, changes: dict[str, Any]) -> None:
    assert tool.launch(platform, **changes).sub == "17"


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        (Cause.ISSUER, {"iss": ...}),
        (Cause.ISSUER, {"iss": ""}),
        (Cause.ISSUER, {"iss": ["https://lms.example"]}),
        (Cause.ISSUER, {"iss": "https://lms.example/"}),
        (Cause.ISSUER, {"iss": "https://evil.example"}),
        (Cause.ISSUER, {"iss": "\ud800"}),
        (Cause.AUDIENCE, {"aud": ...}),
        (Cause.AUDIENCE, {"aud": None}),
        (Cause.AUDIENCE, {"aud": ""}),
        (Cause.AUDIENCE, {"aud": []}),
        (Cause.AUDIENCE, {"aud": 5}),
        (Cause.AUDIENCE, {"aud": {"client-1": 1}}),
        (Cause.AUDIENCE, {"aud": ["client-1", 5], "azp": "client-1"}),
        (Cause.AUDIENCE, {"aud": ["client-1", ["client-1"]], "azp": "client-1"}),
        (Cause.AUDIENCE, {"aud": ["client-1"] * 21, "azp": "client-1"}),
        (Cause.AUDIENCE, {"aud": "somebody else"}),
        (Cause.AUDIENCE, {"aud": ["somebody", "\x00"]}),
        (Cause.AZP, {"aud": ["client-1", "other"]}),
        (Cause.AZP, {"aud": ["client-1", "other"], "azp": None}),
        (Cause.AZP, {"azp": "other"}),
        (Cause.AZP, {"azp": ""}),
        (Cause.AZP, {"azp": None}),
        (Cause.AZP, {"azp": ["client-1"]}),
    ],
)
def test_a_message_from_or_for_others_is_refused(
    tool: Tool, platform: Platform, cause: Cause, changes: dict[str, Any]
) -> None:
    with pytest.raises(LaunchRefused) as caught:
        tool.launch(platform, **changes)
    assert caught.value.cause is cause
    assert 400 <= caught.value.status < 500
