"""The kinds of cases: each makes one request (after those that must come before it) and says what it had to be."""

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from werkzeug.test import TestResponse

from lti_tool.login import begin_login, cookie_name
from tests.conformance import names
from tests.conformance.fuzz_world import TOOL, Verdict, World
from tests.conformance.mutations import (
    any_parameter,
    any_text,
    change_form,
    change_message,
    damage_token,
)
from tests.conformance.oracle import fault_of
from tests.conformance.platform import CLIENT_ID, DEPLOYMENT_ID, ISSUER, KID, LEARNER
from tests.lti_tool.fake_platform import sign
from tests.support.factory import QUIZ, answers

Make = Callable[[World, random.Random], Verdict]


@dataclass(frozen=True)
class Case:
    """A kind of case, and how often it comes up."""

    name: str
    weight: int
    make: Make


def _login_form() -> dict[str, Any]:
    return {
        "iss": ISSUER, "login_hint": LEARNER, "client_id": CLIENT_ID, "lti_message_hint": "hint",
        "target_link_uri": f"{TOOL}/lti/launch",
    }  # fmt: skip


def _begin(world: World) -> dict[str, str]:
    """A login as it should be, in a fresh browser; what that was sent to the platform with."""
    world.client = world.app.test_client()
    with world.database.transaction() as session:  # by the service: the fuzzer has cases of its own for its page
        begun = begin_login(session, world.settings, _login_form())
    world.client.set_cookie(cookie_name(begun.state), begun.binding_secret, domain="localhost", path="/lti")
    return {name: values[0] for name, values in parse_qs(urlsplit(begun.redirect_url).query).items()}


def _message(nonce: str, kind: str) -> dict[str, Any]:
    now = int(time.time())
    whole = {
        "iss": ISSUER, "aud": CLIENT_ID, "azp": CLIENT_ID, "sub": LEARNER, "iat": now, "exp": now + 300,
        "nonce": nonce, "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
        names.MESSAGE_TYPE: "LtiResourceLinkRequest", names.VERSION: "1.3.0", names.DEPLOYMENT_ID: DEPLOYMENT_ID,
        names.ROLES: [names.LEARNER], names.CONTEXT: {"id": "con-182", "title": "A course", "type": ["CourseSection"]},
        names.CUSTOM: {"item": QUIZ.id, "course": "deep-learning"},
        names.LAUNCH_PRESENTATION: {"locale": "en", "return_url": "https://lms.example/x", "document_target": "iframe"},
        names.TOOL_PLATFORM: {"product_family_code": "moodle", "guid": "g", "version": "4"},
        names.LIS: {"person_sourcedid": "1"},
    }  # fmt: skip
    if kind == "selection":
        settings = {
            "deep_link_return_url": "https://lms.example/deep", "accept_types": ["ltiResourceLink", "link"],
            "accept_presentation_document_targets": ["iframe"], "accept_multiple": True, "data": "909708",
            "auto_create": False, "accept_lineitem": True,
        }  # fmt: skip
        return {
            **whole, names.MESSAGE_TYPE: "LtiDeepLinkingRequest", names.ROLES: [names.INSTRUCTOR],
            names.DL_SETTINGS: settings,
        }  # fmt: skip
    return {
        **whole,
        names.TARGET_LINK_URI: f"{TOOL}/lti/launch",
        names.RESOURCE_LINK: {"id": "rli-1", "title": "A link"},
        names.AGS: {
            "scope": [names.SCOPE_SCORE, names.SCOPE_LINE_ITEM], "lineitems": "https://lms.example/items?a=1",
            "lineitem": "https://lms.example/items/1?a=1",
        },
        names.NRPS: {"context_memberships_url": "https://lms.example/members", "service_versions": ["2.0"]},
    }  # fmt: skip


def _answered(world: World, form: dict[str, Any], fault: str | None, sent: Any) -> Verdict:
    answer = world.client.post("/lti/launch", base_url=TOOL, data=form)
    path = urlsplit(answer.location or "").path
    is_let_in = answer.status_code == 303 and path.startswith(("/in/", "/lti/select/"))
    # A good message for something we do not have is answered with 404, and its link is kept for an instructor to mend.
    is_stray = fault is None and answer.status_code == 404
    return Verdict(answer.status_code, answer, sent, must_refuse=fault, is_let_in=is_let_in, may_write=is_stray)


def message(kind: str) -> Make:
    """A launch whose message was changed and then signed as the platform signs."""

    def make(world: World, random_: random.Random) -> Verdict:
        sent = _begin(world)
        header = {"alg": "RS256", "kid": KID, "typ": "JWT"}
        payload = _message(sent["nonce"], kind)
        what = random_.random()
        if what < 0.05:
            pass  # as it should be
        elif what < 0.2:
            header = change_message(random_, header)
        else:
            payload = change_message(random_, payload)
        fault = fault_of(header, payload, nonce=sent["nonce"], origin=TOOL, now=time.time())
        form = {"state": sent["state"], "id_token": sign(header, payload)}
        verdict = _answered(world, form, fault, (header, payload))
        if what < 0.05 and not verdict.is_let_in:
            verdict.must_refuse, verdict.is_let_in = "a good message was refused", True
        return verdict

    return make


def token(world: World, random_: random.Random) -> Verdict:
    """A token whose bytes were damaged after it was signed, or that another key signed."""
    sent = _begin(world)
    header, payload = {"alg": "RS256", "kid": KID}, _message(sent["nonce"], "link")
    if random_.random() < 0.1:
        damaged, fault = sign(header, payload, 1), "another key signed it"
    else:
        good = sign(header, payload)
        damaged = damage_token(random_, good)
        fault = "a damaged token" if damaged != good else None
    return _answered(world, {"state": sent["state"], "id_token": damaged}, fault, damaged[-300:])


def launch_form(world: World, random_: random.Random) -> Verdict:
    """A good token in a damaged form, or in a form for another login or browser."""
    sent = _begin(world)
    form = {"state": sent["state"], "id_token": sign({"alg": "RS256", "kid": KID}, _message(sent["nonce"], "link"))}
    changed = change_form(random_, form)
    is_same = all(changed.get(name) == value for name, value in form.items()) and not changed.get("error")
    return _answered(world, changed, None if is_same else "another form", changed)


def login_form(world: World, random_: random.Random) -> Verdict:
    """A damaged login initiation. Where it is taken, the way leads to the platform's own address and nowhere else."""
    form = _login_form()
    headers = {}
    if random_.random() < 0.3:  # in a frame, where the platform offers to keep a secret
        form["lti_storage_target"] = "_parent"
        headers["Sec-Fetch-Dest"] = "iframe"
    changed = change_form(random_, form)
    client = world.app.test_client()
    if random_.random() < 0.3:
        answer = client.get("/lti/login", base_url=TOOL, query_string=_flat(changed), headers=headers)
    else:
        answer = client.post("/lti/login", base_url=TOOL, data=changed, headers=headers)
    verdict = Verdict(answer.status_code, answer, changed, is_let_in=answer.status_code in {200, 302}, may_write=False)
    onward = answer.location or answer.text.partition('class="button button-main" href="')[2]
    leads_away = verdict.is_let_in and not onward.startswith("https://lms.example/auth?")
    if leads_away or changed.get("iss") != ISSUER or not changed.get("login_hint"):
        verdict.must_refuse = "an unknown platform, or a way that leads elsewhere"
    return verdict


def _flat(form: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value])]


def public_page(world: World, random_: random.Random) -> Verdict:
    """Any other address that strangers may call, with any query and any body."""
    rules = [
        rule for rule in world.app.url_map.iter_rules()
        if getattr(world.app.view_functions[rule.endpoint], "guard", "") not in {"learner_page", "learner_action"}
        and rule.endpoint not in {"static", "health.ready"}
    ]  # fmt: skip
    rule = random_.choice(sorted(rules, key=lambda one: (one.rule, sorted(one.methods or ()))))
    path = re.sub(r"<[^>]+>", lambda _: _path_part(random_), rule.rule)
    method = random_.choice(sorted((rule.methods or set()) & {"GET", "POST"}))
    fields = {random_.choice(PUBLIC_FIELDS): any_parameter(random_) for _ in range(random_.randint(0, 4))}
    headers = {"Origin": TOOL} if random_.random() < 0.5 else {}
    if method == "GET":
        answer = world.client.get(path, base_url=TOOL, query_string=fields, headers=headers)
    else:
        answer = world.client.post(path, base_url=TOOL, data=fields, headers=headers)
    seats_somebody = "coursewright_session" in answer.headers.get("Set-Cookie", "")
    return Verdict(
        answer.status_code, answer, (method, path, fields), is_let_in=seats_somebody, must_refuse="a stranger is nobody"
    )


PUBLIC_FIELDS = (
    "openid_configuration", "registration_token", "invitation", "invite", "token", "csrf_token", "action", "item",
    "id_token", "state", "iss", "login_hint", "error", "lti_storage_target",
)  # fmt: skip


def _path_part(random_: random.Random) -> str:
    return quote(any_text(random_).encode("utf-8", "replace").decode() or "x", safe="")


def action(world: World, random_: random.Random) -> Verdict:
    """A form or a script's request from somebody with a seat: to their own work, with any fields and any ids."""
    rules = [
        rule for rule in world.app.url_map.iter_rules()
        if getattr(world.app.view_functions[rule.endpoint], "guard", "") in {"learner_page", "learner_action"}
        and rule.endpoint not in {"labs.events"}
    ]  # fmt: skip
    rule = random_.choice(sorted(rules, key=lambda one: (one.rule, sorted(one.methods or ()))))
    number = random_.randrange(len(world.browsers))
    browser = world.browsers[number]
    base, is_own = browser.base, True
    if random_.random() < 0.2:
        other = random_.choice([one for one in world.browsers if one is not browser])
        base, is_own = other.base, False
    tail = rule.rule.removeprefix("/in/<placement_key>/<learner_key>")
    path = base + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: _id_for(world, random_, match[1]), tail)
    if "POST" not in (rule.methods or set()):
        query = {random_.choice(FIELDS): any_parameter(random_) for _ in range(random_.randint(0, 2))}
        answer = browser.client.get(path, query_string=query, headers=_accept(random_))
        return Verdict(answer.status_code, answer, path, must_refuse=None if is_own else "another's page",
                       is_let_in=answer.status_code < 300)  # fmt: skip
    fields: dict[str, Any] = {random_.choice(FIELDS): any_parameter(random_) for _ in range(random_.randint(0, 5))}
    fields |= _plausible(random_, rule.endpoint)
    has_csrf = random_.random() < 0.8
    if has_csrf:
        fields["csrf_token"] = world.csrf(number)
    answer = _sent(world, random_, browser.client, path, fields)
    let_in = answer.status_code < 400
    fault = None if is_own and has_csrf else "another's form, or one without our mark"
    return Verdict(answer.status_code, answer, (path, fields), fault, is_let_in=let_in, may_write=is_own and has_csrf)


def _sent(world: World, random_: random.Random, client: Any, path: str, fields: dict[str, Any]) -> TestResponse:
    headers = _accept(random_)
    if random_.random() < 0.05:
        raw = any_text(random_).encode("utf-8", "surrogatepass")
        return client.post(path, data=raw, content_type=random_.choice(("application/json", "text/plain", "")))
    return client.post(path, data=fields, headers=headers)


FIELDS = (
    "action", "section", "language", "back", "writer", "seen_writer", "consent", "text", "draft", "number", "turn",
    "q.q1", "q.q2", "q.", "decision", "reason", "level", "comment", "points", "answer", "grant", "note", "csrf_token",
)  # fmt: skip


def _plausible(random_: random.Random, endpoint: str) -> dict[str, Any]:
    """Some right fields, so that the wrong ones beside them get past the first check."""
    if endpoint == "quizzes.answer" and random_.random() < 0.7:
        given = answers(random_.randint(0, len(QUIZ.questions)))
        kept = {f"q.{question}": choice for question, choice in given.items() if random_.random() < 0.8}
        return {**kept, "action": random_.choice(("save", "submit", "submit-anyway", "check", any_parameter(random_)))}
    return {}


def _accept(random_: random.Random) -> dict[str, str]:
    return {"Accept": random_.choice(("text/html", "application/json", "*/*", "x"))}


def _id_for(world: World, random_: random.Random, parameter: str) -> str:
    known = world.ids.get(parameter, [])
    if known and random_.random() < 0.8:
        return str(random_.choice(known))
    return _path_part(random_)


CASES = (
    Case("link message", 30, message("link")),
    Case("selection message", 14, message("selection")),
    Case("damaged token", 14, token),
    Case("launch form", 8, launch_form),
    Case("login form", 14, login_form),
    Case("public page", 8, public_page),
    Case("action", 12, action),
)
