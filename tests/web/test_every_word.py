"""No page shows a word that translators never got to see: in `en-XA` all words of the interface stand in brackets.

The course's own words stand in elements with the course's `lang`, which is asserted by the same means.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, render_template, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import clock
from config.database import Database
from config.settings import Settings
from course.items import Quiz
from course.models import Attempt
from lti_tool.app import create_app
from lti_tool.causes import Cause
from lti_tool.deep_linking.requests import SelectionRequest
from lti_tool.deep_linking.selections import begin_selection
from lti_tool.errors import LaunchRefused
from lti_tool.launch_events import Entry as LaunchEntry
from lti_tool.launch_events import note
from lti_tool.models import Context, Deployment, LtiUser
from lti_tool.registering.failures import Failure, RegistrationFailed
from lti_tool.registering.registration import Outcome, Registrar
from lti_tool.registering.trial import Step
from lti_tool.registering.trials import keep_trial
from lti_tool.stored_data import Kind, StoredData
from lti_tool.web import error_pages
from lti_tool.web.data_pages import PrivacyPage, facts_of
from tests.course.language_model import makers
from tests.support.admins import csrf_of, sign_in
from tests.support.factory import BUILT_IN, QUIZ, Classroom, answers, make_placement, make_registration
from tests.support.labs import course_with_labs
from tests.support.visit import Browser, seat
from tests.support.words import unmarked
from tests.workers.cells import make_cell, must_claim, stick

NOT_PLACED = next(item for item in BUILT_IN.items if isinstance(item, Quiz) and item.id != QUIZ.id)


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    made = create_app(
        replace(settings, pseudo_locales=True, open_registration="on", courses=(course_with_labs(tmp_path),))
    )
    yield made
    made.extensions["coursewright"].database.dispose()


class Walk:
    """A learner and an instructor, launched with the locale en-XA, and what was found on the pages they saw."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.found: list[str] = []
        database = app.extensions["coursewright"].database
        with database.transaction() as session:
            classroom = Classroom(session)
            people = [(classroom.person("ada").learner, "learner"), (classroom.person("grace").learner, "instructor")]
            make_placement(session, item_id="lab-1", context_key=classroom.placement.context_key)
        self.visitors = [
            seat(app.test_client(), database, classroom.placement, learner, role, locale="en-XA")
            for learner, role in people
        ]

    def see(self, name: str, answer: TestResponse) -> None:
        if answer.is_json:
            told = [text for key, text in _flat(answer.json) if key in {"text", "title"}]
            self.found += [f"{name}: {text}" for text in told if not text.startswith("[")]
        elif not answer.location:
            assert answer.mimetype == "text/html", name
            self.found += [f"{name}: {words}" for words in unmarked(answer.text)]

    def pages(self, visitor: Browser) -> None:
        paths = ("/link", "/module", "/module/results", "/glossary", "/new-window")
        for path in (*paths, *(f"/items/{item.id}" for item in BUILT_IN.items)):
            self.see(path, visitor.get(path))

    def quiz(self, visitor: Browser) -> None:
        path = f"/items/{QUIZ.id}"
        given = answers(right=3)
        first, second = list(given)[:2]
        attempt = visitor.start()
        self.see("open", visitor.get(path))
        self.see("nothing to check", visitor.post(attempt, json=True, action=f"check:{first}"))
        visitor.post(attempt, action=f"check:{first}", **{f"q.{first}": given[first]})
        visitor.post(attempt, **{f"q.{second}": given[second]})
        self.see("checked, some still open", visitor.get(f"{path}?ask=1"))
        visitor.post(attempt, action="submit-anyway")
        self.see("handed in", visitor.get(path))
        self.see("delivery", visitor.get(f"{path}/delivery"))
        for json in (True, False):
            self.see("closed", visitor.post(attempt, json=json, **{f"q.{first}": given[first]}))
        for _ in range(2):
            visitor.hand_in(visitor.start(), right=5)
        self.see("no attempt left", visitor.get(path))
        self.see("one too many", visitor.post(f"{path}/attempts"))
        self.see("a result to keep", visitor.get(f"{attempt}/result"))
        self.see("an earlier attempt", visitor.get(attempt))
        self.see("all done", visitor.get("/module"))
        self.see("results", visitor.get("/module/results"))

    def lab(self, visitor: Browser) -> None:
        self.see("lab before", visitor.get("/items/lab-1"))
        path = visitor.begin_lab("lab-1")
        self.see("lab begun", visitor.get("/items/lab-1"))
        self.see("nothing said", visitor.post(path, action="say", text=" ", number="2"))
        visitor.post(path, action="say", text="The loss pays for repeats.", number="2")
        self.see("lab at work", visitor.get("/items/lab-1"))
        visitor.post(f"{path}/submit", action="submit")
        self.see("hand in the lab?", visitor.get("/items/lab-1?ask=1"))
        visitor.post(f"{path}/submit", action="submit-anyway")
        self.see("lab handed in", visitor.get("/items/lab-1"))

    def quiz_key(self) -> str:
        with self.app.extensions["coursewright"].database.reading() as session:
            return session.scalars(select(Attempt.key).where(Attempt.item_id == QUIZ.id)).first() or ""

    def review(self, visitor: Browser) -> None:
        """As the second visitor: the first one has handed a lab in, whose key stands in the database alone."""
        with self.app.extensions["coursewright"].database.reading() as session:
            key = session.scalars(select(Attempt.key).where(Attempt.item_id == "lab-1")).first()
        self.see("review", visitor.get("/review"))
        self.see("people", visitor.get("/people"))
        self.see("your data", visitor.get("/your-data"))
        self.see("links", visitor.get("/links"))
        self.see("work", visitor.get(f"/submissions/{self.quiz_key()}"))
        for of in ("", "?of=nobody", f"?of={self.visitors[0].base.split('/')[-1]}"):
            self.see(f"all work {of}", visitor.get(f"/submissions{of}"))
        self.see("a case", visitor.get(f"/review/{key}"))

    def picker(self, _: Browser) -> None:
        """A choice of activities, as deep as its page goes, and one in a place that takes none."""
        app = self.app
        for request in (
            SelectionRequest("https://lms.example/back"),
            SelectionRequest("https://lms.example/back", accept_multiple=False, accept_lineitem=False),
            SelectionRequest("https://lms.example/back", accept_types=("file",)),
        ):
            with app.extensions["coursewright"].database.transaction() as session:
                context = session.scalars(select(Context)).one()
                begun = begin_selection(session, context, request, return_url=None, locale="en-XA", keeps_cookies=False)
            path, client = f"/lti/select/{begun.key}", app.test_client()
            page = client.get(path)
            self.see("picker", page)
            csrf = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
            for action in ("items", "module:nowhere/nothing", "course:nowhere/", "cancel"):
                self.see(f"picker, {action}", client.post(path, data={"csrf_token": csrf, "action": action}))

    def errors(self, visitor: Browser) -> None:
        self.see("no such item", visitor.get("/items/nowhere"))
        self.see("no such attempt", visitor.get("/attempts/nowhere"))
        self.see("foreign form", visitor.post(f"/items/{QUIZ.id}/attempts", csrf="no"))
        self.see("not placed", visitor.get(f"/items/{NOT_PLACED.id}"))
        self.see("a lab that is not placed", visitor.get("/items/lab-2"))
        self.see("unknown section", visitor.post("/items/lesson-1/read", section="nowhere"))

    def setting_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As the admin of an LMS, who is nobody here."""
        stranger, asks = self.app.test_client(), {"Accept-Language": "en-XA"}
        for path in (
            "/lti/setup",
            "/lti/register",
            "/lti/register?invitation=nothing",
            "/lti/register?openid_configuration=x",
        ):
            self.see(path, stranger.get(path, headers=asks))
        for family in ("moodle", "canvas", None):
            outcome = Outcome(1, "Our LMS", "https://lms.example.edu", "c", "7", family, is_new=family is None)
            monkeypatch.setattr(Registrar, "register", lambda *_, outcome=outcome: outcome)
            self.see(f"registered {family}", stranger.get("/lti/register?openid_configuration=x", headers=asks))

    def storage(self) -> None:
        """A frame without cookies at a platform that keeps a secret for us."""
        frame = self.app.test_client(use_cookies=False)
        asks = {"Accept-Language": "en-XA", "Sec-Fetch-Dest": "iframe"}
        asked = {"iss": "https://lms.example.org", "login_hint": "ada", "lti_storage_target": "_parent"}
        page = frame.post("/lti/login", data=asked, headers=asks)
        self.see("kept by the platform", page)
        state = page.text.partition('data-key="state_')[2].partition('"')[0]
        form = {"state": state, "id_token": "a.b.c", "lti_storage_target": "_parent"}
        self.see("asked of the platform", frame.post("/lti/launch", data=form, headers=asks))

    def console(self) -> None:
        """As an admin, before there is one and after."""
        admin, asks = self.app.test_client(), {"Accept-Language": "en-XA"}
        self.see("no admin yet", admin.get("/admin/sign-in", headers=asks))
        self.see("signed out", admin.post("/admin/sign-out", headers=asks))
        sign_in(admin)
        for path in ("/admin", "/admin/nowhere", "/admin/admins", "/admin/audit", "/admin/audit?action=none"):
            self.see(path, admin.get(path, headers=asks))
        self.grades_in_the_console(admin)
        self.platforms_in_the_console(admin)
        admin.post("/admin/sign-out", data={"csrf_token": csrf_of(admin)})
        self.see("sign in", admin.get("/admin/sign-in?out=", headers=asks))

    @staticmethod
    def spend(database: Database) -> None:
        """A call that uses up what a learner may."""
        book = makers.ledger(student=makers.DOLLAR)
        with database.transaction() as session:
            learner_id = session.scalars(select(LtiUser.learner_id)).first()
            call_id = book.open(session, makers.request(), makers.call_for(learner_id=learner_id))
            book.settle(session, call_id, makers.reply(input=20 * makers.DOLLAR))

    def platforms_in_the_console(self, admin: FlaskClient) -> None:
        """A platform with work and a trial, one without, and launches of each kind."""
        form, asks = {"csrf_token": csrf_of(admin)}, {"Accept-Language": "en-XA"}
        with self.app.extensions["coursewright"].database.transaction() as session:
            steps = [Step("clock", state, "The clocks.", "Set them.") for state in ("ok", "failed")]
            keep_trial(session, 1, steps)
            make_registration(session, client_id="client-2", state="pending")
            session.add(Deployment(registration_id=1, deployment_id="2", state="disabled", created_at=clock.now()))
            for step, cause in (("login", "state_missing"), ("hand_over", ""), ("launch", "no_such_attempt")):
                note(session, LaunchEntry(step, "refused" if cause else "let_in", cause, reference=step))
        for path in (
            "platforms", "platforms?done=removed", "platforms/1?done=on", "platforms/1?done=off", "platforms/2",
            "platforms/2?done=changed", "platforms/2?done=added", "platforms/add", "invitations?done=withdrawn",
            "launches?reference=login", "launches?reference=launch", "launches?reference=none", "launches?platform=2",
        ):  # fmt: skip
            self.see(path, admin.get(f"/admin/{path}", headers=asks))
        self.see("not removed", admin.post("/admin/platforms/1/remove", data=form, headers=asks))
        self.see("not added", admin.post("/admin/platforms/add", data=form, headers=asks))
        for fault in ({"name": ""}, {"name": "x", "hours": "0"}, {"name": "x", "platform": "99"}, {"name": "LMS"}):
            self.see(f"invite {fault}", admin.post("/admin/invitations", data={**form, **fault}, headers=asks))

    def privacy(self) -> None:
        """What a data privacy launch is answered with; who may launch one is tests/web/test_data.py's matter."""
        for stored, is_own in ((StoredData("Our LMS", is_known=False), True), (self.stored(), False)):
            with self.app.test_request_context(headers={"Accept-Language": "en-XA"}):
                page = PrivacyPage("[Dátá]", "", facts_of(stored, is_own=is_own), "https://lms.example/back")
                self.found += [f"privacy: {one}" for one in unmarked(render_template("privacy.html", page=page))]

    def stored(self) -> StoredData:
        return StoredData("[LMS]", is_known=True, has_language=True, counts=dict.fromkeys(Kind, 3))

    def grades_in_the_console(self, admin: FlaskClient) -> None:
        """Scores with every cause there are words for, one of them tried again."""
        database = self.app.extensions["coursewright"].database
        cell = make_cell(database, issuer="https://stuck.example")
        stick(database, must_claim(database, cell.must_owe(3)), "locked")
        admin.post("/admin/grades/retry", data={"csrf_token": csrf_of(admin), "platform": cell.registration_id})
        for number, cause in enumerate(("service_404", "gave_up_token_401", "teachers_grade", "service_503")):
            cell = make_cell(database, issuer=f"https://stuck-{number}.example")
            stick(database, must_claim(database, cell.must_owe(3)), cause)
        asks = {"Accept-Language": "en-XA"}
        for form in ({"scope": "everywhere"}, {"scope": "platform", "reason": "[x]"}, {"reason": "[x]"}):
            refused = admin.post("/admin/ai/off", data={"csrf_token": csrf_of(admin), **form}, headers=asks)
            self.see("no switch", refused)
        for scope, name in (("everywhere", ""), ("platform", "1"), ("context", "context-1")):
            form = {"csrf_token": csrf_of(admin), "scope": scope, scope: name, "reason": "A drill."}
            admin.post("/admin/ai/off", data=form)
        self.spend(database)
        for path in ("/admin/grades", "/admin/grades?none=", "/admin/grades/stuck", "/admin/ai", "/admin/spend"):
            self.see(path, admin.get(path, headers=asks))

    def strangers_errors(self) -> None:
        stranger, asks = self.app.test_client(), {"Accept-Language": "en-XA"}
        self.see("no seat", stranger.get("/in/abc/abc/module", headers=asks))
        self.see("front door", stranger.get("/", headers=asks))
        self.see("nothing", stranger.get("/nowhere", headers=asks))
        self.see("not this way", stranger.delete("/", headers=asks))
        self.see("too long", stranger.post("/lti/login", data={"a": "x" * 2_000_000}, headers=asks))


def _flat(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, str):
                yield key, one
            yield from _flat(one)


def test_no_page_shows_a_word_that_is_not_marked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: set[str | None] = set()

    def note(_: Flask, template: Template, **__: object) -> None:
        rendered.add(template.name)

    walk = Walk(app)
    with template_rendered.connected_to(note, app):
        for visitor in walk.visitors:
            for part in (walk.pages, walk.quiz, walk.lab, walk.review, walk.picker, walk.errors):
                part(visitor)
        walk.setting_up(monkeypatch)
        walk.storage()
        walk.console()
        walk.privacy()
        walk.strangers_errors()
    assert not walk.found, "\n".join(walk.found)
    pages = {name for name in app.jinja_env.list_templates(["html"]) if not name.rpartition("/")[2].startswith("_")}
    assert pages - rendered == {"base.html", "admin/base.html"}, "a kind of page that the walk does not see"


@pytest.mark.parametrize("words", ["_REFUSED", "_HTTP"])
def test_causes_that_are_hard_to_reach(app: Flask, words: str) -> None:
    table = getattr(error_pages, words)
    with app.test_request_context(headers={"Accept-Language": "en-XA"}):
        told = [str(text) for one in table.values() for text in (one.title, one.text, one.what_to_do)]
    assert told
    assert [text for text in told if not text.startswith("[")] == []


def test_refused_launches(app: Flask) -> None:
    found: list[str] = []
    for cause in Cause:
        with app.test_request_context(headers={"Accept-Language": "en-XA"}):
            answer = error_pages.launch_refused(LaunchRefused(cause, details=(("issuer", "https://lms.example.org"),)))
            found += [f"{cause}: {words}" for words in unmarked(answer.get_data(as_text=True))]
    assert found == []


def test_registrations_that_fail(app: Flask) -> None:
    found: list[str] = []
    for cause in Failure:
        with app.test_request_context(headers={"Accept-Language": "en-XA"}):
            details = [
                (name, "x") for name in ("issuer", "address", "reason", "status", "answer", "fault", "parameter")
            ]
            details += [(name, "x") for name in ("name", "invited", "client id", "command")]
            answer = error_pages.registration_failed(RegistrationFailed(cause, details=details))
            assert "%(" not in answer.get_data(as_text=True)
            found += [f"{cause}: {words}" for words in unmarked(answer.get_data(as_text=True))]
    assert found == []


def test_a_word_outside_of_brackets_is_found() -> None:
    assert unmarked('<html lang="en-XA"><p>[Ñéxt <code>x</code> (à)] · 3</p><p lang="en">Course</p></html>') == []
    assert unmarked("<p>[Ñéxt] and more</p>") == ["text:  and more"]
    assert unmarked('<p aria-label="Next" data-saved="Saved" data-id="saved">[x]</p>') == [
        "aria-label=Next",
        "data-saved=Saved",
    ]
