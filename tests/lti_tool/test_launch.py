import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from lti_tool import claims
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.launch import Launch, check_message_type, read_launch
from tests.lti_tool.fake_platform import BASE_URL, Platform

AGS_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def read(**changes: Any) -> Launch:
    payload = Platform().claims("nonce", **changes)
    return read_launch(payload, registration_id=1, base_url=BASE_URL, issued_at=0)


def refusal(**changes: Any) -> LaunchRefused:
    with pytest.raises(LaunchRefused) as caught:
        read(**changes)
    return caught.value


def test_a_whole_launch_is_read() -> None:
    launch = read(
        CUSTOM={"course": "deep-learning", "item": "quiz-1", "empty": "", "number": 7, "flag": True, "none": None},
        LAUNCH_PRESENTATION={"locale": "de", "document_target": "iframe", "return_url": "https://lms.example/back?x=1"},
        TOOL_PLATFORM={"product_family_code": "moodle"},
        AGS_ENDPOINT={
            "scope": [AGS_SCORE],
            "lineitem": "https://lms.example/1/lineitem?type_id=7",
            "lineitems": "https://lms.example/lineitems",
        },
        NAMES_AND_ROLES={"context_memberships_url": "https://lms.example/members"},
        unknown={"is": "ignored"},
    )
    assert launch.custom == {"course": "deep-learning", "item": "quiz-1", "number": "7", "flag": "true"}
    assert (launch.locale, launch.document_target) == ("de", "iframe")
    assert launch.return_url == "https://lms.example/back?x=1"
    assert launch.product_family == "moodle"
    assert launch.line_item_url == "https://lms.example/1/lineitem?type_id=7"
    assert launch.line_items_url == "https://lms.example/lineitems"
    assert launch.ags_scopes == (AGS_SCORE,)
    assert launch.issued_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_bare_launch_is_enough() -> None:
    launch = read(CONTEXT=..., ROLES=[""], name=...)
    assert (launch.context_id, launch.context_title, launch.name) == ("", "", "")
    assert (launch.custom, launch.return_url, launch.line_item_url, launch.ags_scopes) == ({}, None, None, ())
    assert launch.role == "learner"


@pytest.mark.parametrize("absent", [..., None])
@pytest.mark.parametrize(
    "claim", ["CONTEXT", "CUSTOM", "LAUNCH_PRESENTATION", "TOOL_PLATFORM", "LIS", "AGS_ENDPOINT", "NAMES_AND_ROLES"]
)
def test_an_optional_claim_may_be_missing_or_null(claim: str, absent: object) -> None:
    assert read(**{claim: absent}).sub == "17"


@pytest.mark.parametrize("wrong", ["text", 5, [], ["x"], True])
@pytest.mark.parametrize(
    "claim",
    [
        "RESOURCE_LINK",
        "CONTEXT",
        "CUSTOM",
        "LAUNCH_PRESENTATION",
        "TOOL_PLATFORM",
        "LIS",
        "AGS_ENDPOINT",
        "NAMES_AND_ROLES",
    ],
)
def test_an_object_of_another_type_is_refused_by_name(claim: str, wrong: object) -> None:
    refused = refusal(**{claim: wrong})
    assert refused.cause is Cause.CLAIM_TYPE
    assert refused.details[0] == ("claim", getattr(claims, claim))


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        (Cause.ROLES, {"ROLES": None}),
        (Cause.CLAIM_TYPE, {"ROLES": "Learner"}),
        (Cause.CLAIM_TYPE, {"ROLES": [5]}),
        (Cause.CLAIM_TYPE, {"ROLES": {"0": "Learner"}}),
        (Cause.USER_MISSING, {"sub": ""}),
        (Cause.USER_MISSING, {"sub": None}),
        (Cause.CLAIM_TYPE, {"sub": 17}),
        (Cause.CLAIM_TYPE, {"sub": "s" * 256}),
        (Cause.CLAIM_TYPE, {"sub": "ä"}),
        (Cause.CLAIM_TYPE, {"sub": "a\x00b"}),
        (Cause.RESOURCE_LINK, {"RESOURCE_LINK": {}}),
        (Cause.RESOURCE_LINK, {"RESOURCE_LINK": {"id": ""}}),
        (Cause.CLAIM_TYPE, {"RESOURCE_LINK": {"id": 31}}),
        (Cause.CLAIM_TYPE, {"RESOURCE_LINK": {"id": "r" * 256}}),
        (Cause.CLAIM_TYPE, {"RESOURCE_LINK": {"id": "\ud800"}}),
        (Cause.CLAIM_TYPE, {"RESOURCE_LINK": {"id": "31", "title": ["x"]}}),
        (Cause.CLAIM_TYPE, {"CONTEXT": {"title": "no id"}}),
        (Cause.CLAIM_TYPE, {"CONTEXT": {"id": ""}}),
        (Cause.CLAIM_TYPE, {"CONTEXT": {"id": 5}}),
        (Cause.CLAIM_TYPE, {"CONTEXT": {"id": "c" * 256}}),
        (Cause.DEPLOYMENT_MISSING, {"DEPLOYMENT_ID": ""}),
        (Cause.CLAIM_TYPE, {"DEPLOYMENT_ID": 7}),
        (Cause.CLAIM_TYPE, {"DEPLOYMENT_ID": "d" * 256}),
        (Cause.CLAIM_TYPE, {"name": {"first": "Ada"}}),
        (Cause.CLAIM_TYPE, {"CUSTOM": {"course": ["x"]}}),
        (Cause.CLAIM_TYPE, {"LAUNCH_PRESENTATION": {"locale": ["de"]}}),
        (Cause.CLAIM_TYPE, {"TOOL_PLATFORM": {"product_family_code": {}}}),
        (Cause.CLAIM_TYPE, {"AGS_ENDPOINT": {"scope": "one"}}),
        (Cause.TARGET_LINK_URI, {"TARGET_LINK_URI": ""}),
        (Cause.TARGET_LINK_URI, {"TARGET_LINK_URI": 5}),
        (Cause.TARGET_LINK_URI, {"TARGET_LINK_URI": "https://evil.example/"}),
        (Cause.TARGET_LINK_URI, {"TARGET_LINK_URI": "/lti/launch"}),
        (Cause.TARGET_LINK_URI, {"TARGET_LINK_URI": "javascript:alert(1)"}),
    ],
)
def test_what_cannot_be_right_is_refused(cause: Cause, changes: dict[str, Any]) -> None:
    assert refusal(**changes).cause is cause


def test_ids_may_have_255_characters() -> None:
    longest = "i" * 255
    launch = read(sub=longest, DEPLOYMENT_ID=longest, RESOURCE_LINK={"id": longest}, CONTEXT={"id": longest})
    assert {launch.sub, launch.deployment_id, launch.resource_link_id, launch.context_id} == {longest}


def test_text_for_people_loses_what_no_database_takes() -> None:
    launch = read(
        name="A\x00da\ud800",
        CONTEXT={"id": "5", "title": "M\u0000L" + "x" * 5000},
        RESOURCE_LINK={"id": "31", "title": 3},
    )
    assert launch.name == "A da"
    assert launch.context_title.startswith("M L")
    assert len(launch.context_title) == 1000
    assert launch.resource_link_title == "3"


def test_a_name_is_put_together_if_it_must_be() -> None:
    assert read(name=..., given_name="Ada", family_name="Lovelace").name == "Ada Lovelace"
    assert read(name="", family_name="Lovelace").name == "Lovelace"


def test_a_variable_the_platform_did_not_fill_in_is_absent() -> None:
    assert read(CUSTOM={"item": "$ResourceLink.custom", "course": "c"}).custom == {"course": "c"}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "/back", "https://u:p@lms.example/", 5, ["x"]]
)
def test_an_address_that_is_none_is_left_out(url: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        launch = read(
            AGS_ENDPOINT={"lineitem": url, "lineitems": url, "scope": None}, LAUNCH_PRESENTATION={"return_url": url}
        )
    assert (launch.line_item_url, launch.line_items_url, launch.return_url) == (None, None, None)
    warned = sorted(record.getMessage().split()[0] for record in caplog.records)
    assert warned == ["lineitem", "lineitems", "return_url"]


def test_a_name_stays_out_of_tracebacks() -> None:
    assert "Lovelace" not in repr(read())


@pytest.mark.parametrize(
    ("cause", "changes"),
    [
        (Cause.VERSION, {"VERSION": ...}),
        (Cause.VERSION, {"VERSION": "11.3"}),
        (Cause.VERSION, {"VERSION": 1.3}),
        (Cause.VERSION, {"VERSION": ["1.3.0"]}),
        (Cause.MESSAGE_TYPE_MISSING, {"MESSAGE_TYPE": ...}),
        (Cause.MESSAGE_TYPE_MISSING, {"MESSAGE_TYPE": ""}),
        (Cause.MESSAGE_TYPE_MISSING, {"MESSAGE_TYPE": ["LtiResourceLinkRequest"]}),
        (Cause.MESSAGE_TYPE_UNKNOWN, {"MESSAGE_TYPE": "ltiresourcelinkrequest"}),
        (Cause.MESSAGE_TYPE_UNSUPPORTED, {"MESSAGE_TYPE": "LtiContextLaunchRequest"}),
        (Cause.MESSAGE_TYPE_UNSUPPORTED, {"MESSAGE_TYPE": "LtiEulaRequest"}),
    ],
)
def test_only_messages_of_lti_1_3_that_are_ours_are_answered(cause: Cause, changes: Mapping[str, Any]) -> None:
    with pytest.raises(LaunchRefused) as caught:
        check_message_type(Platform().claims("nonce", **changes))
    assert caught.value.cause is cause


PRIVACY = {"MESSAGE_TYPE": "DataPrivacyLaunchRequest", "RESOURCE_LINK": ..., "CONTEXT": ..., "TARGET_LINK_URI": ...}


def test_a_data_privacy_launch_names_a_person_and_neither_link_nor_course() -> None:
    launch = read(**PRIVACY, FOR_USER={"user_id": "17"})
    assert (launch.privacy_sub, launch.resource_link_id, launch.context_id) == ("17", "", "")
    assert read(**PRIVACY, FOR_USER={"id": "17"}).privacy_sub == "17"
    assert read(FOR_USER={"user_id": "17"}).privacy_sub is None


@pytest.mark.parametrize(
    "changes",
    [
        {"FOR_USER": ...}, {"FOR_USER": None}, {"FOR_USER": {}}, {"FOR_USER": {"user_id": ""}}, {"FOR_USER": "17"},
        {"FOR_USER": {"user_id": 17}}, {"CONTEXT": {"id": "5"}}, {"RESOURCE_LINK": {"id": "31"}}, {"sub": ...},
        {"ROLES": ...},
    ],
    ids=str,
)  # fmt: skip
def test_a_data_privacy_launch_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused):
        read(**{**PRIVACY, "FOR_USER": {"user_id": "17"}, **changes})


SERVICE = {
    "service_versions": ["1.0"],
    "platform_notification_service_url": "https://lms.example/notice-handlers/7",
    "scope": ["https://purl.imsglobal.org/spec/lti/scope/noticehandlers"],
    "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
}


@pytest.mark.parametrize(
    ("service", "url"),
    [
        (SERVICE, SERVICE["platform_notification_service_url"]),
        ({**SERVICE, "service_versions": ["2.0"]}, None),
        ({**SERVICE, "scope": []}, None),
        ({**SERVICE, "notice_types_supported": ["LtiHelloWorldNotice"]}, None),
        ({**SERVICE, "notice_types_supported": "LtiContextCopyNotice"}, None),
        ({**SERVICE, "platform_notification_service_url": "file:///etc/passwd"}, None),
        ([SERVICE], None),
        (None, None),
    ],
)
def test_handlers_for_notices_are_taken_where_copies_are_told_of(service: object, url: str | None) -> None:
    assert read(NOTIFICATIONS=service).notices_url == url
