"""1EdTech certification, Deep Linking 2.0: a page to choose on, and a signed answer that holds what was asked for."""

import re
import time
from typing import Any

import jwt
import pytest
import requests

from lti_tool.cli.demo_student import Form, forms_of
from tests.conformance import names
from tests.conformance.platform import CLIENT_ID, DEPLOYMENT_ID, ISSUER
from tests.conformance.visitor import SECONDS, Visitor, assert_refused, path_of, person, title_of

pytestmark = pytest.mark.processes

NO_LINK = {names.TARGET_LINK_URI: ..., names.RESOURCE_LINK: ...}


def asked(visitor: Visitor, **changes: Any) -> dict[str, Any]:
    """The request as the suite sends it: an instructor's, without target and link."""
    settings = {
        "deep_link_return_url": f"{visitor.platform.address}/deep?course=5",
        "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
        "accept_presentation_document_targets": ["iframe", "window", "embed"],
        "accept_multiple": True, "auto_create": True, "data": "909708", **changes,
    }  # fmt: skip
    kept = {name: value for name, value in settings.items() if value is not ...}
    return {**person("instructor"), **NO_LINK, names.MESSAGE_TYPE: "LtiDeepLinkingRequest", names.DL_SETTINGS: kept}


def page_of(visitor: Visitor, **changes: Any) -> requests.Response:
    """The page on which activities are chosen."""
    answer = visitor.launch(asked(visitor, **changes))
    assert answer.status_code == 303, title_of(answer)
    page = visitor.browser.get(f"{visitor.tool}{path_of(answer)}", timeout=SECONDS)
    assert page.status_code == 200
    return page


def form_of(page: requests.Response) -> Form:
    """The form of the page's choice."""
    return next(form for form in forms_of(page) if "csrf_token" in form.fields)


def answered(visitor: Visitor, page: requests.Response, action: str, *items: str) -> dict[str, Any]:
    """What the tool sends back for a choice: the form's target under `to`, and the message, verified."""
    form = form_of(page)
    fields = {**form.fields, "action": action, "item": list(items)}
    returned = visitor.browser.post(form.action, data=fields, timeout=SECONDS)
    assert returned.status_code == 200, title_of(returned)
    way_back = next(one for one in forms_of(returned) if "JWT" in one.fields)
    assert way_back.method == "post"
    token = str(way_back.fields["JWT"])
    keys = requests.get(f"{visitor.tool}/lti/jwks", timeout=SECONDS).json()["keys"]
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWK(next(one for one in keys if one["kid"] == header["kid"]))
    message = jwt.decode(token, key, algorithms=["RS256"], audience=ISSUER, leeway=0)
    return {"to": way_back.action, "header": header, **message}


def items_on(page: requests.Response) -> list[str]:
    """What may be chosen: the values of the boxes."""
    boxes = [tag for tag in re.findall(r"<input[^>]*>", page.text) if 'name="item"' in tag]
    return [value[1] for tag in boxes if (value := re.search(r'value="([^"]+)"', tag))]


def test_deep_linking_request_sent_and_selection_page_shown(visitor: Visitor) -> None:
    page = page_of(visitor)
    assert len(items_on(page)) >= 14
    assert "<h1" in page.text


def test_response_is_signed_has_every_claim_and_echoes_the_data(visitor: Visitor) -> None:
    page = page_of(visitor)
    message = answered(visitor, page, "items", items_on(page)[0])
    assert message["to"] == f"{visitor.platform.address}/deep?course=5"
    assert message["header"]["alg"] == "RS256"
    assert message["iss"] == CLIENT_ID
    assert message["aud"] in (ISSUER, [ISSUER])
    assert message["iat"] <= time.time() < message["exp"] <= time.time() + 600
    assert message["nonce"]
    assert message[names.DEPLOYMENT_ID] == DEPLOYMENT_ID
    assert message[names.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert message[names.VERSION] == "1.3.0"
    assert message[names.DL_DATA] == "909708"
    assert len(message[names.DL_CONTENT_ITEMS]) == 1


def test_content_items_are_of_an_accepted_type_and_lead_to_this_tool(visitor: Visitor) -> None:
    page = page_of(visitor)
    items = answered(visitor, page, "items", *items_on(page))[names.DL_CONTENT_ITEMS]
    assert len(items) == len(items_on(page))
    for item in items:
        assert item["type"] == "ltiResourceLink"
        assert item["url"].startswith(f"{visitor.tool}/")
        assert item["title"]
        assert all(isinstance(value, str) and "\n" not in value for value in item["custom"].values())
    columns = [item["lineItem"] for item in items if "lineItem" in item]
    assert len(columns) == 9
    assert all(column["scoreMaximum"] > 0 and column["resourceId"] for column in columns)


def test_without_data_none_is_sent_back(visitor: Visitor) -> None:
    page = page_of(visitor, data=...)
    assert names.DL_DATA not in answered(visitor, page, "items", items_on(page)[0])


def test_a_choice_that_is_given_up_is_an_empty_list(visitor: Visitor) -> None:
    assert answered(visitor, page_of(visitor), "cancel")[names.DL_CONTENT_ITEMS] == []


def test_the_returned_link_can_be_launched_with_its_url_and_custom_values(visitor: Visitor) -> None:
    page = page_of(visitor)
    item = answered(visitor, page, "items", items_on(page)[3])[names.DL_CONTENT_ITEMS][0]
    link = {names.RESOURCE_LINK: {"id": "deep-linked", "title": item["title"]}}
    for sent in ({names.TARGET_LINK_URI: item["url"]}, {names.CUSTOM: item["custom"]}):
        assert item["title"].rpartition(": ")[2] in visitor.enter({**link, **sent}).text
    probe = requests.get(item["url"], timeout=SECONDS, allow_redirects=False)
    assert probe.status_code == 200, "Moodle's server fetches every link that it saves"


def test_a_place_for_one_activity_gets_one_or_a_word_why_not(visitor: Visitor) -> None:
    page = page_of(visitor, accept_multiple=False)
    form = form_of(page)
    fields = {**form.fields, "action": "items", "item": items_on(page)[:2]}
    assert visitor.browser.post(form.action, data=fields, timeout=SECONDS).status_code == 422
    assert len(answered(visitor, page, "items", items_on(page)[0])[names.DL_CONTENT_ITEMS]) == 1


def test_a_place_without_columns_gets_none(visitor: Visitor) -> None:
    page = page_of(visitor, accept_lineitem=False)
    items = answered(visitor, page, "items", *items_on(page))[names.DL_CONTENT_ITEMS]
    assert not [item for item in items if "lineItem" in item]


def test_a_student_chooses_nothing(visitor: Visitor) -> None:
    assert_refused(visitor.launch({**asked(visitor), **person("learner")}))


@pytest.mark.parametrize(
    "address", [..., "", "javascript:alert(1)", "data:text/html,x", "/deep", "//evil.example", 7, None]
)
def test_a_return_address_that_is_none_is_refused(visitor: Visitor, address: Any) -> None:
    assert_refused(visitor.launch(asked(visitor, deep_link_return_url=address)))


def test_a_return_address_of_markup_stays_an_address(visitor: Visitor) -> None:
    page = page_of(visitor, deep_link_return_url=f'{visitor.platform.address}/deep?a="><script>alert(1)</script>')
    form = form_of(page)
    returned = visitor.browser.post(
        form.action, data={**form.fields, "action": "items", "item": items_on(page)[0]}, timeout=SECONDS
    )
    assert "<script>alert" not in returned.text


def test_the_choice_of_one_browser_is_not_open_to_another(tool: str, visitor: Visitor) -> None:
    page = page_of(visitor)
    stranger = Visitor(tool, visitor.platform)
    assert stranger.browser.get(page.url, timeout=SECONDS).status_code in {403, 404}
    assert stranger.browser.post(page.url, data=form_of(page).fields, timeout=SECONDS).status_code in {403, 404}
