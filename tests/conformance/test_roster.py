"""1EdTech certification, Names and Role Provisioning: the roster is asked for, shown, and never trusted."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import jsonify, make_response

from tests.conformance import names
from tests.conformance.platform import MEMBERS, Platform, roster
from tests.conformance.visitor import SECONDS, Visitor, fresh_link, person
from tests.support.stack import wait_until

pytestmark = pytest.mark.processes

_contexts = itertools.count()


@pytest.fixture(autouse=True)
def restored(platform: Platform) -> Iterator[None]:
    yield
    platform.members = None


class People:
    """The instructor's page of a course that nobody has been in before."""

    def __init__(self, visitor: Visitor, role: str = "instructor") -> None:
        self.visitor = visitor
        link = fresh_link()
        services = visitor.platform.services(link[names.RESOURCE_LINK]["id"])
        context = {names.CONTEXT: {"id": f"roster-{next(_contexts)}", "title": "A course"}}
        page = visitor.enter({**person(role), **link, **services, **context})
        self.address = f"{page.url.partition('/items/')[0].partition('/link')[0]}/people"

    def text(self) -> str:
        """The page as it is now."""
        answer = self.visitor.browser.get(self.address, timeout=SECONDS)
        assert answer.status_code == 200
        return answer.text

    def read(self) -> None:
        """Open it: a list that nobody has read yet is read then."""
        before = self.visitor.platform.fetches["/members"]
        self.text()
        asked = self.visitor.platform.fetches
        wait_until("the platform is asked", lambda: asked["/members"] > before, 60)


def answering(members: list[dict[str, Any]], link: str = "") -> Callable[[], Any]:
    """A roster's page, maybe with a next one."""

    def answer() -> Any:
        response = make_response(jsonify(roster(members)))
        response.content_type = MEMBERS
        if link:
            response.headers["Link"] = f'<{link}>; rel="next"'
        return response

    return answer


def test_the_roster_is_asked_for_with_its_media_type_and_scope_and_shown(visitor: Visitor, platform: Platform) -> None:
    platform.members = answering(
        [
            {"user_id": "7001", "roles": [names.LEARNER], "name": "Katherine <b>Johnson</b>", "status": "Active"},
            {"user_id": "7002", "roles": ["Learner"]},
            {"user_id": "7003", "roles": [names.INSTRUCTOR], "name": "Grace Hopper"},
        ]
    )
    people = People(visitor)
    people.read()
    wait_until("the list is shown", lambda: "Katherine" in people.text(), 30)
    text = people.text()
    assert "Grace Hopper" in text
    assert "<b>Johnson" not in text
    kinds = {kind for method, path, kind in platform.asked if path == "/members"}
    assert kinds == {MEMBERS}
    assert any(names.SCOPE_MEMBERS in assertion["scope"] for assertion in platform.assertions)


def test_the_token_goes_to_the_platforms_own_host_and_a_next_page_elsewhere_is_not_asked(
    visitor: Visitor, platform: Platform
) -> None:
    elsewhere = f"http://localhost:{platform.port}/elsewhere"  # the same machine by another name
    platform.members = answering([{"user_id": "7001", "roles": ["Learner"], "name": "Katherine"}], elsewhere)
    people = People(visitor)
    people.read()
    wait_until("the page says how it went", lambda: "Katherine" in people.text() or "not" in people.text(), 30)
    assert not [path for path, _ in platform.bearers if path == "/elsewhere"]
    assert platform.fetches["/elsewhere"] == 0


def test_a_roster_that_never_ends_is_given_up(visitor: Visitor, platform: Platform) -> None:
    numbers = itertools.count()

    def next_page() -> Any:
        return answering([], f"{platform.address}/members?page={next(numbers)}")()

    platform.members = next_page
    people = People(visitor)
    people.read()

    def is_at_rest() -> bool:
        before = platform.fetches["/members"]
        people.text()
        people.text()
        return platform.fetches["/members"] == before

    wait_until("the tool stops asking", is_at_rest, 60)
    assert platform.fetches["/members"] < 5000


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "{", '{"members": {}}', '{"members": [1, null, {"user_id": 7}, {"roles": "x"}]}', "[" * 9999],
)
def test_any_roster_leaves_the_page_standing(visitor: Visitor, platform: Platform, body: str) -> None:
    platform.members = lambda: make_response(body, 200, {"Content-Type": MEMBERS})
    people = People(visitor)
    people.read()
    assert "<h1" in people.text()


def test_students_see_no_roster(visitor: Visitor) -> None:
    people = People(visitor, "learner")
    assert visitor.browser.get(people.address, timeout=SECONDS).status_code == 403
