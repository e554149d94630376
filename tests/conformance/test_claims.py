"""Claims in every state of repair: refused by name, or taken for what they are; never a fault of ours."""

import json
from typing import Any

import pytest

from tests.conformance import names
from tests.conformance.platform import CLIENT_ID, KID
from tests.conformance.visitor import Now, Visitor, assert_refused, fresh_link, person, title_of
from tests.lti_tool.fake_platform import encode, sign

pytestmark = pytest.mark.processes

LONG = "x" * 256
REFUSED: dict[str, dict[str, Any]] = {
    "no exp": {"exp": ...},
    "no iat": {"iat": ...},
    "exp as text": {"exp": "1999999999"},
    "exp true": {"exp": True},
    "exp an hour ago": {"exp": Now(-3600)},
    "iat a day old": {"iat": Now(-86_400)},
    "iat in an hour": {"iat": Now(3600)},
    "nbf in an hour": {"nbf": Now(3600)},
    "exp beyond all time": {"exp": 10**30},
    "iss missing": {"iss": ...},
    "iss with a slash": {"iss": "https://ltiadvantagevalidator.imsglobal.org/"},
    "iss a list": {"iss": ["https://ltiadvantagevalidator.imsglobal.org"]},
    "aud missing": {"aud": ...},
    "aud empty": {"aud": []},
    "aud of somebody else": {"aud": "somebody"},
    "aud a number": {"aud": 7},
    "aud an object": {"aud": {CLIENT_ID: 1}},
    "two audiences, no azp": {"aud": [CLIENT_ID, "somebody"]},
    "azp of somebody else": {"azp": "somebody"},
    "azp empty": {"azp": ""},
    "version a number": {names.VERSION: 1.3},
    "message_type unknown": {names.MESSAGE_TYPE: "LtiSomethingRequest"},
    "message_type a list": {names.MESSAGE_TYPE: ["LtiResourceLinkRequest"]},
    "message_type of EULA": {names.MESSAGE_TYPE: "LtiEulaRequest"},
    "deployment_id empty": {names.DEPLOYMENT_ID: ""},
    "deployment_id a number": {names.DEPLOYMENT_ID: 7},
    "deployment_id too long": {names.DEPLOYMENT_ID: LONG},
    "target_link_uri missing": {names.TARGET_LINK_URI: ...},
    "target_link_uri empty": {names.TARGET_LINK_URI: ""},
    "target_link_uri elsewhere": {names.TARGET_LINK_URI: "https://evil.example/lti/launch"},
    "target_link_uri script": {names.TARGET_LINK_URI: "javascript:alert(1)"},
    "target_link_uri a list": {names.TARGET_LINK_URI: []},
    "resource_link a text": {names.RESOURCE_LINK: "rli-1"},
    "resource_link id a number": {names.RESOURCE_LINK: {"id": 31}},
    "resource_link id empty": {names.RESOURCE_LINK: {"id": ""}},
    "resource_link id too long": {names.RESOURCE_LINK: {"id": LONG}},
    "context a list": {names.CONTEXT: []},
    "context without id": {names.CONTEXT: {"title": "C"}},
    "context id a number": {names.CONTEXT: {"id": 5}},
    "context id too long": {names.CONTEXT: {"id": LONG}},
    "sub a number": {"sub": 17},
    "sub not ASCII": {"sub": "ädä"},
    "sub too long": {"sub": LONG},
    "sub with a control character": {"sub": "1\x007"},
    "roles a text": {names.ROLES: names.INSTRUCTOR},
    "roles null": {names.ROLES: None},
    "roles of numbers": {names.ROLES: [1]},
    "custom a list": {names.CUSTOM: ["item=quiz-1"]},
    "custom value a list": {names.CUSTOM: {"item": ["quiz-1"]}},
    "launch_presentation a text": {names.LAUNCH_PRESENTATION: "iframe"},
    "AGS claim a list": {names.AGS: []},
    "AGS scope a text": {names.AGS: {"scope": names.SCOPE_SCORE}},
    "lis a text": {names.LIS: "x"},
    "tool_platform a list": {names.TOOL_PLATFORM: []},
}
TAKEN: dict[str, dict[str, Any]] = {
    "aud a list of one": {"aud": [CLIENT_ID]},
    "two audiences and azp, ours second": {"aud": ["somebody", CLIENT_ID], "azp": CLIENT_ID},
    "azp ours": {"azp": CLIENT_ID},
    "the platform's clock three seconds ahead": {"iat": Now(3)},
    "a token that ended five seconds ago": {"exp": Now(-5)},
    "an unknown claim": {"https://example.org/claim": {"a": [1, {"b": None}]}},
    "custom with a number and a variable that was not filled in": {
        names.CUSTOM: {"n": 7, "flag": True, "item": "$Canvas.assignment.id", "empty": ""}
    },
    "optional claims null": {
        names.CUSTOM: None, names.CONTEXT: None, names.LAUNCH_PRESENTATION: None, names.AGS: None, names.NRPS: None,
    },
    "a title that is a number": {names.RESOURCE_LINK: {"id": "numbered", "title": 7}},
    "a return address that is none": {names.LAUNCH_PRESENTATION: {"return_url": "javascript:alert(1)"}},
    "services at addresses that are none": {
        names.AGS: {"scope": [], "lineitem": "javascript:alert(1)", "lineitems": "file:///etc/passwd"}
    },
    "a lone surrogate in a name": {"name": "Ada \ud800 Lovelace"},
    "a name of markup": {"name": "<script>alert(1)</script>"},
    "an id of 255 characters": {names.RESOURCE_LINK: {"id": "y" * 255}},
    "an id with markup in it": {names.RESOURCE_LINK: {"id": "<b>\"'&"}},
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(visitor: Visitor, case: str) -> None:
    assert_refused(visitor.launch(REFUSED[case]))


@pytest.mark.parametrize("case", TAKEN)
def test_taken(visitor: Visitor, case: str) -> None:
    page = visitor.enter(TAKEN[case])
    for hostile in ("<script>alert", "javascript:", "$Canvas"):
        assert hostile not in page.text


@pytest.mark.parametrize("surrogate", [{"sub": "\ud800"}, {names.CONTEXT: {"id": "\ud800"}}, {"iss": "\ud800"}])
def test_a_lone_surrogate_in_an_id_is_refused(visitor: Visitor, surrogate: dict[str, Any]) -> None:
    assert_refused(visitor.launch(surrogate))


@pytest.mark.parametrize("payload", [b"[]", b"null", b'"x"', b"7", b"{", b"\xff\xfe", b"", b'{"a":NaN}', b"[" * 20_000])
def test_a_payload_that_is_no_object_is_refused(visitor: Visitor, payload: bytes) -> None:
    assert_refused(visitor.post(visitor.begin().state, sign({"alg": "RS256", "kid": KID}, payload)))


@pytest.mark.parametrize("header", [b"[]", b"null", b"{", b"\xff", b'{"alg":"RS256","kid":"imstester_4","kid":"x"}'])
def test_a_header_that_is_no_object_is_refused(visitor: Visitor, header: bytes) -> None:
    begun = visitor.begin()
    assert_refused(visitor.post(begun.state, sign(header, visitor.claims(begun.nonce))))


def test_a_key_that_occurs_twice_is_refused(visitor: Visitor) -> None:
    begun = visitor.begin()
    text = json.dumps(visitor.claims(begun.nonce, person("learner")))
    twice = text[:-1] + f', "sub": "39890", "{names.ROLES}": ["{names.INSTRUCTOR}"]}}'
    assert_refused(visitor.post(begun.state, sign({"alg": "RS256", "kid": KID}, twice.encode())))


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS512"}, {"alg": "rs256"}, {"alg": ["RS256"]}, {"alg": ...},
     {"kid": ""}, {"kid": 4}, {"kid": "../../etc/passwd"}, {"kid": "x" * 5000}, {"jku": "http://127.0.0.1:1/jwks"},
     {"jwk": {"kty": "RSA"}}, {"x5c": ["AAAA"]}, {"crit": ["exp"]}],
)  # fmt: skip
def test_a_header_that_asks_for_another_check_is_refused(visitor: Visitor, header: dict[str, Any]) -> None:
    assert_refused(visitor.launch(header=header))


def test_a_token_without_a_signature_or_with_a_foreign_one_is_refused(visitor: Visitor) -> None:
    begun = visitor.begin()
    head, body, _ = visitor.token(begun).split(".")
    assert_refused(visitor.post(begun.state, f"{head}.{body}."))
    begun = visitor.begin()
    assert_refused(visitor.post(begun.state, visitor.token(begun, key=1)))
    begun = visitor.begin()
    head, _, signature = visitor.token(begun).split(".")
    forged = encode(visitor.claims(begun.nonce, person("instructor")))
    assert_refused(visitor.post(begun.state, f"{head}.{forged}.{signature}"))


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "a" * 200_000, "\x00", "é.é.é", "{}", "eyJhbGciOiJSUzI1NiJ9..x", "a.b.c.d"]
)
def test_text_that_is_no_token_is_refused(visitor: Visitor, token: str) -> None:
    assert_refused(visitor.post(visitor.begin().state, token))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", ""), (b"\xff\xfe", "application/x-www-form-urlencoded"), (b"{}", "application/json"),
     (b"id_token=a&id_token=b&state=c&state=d", "application/x-www-form-urlencoded"),
     (b"--x", "multipart/form-data; boundary=x"), (b"a=" + b"b" * 1_100_000, "application/x-www-form-urlencoded")],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/lti/login", "/lti/launch", "/lti/continue"])
def test_any_body_is_answered_with_a_page(visitor: Visitor, path: str, body: bytes, content_type: str) -> None:
    answer = visitor.browser.post(
        f"{visitor.tool}{path}", data=body, headers={"Content-Type": content_type}, allow_redirects=False, timeout=15
    )
    assert 400 <= answer.status_code < 500, title_of(answer)
    assert "<h1" in answer.text


def test_names_and_titles_stay_text_wherever_they_are_shown(visitor: Visitor) -> None:
    markup = "<img src=x onerror=alert(1)>\"'&\u202e"
    link = fresh_link()
    link[names.RESOURCE_LINK]["title"] = markup
    page = visitor.enter({**link, "name": markup, names.CONTEXT: {"id": "hostile", "title": markup, "label": markup}})
    for address in (page.url, f"{page.url.partition('/items/')[0]}/module/results"):
        assert "<img src=x" not in visitor.browser.get(address, timeout=15).text
