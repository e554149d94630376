"""The Platform Notification Service, as Canvas has it: a handler is taken, and a copied course is told once."""

import json

import pytest

from lti_tool.practice_lms.launches import CLAIM, NOTICES_CLAIM, NOTICES_SCOPE
from lti_tool.practice_lms.personalities import canvas
from tests.practice_lms.helpers import ADA, GRACE, ISSUER, Lms

as_canvas = pytest.mark.parametrize("personality", [canvas], ids=["canvas"])
COPIED = "LtiContextCopyNotice"


def put(lms: Lms, handler: object, notice_type: str = COPIED, scope: str = NOTICES_SCOPE) -> int:
    url = lms.launch(ADA)[NOTICES_CLAIM]["platform_notification_service_url"]
    headers = {**lms.bearer(scope), "Content-Type": "application/json"}
    body = json.dumps({"notice_type": notice_type, "handler": handler})
    return lms.client.put(url.removeprefix(ISSUER), headers=headers, data=body).status_code


def copy(lms: Lms) -> None:
    lms.client.post("/session", data={"user_id": GRACE}, base_url=ISSUER)
    assert lms.client.post("/copy", base_url=ISSUER).status_code == 303


@as_canvas
def test_a_copied_course_is_told_to_the_handler_in_a_signed_notice_of_nobody(lms: Lms) -> None:
    copy(lms)
    assert lms.tool.posted == []
    assert put(lms, f"{lms.tool.url}/lti/notices") == 200
    copy(lms)
    ((notice,),) = [one["notices"] for one in lms.tool.posted]
    claims = lms.verified(notice["jwt"])
    assert "sub" not in claims
    assert (claims["aud"], claims["azp"]) == (lms.settings.client_id,) * 2
    assert claims[CLAIM + "notice"]["type"] == COPIED
    original = lms.launch(ADA)[CLAIM + "context"]["id"]
    assert claims[CLAIM + "origin_contexts"] == [original]
    assert claims[CLAIM + "context"]["id"] != original
    lms.tool.status = 503
    copy(lms)
    assert len(lms.tool.posted) == 2  # not again, whatever the answer
    assert put(lms, "") == 200
    copy(lms)
    assert len(lms.tool.posted) == 2


@as_canvas
def test_only_the_tools_own_host_may_take_notices_and_only_with_the_scope(lms: Lms) -> None:
    assert put(lms, "https://elsewhere.example/notices") == 400
    assert put(lms, 7) == 400
    assert put(lms, "", "LtiUnheardOfNotice") == 400
    assert put(lms, "", scope="https://purl.imsglobal.org/spec/lti-ags/scope/score") == 401
    headers = lms.bearer(NOTICES_SCOPE)
    url = lms.launch(ADA)[NOTICES_CLAIM]["platform_notification_service_url"].removeprefix(ISSUER)
    known = lms.client.get(url, headers=headers).get_json()["notice_handlers"]
    assert known == [{"notice_type": one, "handler": ""} for one in ("LtiHelloWorldNotice", COPIED)]


def test_the_others_have_no_such_service(lms: Lms) -> None:
    assert NOTICES_CLAIM not in lms.launch(ADA)
    assert lms.client.put("/lti/notice-handlers/1", headers=lms.bearer(), json={}).status_code == 404
    assert lms.ask_token(scope=NOTICES_SCOPE).get_json()["error"] == "invalid_scope"
