"""A login is used once, by the browser that began it, for the platform and client it was begun with."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conformance import names
from tests.conformance.platform import CLIENT_ID, OTHER_ISSUER, SIBLING_CLIENT_ID, Platform
from tests.conformance.visitor import SESSION, Visitor, assert_refused, fresh_link, path_of, person

pytestmark = pytest.mark.processes


@pytest.fixture
def stranger(tool: str, platform: Platform) -> Visitor:
    """Another browser."""
    return Visitor(tool, platform)


def test_a_launch_that_was_let_in_is_not_let_in_again(visitor: Visitor) -> None:
    begun = visitor.begin()
    token = visitor.token(begun)
    assert visitor.post(begun.state, token).status_code == 303
    assert_refused(visitor.post(begun.state, token))


def test_a_launch_that_was_refused_is_not_let_in_afterwards(visitor: Visitor) -> None:
    begun = visitor.begin()
    assert_refused(visitor.post(begun.state, visitor.token(begun, {names.VERSION: "11.3"})))
    assert_refused(visitor.post(begun.state, visitor.token(begun)))


def test_of_eight_equal_launches_at_once_one_is_let_in(visitor: Visitor) -> None:
    begun = visitor.begin()
    token = visitor.token(begun)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visitor.post(begun.state, token).status_code, range(8)))
    assert sorted(answers)[0] == 303
    assert sum(status == 303 for status in answers) == 1
    assert all(status < 500 for status in answers)


def test_a_nonce_of_another_login_is_refused(visitor: Visitor) -> None:
    first, second = visitor.begin(), visitor.begin()
    assert_refused(visitor.post(second.state, visitor.token(first)))


@pytest.mark.parametrize("nonce", ["", "made-up", ["a"], {"a": 1}, 7, None, True])
def test_a_nonce_that_is_not_the_logins_is_refused(visitor: Visitor, nonce: Any) -> None:
    assert_refused(visitor.launch({"nonce": nonce}))


@pytest.mark.parametrize("state", ["", "state-made-up", "x" * 5000, "\x00", "'; --", "státe"])
def test_a_state_that_we_did_not_give_is_refused(visitor: Visitor, state: str) -> None:
    assert_refused(visitor.post(state, visitor.token(visitor.begin())))


def test_the_launch_of_another_browser_is_refused(visitor: Visitor, stranger: Visitor) -> None:
    begun = visitor.begin()
    stranger.begin()  # a browser with cookies of its own
    assert_refused(stranger.post(begun.state, visitor.token(begun)))


def test_a_browser_that_shows_nothing_is_refused_and_seats_nobody(visitor: Visitor, stranger: Visitor) -> None:
    begun = visitor.begin()
    assert_refused(stranger.post(begun.state, visitor.token(begun)))


def test_a_login_begun_at_one_platform_is_not_answered_by_another(visitor: Visitor) -> None:
    assert_refused(visitor.launch({"iss": OTHER_ISSUER}))


def test_a_login_begun_for_one_client_is_not_answered_for_its_sibling(visitor: Visitor) -> None:
    assert_refused(visitor.launch({"aud": SIBLING_CLIENT_ID}))
    begun = visitor.begin(client_id=SIBLING_CLIENT_ID)
    assert begun.asked["client_id"] == SIBLING_CLIENT_ID
    assert_refused(visitor.post(begun.state, visitor.token(begun)))
    begun = visitor.begin(client_id=SIBLING_CLIENT_ID)
    assert visitor.post(begun.state, visitor.token(begun, {"aud": SIBLING_CLIENT_ID})).status_code == 303


def test_one_person_at_two_clients_of_one_issuer_is_two_people(visitor: Visitor) -> None:
    mine = visitor.launch()
    begun = visitor.begin(client_id=SIBLING_CLIENT_ID)
    theirs = visitor.post(begun.state, visitor.token(begun, {"aud": SIBLING_CLIENT_ID}))
    assert path_of(mine) != path_of(theirs)


def test_an_issuer_with_several_clients_must_name_one(visitor: Visitor) -> None:
    begun = visitor.begin(client_id=...)
    assert begun.answer.status_code == 400
    assert "client_id" in begun.answer.text


def test_an_issuer_with_one_client_need_not_name_it(visitor: Visitor) -> None:
    assert visitor.begin(iss=OTHER_ISSUER, client_id=...).asked["client_id"] == CLIENT_ID


@pytest.mark.parametrize("changes", [{"iss": "https://nobody.example"}, {"client_id": "nobody"}])
def test_an_unknown_platform_is_told_with_both_values(visitor: Visitor, changes: dict[str, str]) -> None:
    answer = visitor.begin(**changes).answer
    assert_refused(answer)
    for value in {"iss": "https://ltiadvantagevalidator.imsglobal.org", "client_id": "imstester", **changes}.values():
        assert value in answer.text


def test_a_session_from_before_the_launch_does_not_survive_it(visitor: Visitor, stranger: Visitor) -> None:
    visitor.enter(fresh_link())
    planted = next(cookie.value for cookie in visitor.browser.cookies if cookie.name == SESSION)
    assert planted
    page = visitor.enter({**person("instructor"), **fresh_link()})
    fresh = next(cookie.value for cookie in visitor.browser.cookies if cookie.name == SESSION)
    assert fresh != planted
    answer = stranger.browser.get(page.url, headers={"Cookie": f"{SESSION}={planted}"}, timeout=15)
    assert answer.status_code == 403


def test_two_activities_opened_at_once_in_one_browser_both_open(visitor: Visitor) -> None:
    begun = [visitor.begin(), visitor.begin()]
    links = [fresh_link(), fresh_link()]
    answers = [visitor.post(one.state, visitor.token(one, link)) for one, link in zip(begun, links, strict=True)]
    assert [answer.status_code for answer in answers] == [303, 303]
    for answer in answers:
        assert visitor.browser.get(f"{visitor.tool}{path_of(answer)}", timeout=15).status_code == 200


@pytest.mark.parametrize(
    "error",
    ["launch_no_longer_valid", "login_required", "access_denied", "unauthorized_client", "<script>alert(1)</script>"],
)
def test_an_error_that_the_platform_posts_is_explained(visitor: Visitor, error: str) -> None:
    begun = visitor.begin()
    form = {"state": begun.state, "error": error, "error_description": "<img src=x onerror=alert(1)>"}
    answer = visitor.browser.post(f"{visitor.tool}/lti/launch", data=form, timeout=15)
    assert_refused(answer)
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


def test_an_answer_by_get_is_no_launch(visitor: Visitor) -> None:
    begun = visitor.begin()
    params = {"state": begun.state, "id_token": visitor.token(begun)}
    answer = visitor.browser.get(f"{visitor.tool}/lti/launch", params=params, allow_redirects=False, timeout=15)
    assert answer.status_code == 200
    assert SESSION not in answer.headers.get("Set-Cookie", "")
    assert visitor.post(begun.state, params["id_token"]).status_code == 303
