"""Dynamic Registration with the running tool: an LMS that is in order can launch at once, any other leaves nothing.

The tool under test has open registration, or the suite would need an invitation from its command line.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.conformance.platform import Platform
from tests.conformance.visitor import Visitor, title_of
from tests.registering.platform_server import CONFIGURATION, REGISTER, Answer, FakeLms, running_lms

pytestmark = pytest.mark.processes

TOKEN = "a-registration-token"


@pytest.fixture
def lms() -> Iterator[FakeLms]:
    with running_lms() as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[FakeLms]:
    with running_lms() as running:
        yield running


def register(tool: str, lms: FakeLms, **changes: str) -> requests.Response:
    """What an LMS's frame opens when its admin registers the tool."""
    params = {"openid_configuration": lms.configuration_url, "registration_token": TOKEN, **changes}
    return requests.get(f"{tool}/lti/register", params=params, timeout=30)


def is_known(visitor: Visitor, lms: FakeLms) -> bool:
    """Whether a login of that LMS is taken."""
    return visitor.begin(iss=lms.address, client_id="client-1").answer.status_code == 302


def test_an_lms_registers_itself_is_told_what_we_are_and_can_launch_at_once(
    tool: str, visitor: Visitor, lms: FakeLms
) -> None:
    assert not is_known(visitor, lms)
    answer = register(tool, lms)
    assert answer.status_code == 200, title_of(answer)
    assert is_known(visitor, lms)
    (described,), (asked,) = lms.asked(CONFIGURATION), lms.asked(REGISTER)
    assert described.bearer == asked.bearer == f"Bearer {TOKEN}"
    told = asked.json()
    assert told["initiate_login_uri"] == f"{tool}/lti/login"
    assert told["redirect_uris"] == [f"{tool}/lti/launch"]
    assert told["jwks_uri"] == f"{tool}/lti/jwks"
    assert told["token_endpoint_auth_method"] == "private_key_jwt"
    assert "openid" not in told["scope"].split()
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    "changes",
    [{"issuer": "https://canvas.example"}, {"issuer": None}, {"issuer": 7}, {"jwks_uri": "javascript:alert(1)"},
     {"jwks_uri": "file:///etc/passwd"}, {"token_endpoint": None}, {"authorization_endpoint": ["a"]},
     {"registration_endpoint": "//evil.example"}, {"response_types_supported": ["code"]},
     {"id_token_signing_alg_values_supported": ["HS256"]}],
)  # fmt: skip
def test_an_lms_that_describes_itself_amiss_is_not_registered(
    tool: str, visitor: Visitor, lms: FakeLms, changes: dict[str, Any]
) -> None:
    lms.describe(**changes)
    answer = register(tool, lms)
    assert 400 <= answer.status_code < 500, title_of(answer)
    assert not lms.asked(REGISTER)
    assert not is_known(visitor, lms)


@pytest.mark.parametrize("path", [CONFIGURATION, REGISTER])
def test_no_redirect_takes_the_token_elsewhere(
    tool: str, visitor: Visitor, lms: FakeLms, elsewhere: FakeLms, path: str
) -> None:
    lms.answers[path] = Answer(302, {}, location=elsewhere.address + path)
    assert register(tool, lms).status_code >= 400
    assert not elsewhere.requests
    assert not is_known(visitor, lms)


@pytest.mark.parametrize(
    "answer",
    [Answer(body=b""), Answer(body=b"{"), Answer(body=[]), Answer(body=b"\xff"), Answer(500, {}),
     Answer(404, b"<html>"), Answer(body=b" " * 2_000_000), Answer(body=None)],
)  # fmt: skip
@pytest.mark.parametrize("path", [CONFIGURATION, REGISTER])
def test_any_answer_is_the_lmss_failure_and_leaves_nothing(
    tool: str, visitor: Visitor, lms: FakeLms, path: str, answer: Answer
) -> None:
    lms.answers[path] = answer
    page = register(tool, lms)
    assert page.status_code in {*range(400, 500), 502}, title_of(page)
    assert "<h1" in page.text
    assert not is_known(visitor, lms)


@pytest.mark.parametrize(
    "address", ["", "x", "javascript:alert(1)", "file:///etc/passwd", "http://[::1", "http://127.0.0.1:1/", "ftp://a/"]
)
def test_an_address_that_leads_nowhere_is_told(tool: str, lms: FakeLms, address: str) -> None:
    page = register(tool, lms, openid_configuration=address)
    assert page.status_code in {*range(400, 500), 502}, title_of(page)
    assert not lms.requests


def test_what_an_lms_says_stays_text(tool: str, platform: Platform, lms: FakeLms) -> None:
    lms.answers[REGISTER] = Answer(422, {"errors": ["<script>alert(1)</script>"]})
    assert "<script>alert" not in register(tool, lms).text
