"""1EdTech certification, core, valid launches of teachers and students: every one of them shows the tool."""

from typing import Any

import pytest

from tests.conformance import names
from tests.conformance.visitor import EMAIL, NAMES, Visitor, person

pytestmark = pytest.mark.processes

AS_INSTRUCTOR = "You are looking at this as an instructor"
NO_NAMES, NO_EMAIL = dict.fromkeys(NAMES, ...), dict.fromkeys(EMAIL, ...)

TEACHER: dict[str, tuple[dict[str, Any], bool]] = {
    "Launch LTI 1.3 Message as Instructor": ({}, True),
    "Launch Instructor with Multiple Role Values": (
        {names.ROLES: [names.INSTRUCTOR, names.STAFF, names.OTHER]},
        True,
    ),
    "Launch Instructor with Short Role Value": ({names.ROLES: ["Instructor"]}, True),
    "Launch Instructor with Unknown Role": ({names.ROLES: [names.UNKNOWN]}, False),
    "Launch Instructor With No Role": ({names.ROLES: [""]}, False),
    "Launch Instructor Only Email": (NO_NAMES, True),
    "Launch Instructor Only Names": (NO_EMAIL, True),
    "Launch Instructor No PII": ({**NO_NAMES, **NO_EMAIL}, True),
    "Launch Instructor With Email No Context": ({names.CONTEXT: ...}, True),
    "Launch as Teaching Assistant": ({names.ROLES: [names.INSTRUCTOR, names.TEACHING_ASSISTANT]}, True),
}
STUDENT: dict[str, dict[str, Any]] = {
    "Launch LTI 1.3 Message as Student": {},
    "Launch Student with Multiple Role Values": {names.ROLES: [names.LEARNER, names.STUDENT, names.MENTOR]},
    "Launch Student with Short Role Value": {names.ROLES: ["Learner"]},
    "Launch Student with Unknown Role": {names.ROLES: [names.LEARNER, names.UNKNOWN]},
    "Launch Student With No Role": {names.ROLES: [""]},
    "Launch Student with an empty list of roles": {names.ROLES: []},
    "Launch Student Only Email": NO_NAMES,
    "Launch Student Only Names": NO_EMAIL,
    "Launch Student No PII": {**NO_NAMES, **NO_EMAIL},
    "Launch Student With Email No Context": {names.CONTEXT: ...},
    "Launch Student Only Resource Link": {
        **NO_NAMES,
        **NO_EMAIL,
        names.CONTEXT: ...,
        names.LAUNCH_PRESENTATION: ...,
    },
}


@pytest.mark.parametrize("case", TEACHER)
def test_teacher(visitor: Visitor, case: str) -> None:
    changes, sees_as_teacher = TEACHER[case]
    page = visitor.enter({**person("instructor"), **changes})
    assert (AS_INSTRUCTOR in page.text) == sees_as_teacher
    assert "<h1" in page.text


@pytest.mark.parametrize("case", STUDENT)
def test_student(visitor: Visitor, case: str) -> None:
    page = visitor.enter({**person("learner"), **STUDENT[case]})
    assert AS_INSTRUCTOR not in page.text
    assert "<h1" in page.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_authentication_request_says_all_and_only_what_it_must(visitor: Visitor, method: str) -> None:
    begun = visitor.begin(method)
    assert begun.answer.status_code == 302
    assert begun.answer.headers["Location"].startswith(f"{visitor.platform.address}/auth?")
    asked = dict(begun.asked)
    state, nonce = asked.pop("state"), asked.pop("nonce")
    assert asked == {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
        "client_id": "imstester", "redirect_uri": f"{visitor.tool}/lti/launch", "login_hint": "40899",
        "lti_message_hint": "hint-1",
    }  # fmt: skip
    assert state != nonce
    assert min(len(state), len(nonce)) >= 22


def test_a_launch_ends_on_an_address_of_ours_that_holds_no_secret_and_can_be_reloaded(visitor: Visitor) -> None:
    page = visitor.enter()
    assert page.request.url.startswith(visitor.tool)
    assert "?" not in page.request.url
    assert visitor.browser.get(page.url, timeout=15).status_code == 200


def test_no_answer_says_which_server_wrote_it_and_each_says_where_it_may_be_framed(visitor: Visitor) -> None:
    page = visitor.enter()
    for answer in (page, visitor.begin().answer, visitor.post("", ""), visitor.browser.get(f"{visitor.tool}/nowhere")):
        assert not {"server", "x-powered-by"} & {name.lower() for name in answer.headers}
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
    framed_from = page.headers["Content-Security-Policy"].partition("frame-ancestors ")[2].split()
    assert set(framed_from) == {"'self'", visitor.platform.address}
