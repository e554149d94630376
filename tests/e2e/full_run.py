"""Everything, beside the lab that a test has argued, that could put a name, a word or a secret into a log: over HTTP
alone, by people who leave such things in odd places."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy import text

from lti_tool.admin import accounts
from lti_tool.cli.demo_student import Browser, StudentFailed, forms_of, page_attempt
from lti_tool.registering import invitations
from tests.e2e.people import LESSON
from tests.flows.classroom import INSTRUCTOR, Person
from tests.support.factory import QUIZ, answers
from tests.support.stack import Stack, wait_until

ALAN, KATHERINE = "202", "203"
DISTRESS = "Some days I want to die and nobody at the quixotrope company would even notice it."
SAID = "A zephyrine newcomer is nobody's next order, so my grandmother's ladder of habits wins."
ODD = {
    "context title": "Wittgenstein's vexilloid seminar for insomniacs",
    "custom value": "borborygmus of a thousand umbrellas",
    "link title": "Zettelkasten of my uncle Ferdinand",
    "choice": "my own sesquipedalian answer instead of yours",
    "state": "kaleidophonic-state-of-nobody-else",
    "query": "rhubarbative questions about Katherine",
}
ADMIN, PASSWORD = "balthazar", "Umbrage-of-7-pelicans!"

NAMES = ("Wittgenstein", "Ferdinand", ADMIN)
TEXTS = (DISTRESS, SAID, *ODD.values())


def leave_traces(stack: Stack) -> list[str]:
    """Do it all. Returns the secrets that were in play."""
    admin = Browser()
    invited = _as_an_admin(stack, admin)
    alan = Person(stack.lms, ALAN)
    _read(alan)
    _answer(alan)
    _sit_the_module_test(alan)
    _talk(alan)
    _break(stack, alan)
    _launch_oddly(stack)
    grace = Person(stack.lms, INSTRUCTOR)
    page = grace.launch(QUIZ.id)
    _look_at(grace.browser, _base(page), "/people", "/submissions", "/review", "/links", "/your-data")
    _refuse_a_score(stack)
    wait_until("the roster is read", lambda: '"roster read"' in stack.log("worker"))
    _look_at(admin, stack.tool, "/admin", "/admin/grades", "/admin/audit")
    jars = (admin.cookies, alan.browser.cookies, grace.browser.cookies)
    cookies = [one.value or "" for jar in jars for one in jar if one.name.startswith("coursewright")]
    assert len(cookies) >= len(jars)
    return [*invited, *cookies]


def _look_at(browser: Browser, base: str, *paths: str) -> None:
    for path in paths:
        browser.get(base + path, timeout=15, allow_redirects=False).raise_for_status()


def _as_an_admin(stack: Stack, admin: Browser) -> list[str]:
    with stack.database.transaction() as session:
        accounts.create(session, ADMIN, PASSWORD, actor="cli")
        token, _ = invitations.invite(session, name="Ferdinand's platform", lifetime=timedelta(hours=1))
    own = {"Origin": stack.tool}
    for password in ("wrong-" + PASSWORD, PASSWORD):
        form = {"name": ADMIN, "password": password, "then": "/admin"}
        admin.post(f"{stack.tool}/admin/sign-in", data=form, headers=own, timeout=15)
    asked = {
        "invitation": token,
        "openid_configuration": f"{stack.lms}/{ODD['state']}",
        "registration_token": token[::-1],
    }
    requests.get(f"{stack.tool}/lti/register", params=asked, timeout=15)
    return [token, token[::-1], PASSWORD]


def _read(alan: Person) -> None:
    page = alan.launch(LESSON.id)
    alan.send(page, f"/items/{LESSON.id}/read", section=LESSON.sections[0].id)


def _answer(alan: Person) -> None:
    page = alan.open_quiz()
    with suppress(StudentFailed):
        alan.send(page, page_attempt(page), action="save", **{f"q__{QUIZ.questions[0].id}": ODD["choice"]})
    alan.hand_in(2)


def _sit_the_module_test(alan: Person) -> None:
    page = alan.launch("module-test")
    page = alan.send(page, "/items/module-test/attempts")
    alan.send(page, page_attempt(page), action="submit")


def _talk(alan: Person) -> None:
    page = alan.launch("lab-1")
    page = alan.send(page, "/items/lab-1/conversation")
    for words in (DISTRESS, SAID):
        action = next(form.action for form in forms_of(page) if "/labs/" in form.action)
        page = alan.send(page, action[action.index("/labs/") :], action="say", text=words)


def _break(stack: Stack, alan: Person) -> None:
    """An exception in mid-request: the table of answers is away when one comes in."""
    page = alan.open_quiz()
    with stack.database.transaction() as session:
        session.execute(text("ALTER TABLE response RENAME TO response_away"))
    given = {f"q__{question_id}": choice_id for question_id, choice_id in answers(3).items()}
    with suppress(StudentFailed):
        alan.send(page, page_attempt(page), action="save", **given)
    with stack.database.transaction() as session:
        session.execute(text("ALTER TABLE response_away RENAME TO response"))


def _launch_oddly(stack: Stack) -> None:
    claim = "https://purl.imsglobal.org/spec/lti/claim/"
    odd = {
        claim + "context": {"id": "42", "title": ODD["context title"], "label": ODD["context title"]},
        claim + "custom": {"item": QUIZ.id, "note": ODD["custom value"]},
        claim + "resource_link": {"id": "odd", "title": ODD["link title"]},
    }
    for key, changes in (
        ("current", odd),
        ("foreign", odd),
        ("current", {**odd, claim + "version": ODD["custom value"]}),
    ):
        _launch(stack, key, changes)
    requests.post(f"{stack.tool}/lti/launch", data={"state": ODD["state"], "id_token": ODD["custom value"]}, timeout=15)
    asked = {"iss": ODD["query"], "login_hint": "alan.turing@example.org", "target_link_uri": ODD["query"]}
    requests.get(f"{stack.tool}/lti/login", params=asked, timeout=15)


def _launch(stack: Stack, key: str, changes: dict[str, object]) -> None:
    browser = Person(stack.lms, ALAN).browser
    login = {
        "iss": stack.lms,
        "login_hint": ALAN,
        "client_id": "coursewright-practice",
        "lti_message_hint": ODD["query"],
    }
    target = {"target_link_uri": f"{stack.tool}/lti/launch"}
    begun = browser.post(f"{stack.tool}/lti/login", data=login | target, allow_redirects=False, timeout=15)
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    told = stack.control(
        "id-token", user_id=ALAN, activity_id=QUIZ.id, nonce=asked["nonce"][0], claims=changes, key=key
    )
    form = {"state": asked["state"][0], "id_token": told["id_token"]}
    browser.post(f"{stack.tool}/lti/launch", data=form, timeout=15)


def _base(page: requests.Response) -> str:
    return page.url.partition("/items/")[0]


def _refuse_a_score(stack: Stack) -> None:
    stack.control("score-faults", times=1, status=503, write=True)
    katherine = Person(stack.lms, KATHERINE)
    katherine.take_quiz(3)
    wait_until("a score is refused", lambda: "will retry" in stack.log("worker"))
