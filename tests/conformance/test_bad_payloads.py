"""1EdTech certification, core, known bad payloads: each is refused on a visible page, and nobody is let in."""

from typing import Any

import pytest

from tests.conformance import names
from tests.conformance.platform import KID
from tests.conformance.visitor import Visitor, assert_refused
from tests.lti_tool.fake_platform import sign

pytestmark = pytest.mark.processes

BAD: dict[str, dict[str, Any]] = {
    "Wrong LTI Version": {names.VERSION: "11.3"},
    "No LTI Version": {names.VERSION: ...},
    "Missing LTI Claims": dict.fromkeys(("aud", "iss", "sub", names.DEPLOYMENT_ID, names.ROLES), ...),
    "Timestamps Incorrect": {"iat": 11111, "exp": 22222},
    "message_type Claim Missing": {names.MESSAGE_TYPE: ...},
    "role Claim Missing": {names.ROLES: ...},
    "deployment_id Claim Missing": {names.DEPLOYMENT_ID: ...},
    "resource_link_id Claim Missing": {names.RESOURCE_LINK: ...},
    "resource_link_id Claim Missing (link without id)": {names.RESOURCE_LINK: {"title": "A link"}},
    "user Claim Missing": {"sub": ...},
    "user Claim Missing (empty)": {"sub": ""},
}
BAD_HEADERS: dict[str, dict[str, Any]] = {
    "No KID Sent in JWT header": {"kid": ...},
    "Incorrect KID in JWT header": {"kid": "imstester_66067"},
}


@pytest.mark.parametrize("case", BAD)
def test_bad_payload(visitor: Visitor, case: str) -> None:
    assert_refused(visitor.launch(BAD[case]))


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_bad_header(visitor: Visitor, case: str) -> None:
    assert_refused(visitor.launch(header=BAD_HEADERS[case]))


def test_invalid_lti_message(visitor: Visitor) -> None:
    begun = visitor.begin()
    assert_refused(visitor.post(begun.state, sign({"alg": "RS256", "kid": KID}, {"name": "badltilaunch"})))


def test_after_a_refusal_the_same_browser_can_launch(visitor: Visitor) -> None:
    assert_refused(visitor.launch(BAD["Wrong LTI Version"]))
    visitor.enter()
