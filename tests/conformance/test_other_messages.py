"""What comes beside launches and choices: a gradebook's review, a person's data, and notices without any browser."""

import time
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.conformance import names
from tests.conformance.platform import (
    CLIENT_ID,
    DEPLOYMENT_ID,
    ISSUER,
    KID,
    LEARNER,
    OTHER_ISSUER,
    SIBLING_CLIENT_ID,
)
from tests.conformance.visitor import SECONDS, Now, Visitor, assert_refused, fresh_link, person, title_of
from tests.lti_tool.fake_platform import sign
from tests.support.stack import wait_until

pytestmark = pytest.mark.processes

REVIEW = {names.MESSAGE_TYPE: "LtiSubmissionReviewRequest"}
PRIVACY = {
    names.MESSAGE_TYPE: "DataPrivacyLaunchRequest", names.RESOURCE_LINK: ..., names.CONTEXT: ...,
    names.TARGET_LINK_URI: ...,
}  # fmt: skip


def test_a_review_of_somebody_who_never_came_says_so_and_what_to_do(visitor: Visitor) -> None:
    services = visitor.platform.services("rli-review", column="1")
    asked = {**REVIEW, **services, names.FOR_USER: {"user_id": f"nobody-{uuid4()}"}}
    page = visitor.enter({**person("instructor"), **fresh_link(), **asked})
    assert "has never been here" in page.text
    assert "Once they have opened this activity" in page.text


def test_a_learner_reviews_nobody_elses_work(visitor: Visitor) -> None:
    asked = {**REVIEW, **visitor.platform.services("rli-review", column="1"), names.FOR_USER: {"user_id": "somebody"}}
    assert_refused(visitor.launch({**person("learner"), **asked}))
    own = visitor.enter({**person("learner"), **asked, names.FOR_USER: {"user_id": LEARNER}})
    assert "<h1" in own.text


@pytest.mark.parametrize(
    "changes", [{names.FOR_USER: {}}, {names.FOR_USER: {"user_id": 7}}, {names.RESOURCE_LINK: {}}], ids=str
)
def test_a_review_that_does_not_say_whose_or_where_is_refused(visitor: Visitor, changes: dict[str, Any]) -> None:
    assert_refused(visitor.launch({**person("instructor"), **REVIEW, names.FOR_USER: {"user_id": LEARNER}, **changes}))


def test_a_review_of_nobody_in_particular_opens_the_activity(visitor: Visitor) -> None:
    page = visitor.enter({**person("instructor"), **fresh_link(), **REVIEW})
    assert "Work handed in" in page.text


def test_a_data_privacy_launch_shows_a_person_their_own_and_seats_nobody(visitor: Visitor) -> None:
    visitor.enter()
    answer = Visitor(visitor.tool, visitor.platform).launch({**PRIVACY, names.FOR_USER: {"user_id": LEARNER}})
    assert answer.status_code == 200, title_of(answer)
    assert "What is kept" in answer.text
    assert "session" not in answer.headers.get("Set-Cookie", "")


def test_a_data_privacy_launch_about_another_person_takes_an_administrator(visitor: Visitor) -> None:
    asked = {**PRIVACY, names.FOR_USER: {"user_id": LEARNER}}
    assert_refused(visitor.launch({**asked, "sub": "another"}))
    assert_refused(visitor.launch({**asked, "sub": "another", names.ROLES: [names.INSTRUCTOR]}))
    assert visitor.launch({**asked, "sub": "another", names.ROLES: [names.ADMINISTRATOR]}).status_code == 200


def test_a_handler_for_notices_is_registered_with_a_token_for_nothing_else(visitor: Visitor) -> None:
    platform = visitor.platform
    visitor.enter(platform.notifications())
    wait_until("the handler is registered", lambda: platform.handlers, 60)
    told = platform.handlers[0]
    assert told == {
        "deployment": DEPLOYMENT_ID,
        "notice_type": "LtiContextCopyNotice",
        "handler": f"{visitor.tool}/lti/notices",
    }
    assert names.SCOPE_NOTICES in [one["scope"] for one in platform.assertions]


def notice(changes: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: int = 0) -> str:
    """A notice as Canvas makes it; a change to `...` takes a claim out."""
    now = int(time.time())
    whole = {
        "iss": ISSUER, "aud": CLIENT_ID, "azp": CLIENT_ID, "iat": now, "exp": now + 3600, "nonce": str(uuid4()),
        names.VERSION: "1.3.0", names.DEPLOYMENT_ID: DEPLOYMENT_ID,
        names.NOTICE: {"id": str(uuid4()), "timestamp": "2026-01-01T00:00:00Z", "type": "LtiContextCopyNotice"},
        names.CONTEXT: {"id": "a-copy", "title": "A copy"}, names.ORIGIN_CONTEXTS: ["con-182"], **(changes or {}),
    }  # fmt: skip
    claims = {
        name: now + value.seconds if isinstance(value, Now) else value
        for name, value in whole.items()
        if value is not ...
    }
    members = {"alg": "RS256", "typ": "JWT", "kid": KID, **(header or {})}
    return sign({name: value for name, value in members.items() if value is not ...}, claims, key)


def send(visitor: Visitor, *tokens: str) -> requests.Response:
    body = {"notices": [{"jwt": token} for token in tokens]}
    return requests.post(f"{visitor.tool}/lti/notices", json=body, timeout=SECONDS)


def test_notices_are_taken_however_often_they_come(visitor: Visitor) -> None:
    visitor.enter()  # so that the deployment is known
    token = notice()
    assert send(visitor, token).json() == {"received": 1, "refused": []}
    assert send(visitor, token, token, notice()).status_code == 200


FORGED: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "signed by another": ({}, {}, 1),
    "not signed": ({}, {"alg": "none"}, 0),
    "a key of its own": ({}, {"jku": "https://evil.example/jwks"}, 0),
    "no kid": ({}, {"kid": ...}, 0),
    "an unknown platform": ({"iss": "https://evil.example"}, {}, 0),
    "another client": ({"aud": "somebody", "azp": ...}, {}, 0),
    "an azp of another client": ({"azp": SIBLING_CLIENT_ID}, {}, 0),
    "an unknown deployment": ({names.DEPLOYMENT_ID: "unknown"}, {}, 0),
    "a deployment of another platform's": ({"iss": OTHER_ISSUER, names.DEPLOYMENT_ID: "other"}, {}, 0),
    "expired": ({"exp": Now(-3600)}, {}, 0),
    "no exp": ({"exp": ...}, {}, 0),
    "from the future": ({"iat": Now(3600)}, {}, 0),
    "days old": ({"iat": Now(-200_000)}, {}, 0),
    "no nonce": ({"nonce": ...}, {}, 0),
    "no notice": ({names.NOTICE: ...}, {}, 0),
    "an id too long": ({names.NOTICE: {"id": "x" * 256, "type": "LtiContextCopyNotice"}}, {}, 0),
    "a launch's version": ({names.VERSION: "1.1"}, {}, 0),
}


def test_forged_and_foreign_notices_are_refused_each_by_itself(visitor: Visitor) -> None:
    visitor.enter()
    for case, (changes, header, key) in FORGED.items():
        answer = send(visitor, notice(changes, header, key), notice())
        assert answer.status_code == 400, case
        assert answer.json()["received"] == 1, case
        assert "Traceback" not in answer.text


def test_a_nonce_that_was_used_is_refused(visitor: Visitor) -> None:
    visitor.enter()
    same = {"nonce": str(uuid4())}
    assert send(visitor, notice(same)).status_code == 200
    assert send(visitor, notice(same)).json()["refused"] == ["nonce_replayed"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"notices": [{"jwt": 7}]}', 400),
        (b'{"notices": [' + b'{"jwt": "a.b.c"},' * 100 + b'{"jwt": "a.b.c"}]}', 400),
        (b'{"notices": [{"jwt": "' + b"a" * 300_000 + b'"}]}', 400),
        (b"x" * 1_100_000, 413),
        (b"[" * 100_000, 400),
    ],
    ids=["empty", "no object", "no text", "too many", "a notice too long", "a body too long", "nested"],
)
def test_what_is_no_list_of_notices_is_refused(visitor: Visitor, body: bytes, status: int) -> None:
    answer = requests.post(
        f"{visitor.tool}/lti/notices", data=body, headers={"Content-Type": "application/json"}, timeout=SECONDS
    )
    assert answer.status_code == status


def test_the_handler_answers_nothing_but_posts(visitor: Visitor) -> None:
    assert requests.get(f"{visitor.tool}/lti/notices", timeout=SECONDS).status_code == 405
