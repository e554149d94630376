"""Line items over the wire."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from lti_tool.practice_lms.launches import LINE_ITEM_READONLY_SCOPE
from tests.practice_lms.helpers import ADA, CONTAINER, ISSUER, LINE_ITEM, SCORE, Lms, beside

LINE_ITEMS = "/lti/lineitems?type_id=1"
WRITES = {"Content-Type": LINE_ITEM}


def add(lms: Lms, **changes: Any) -> TestResponse:
    body = {"label": "Unit 3", "scoreMaximum": 10, "resourceId": "x1", "tag": "grade", **changes}
    return lms.call("POST", LINE_ITEMS, WRITES, {name: value for name, value in body.items() if value is not None})


def listed(lms: Lms, query: str = "") -> list[str]:
    response = lms.call("GET", LINE_ITEMS + query, accept=CONTAINER)
    assert response.status_code == 200
    assert response.content_type == CONTAINER
    return [item["label"] for item in response.get_json(force=True)]


def test_the_container_holds_the_columns_of_the_course(lms: Lms) -> None:
    (item,) = lms.call("GET", LINE_ITEMS, accept=CONTAINER).get_json(force=True)
    assert item.pop("resourceLinkId")
    assert item == {
        "id": f"{ISSUER}/lti/lineitems/1?type_id=1",
        "label": "Quiz 1",
        "scoreMaximum": 5,
        "resourceId": "quiz-1",
        "tag": "grade",
    }


def test_a_new_column_can_be_read_replaced_and_deleted(lms: Lms) -> None:
    made = add(lms)
    assert (made.status_code, made.content_type) == (201, LINE_ITEM)
    url = made.get_json(force=True)["id"]
    assert made.headers["Location"] == url
    assert lms.call("GET", url, accept=LINE_ITEM).get_json(force=True)["label"] == "Unit 3"
    replaced = lms.call("PUT", url, WRITES, {"label": "Unit three", "scoreMaximum": 20})
    assert replaced.get_json(force=True) == {
        "id": url,
        "label": "Unit three",
        "scoreMaximum": 20,
        "resourceId": "",
        "tag": "",
    }
    assert lms.call("DELETE", url).status_code == 204
    assert lms.call("GET", url, accept=LINE_ITEM).status_code == 404


def test_put_without_a_resource_link_detaches_the_activitys_column(lms: Lms) -> None:
    lms.call("PUT", lms.quiz_url(), WRITES, {"label": "Quiz 1", "scoreMaximum": 5})
    endpoint = lms.launch(ADA)["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert "lineitem" not in endpoint


@pytest.mark.parametrize(
    "changes",
    [
        {"label": None},
        {"label": "  "},
        {"label": "x" * 256},
        {"label": 3},
        {"scoreMaximum": None},
        {"scoreMaximum": 0},
        {"scoreMaximum": -3},
        {"scoreMaximum": "10"},
        {"scoreMaximum": True},
        {"scoreMaximum": float("inf")},
        {"resourceId": 7},
        {"tag": []},
    ],
)
def test_a_column_with_a_wrong_member_is_400(lms: Lms, changes: dict[str, Any]) -> None:
    response = add(lms, **changes)
    assert response.status_code == 400
    assert response.get_json()["error_description"]


@pytest.mark.parametrize("body", ["", "[]", "{", "null", "[" * 5000])
def test_a_body_that_is_no_object_is_400(lms: Lms, body: str) -> None:
    assert lms.call("POST", LINE_ITEMS, WRITES, body).status_code == 400


def test_a_column_for_an_unknown_link_is_403(lms: Lms) -> None:
    assert add(lms, resourceLinkId="elsewhere").status_code == 403


def test_filters_narrow_the_container(lms: Lms) -> None:
    link = lms.launch(ADA)["https://purl.imsglobal.org/spec/lti/claim/resource_link"]["id"]
    add(lms, label="A", resourceId="a", tag="one")
    add(lms, label="B", resourceId="b", tag="one", resourceLinkId=link)
    assert listed(lms, "&resource_id=a") == ["A"]
    assert listed(lms, "&tag=one") == ["A", "B"]
    assert listed(lms, "&tag=one&resource_id=b") == ["B"]
    assert listed(lms, f"&resource_link_id={link}") == ["Quiz 1", "B"]
    assert listed(lms, "&resource_id=nothing") == []


def test_pages_are_linked_until_the_last(lms: Lms) -> None:
    for label in "ABCD":
        add(lms, label=label, tag="a&b")
    url, seen = LINE_ITEMS + "&limit=2&tag=a%26b", []
    for _ in range(3):
        response = lms.call("GET", url, accept=CONTAINER)
        seen.append([item["label"] for item in response.get_json(force=True)])
        link = response.headers.get("Link")
        if link is None:
            break
        url, _, relation = link.partition(">; ")
        assert relation == 'rel="next"'
        url = url.removeprefix("<")
        assert parse_qs(urlsplit(url).query)["type_id"] == ["1"]
    assert seen == [["A", "B"], ["C", "D"]]


@pytest.mark.parametrize("query", ["&limit=0", "&limit=x", "&limit=-1", "&limit=2&from=x", "&limit=9999999999"])
def test_a_limit_that_is_no_number_is_400(lms: Lms, query: str) -> None:
    assert lms.call("GET", LINE_ITEMS + query, accept=CONTAINER).status_code == 400


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", f"{CONTAINER}, */*", f"{CONTAINER};q=1"])
def test_the_container_wants_its_own_media_type(lms: Lms, accept: str | None) -> None:
    assert lms.call("GET", LINE_ITEMS, accept=accept).status_code == 400


@pytest.mark.parametrize(("accept", "status"), [(None, 200), ("*/*", 200), (LINE_ITEM, 200), ("application/json", 400)])
def test_a_line_item_may_also_be_asked_for_as_anything(lms: Lms, accept: str | None, status: int) -> None:
    assert lms.call("GET", lms.quiz_url(), accept=accept).status_code == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [(LINE_ITEM, 201), (f"{LINE_ITEM}; charset=utf-8", 201), ("application/json", 400), (SCORE, 400), ("", 400)],
)
def test_writing_wants_its_own_media_type(lms: Lms, content_type: str, status: int) -> None:
    body = {"label": "A", "scoreMaximum": 1}
    assert lms.call("POST", LINE_ITEMS, {"Content-Type": content_type}, body).status_code == status


def test_reading_scope_does_not_write(lms: Lms) -> None:
    reader = lms.bearer(LINE_ITEM_READONLY_SCOPE)
    url = lms.quiz_url()
    assert lms.call("GET", url, reader).status_code == 200
    assert lms.call("DELETE", url, reader).status_code == 403
    assert lms.call("PUT", url, {**WRITES, **reader}, {"label": "A", "scoreMaximum": 1}).status_code == 403
    assert lms.call("POST", LINE_ITEMS, {**WRITES, **reader}, {"label": "A", "scoreMaximum": 1}).status_code == 403


def test_an_address_made_as_text_or_without_its_query_finds_nothing(lms: Lms) -> None:
    url = lms.quiz_url()
    body = lms.score()
    headers = {"Content-Type": SCORE}
    assert lms.call("POST", url + "/scores", headers, body).status_code == 405
    assert lms.call("POST", beside(url, "/scores").partition("?")[0], headers, body).status_code == 404
    assert lms.call("GET", url.partition("?")[0]).status_code == 404
    assert lms.grade() is None
