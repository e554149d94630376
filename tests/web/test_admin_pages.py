"""The console's own pages: overview, admins, audit log."""

from datetime import timedelta

import pytest
from flask import url_for
from flask.testing import FlaskClient
from sqlalchemy import update

from config import clock
from config.database import Database
from config.settings import Settings
from lti_tool.admin import accounts, audit
from lti_tool.admin.overview import Matter
from lti_tool.ai_switches import Place, switch_off
from lti_tool.app import create_app
from lti_tool.models import Deployment, LaunchEvent, OutboxScore, Registration, Roster
from lti_tool.outbox import PENDING, STUCK
from lti_tool.web.admin import matter_words
from lti_tool.worker_signs import note_sweep
from tests.support.admins import NAME, PASSWORD, csrf_of, sign_in
from tests.web.conftest import Room


@pytest.fixture
def admin(settings: Settings, sqlite_database: Database, cheap_passwords: None) -> FlaskClient:
    return sign_in(create_app(settings, sqlite_database).test_client())


def test_another_admin_is_disabled_and_enabled_and_one_does_not_shut_oneself_out(
    admin: FlaskClient, sqlite_database: Database
) -> None:
    with sqlite_database.transaction() as session:
        accounts.create(session, "alan", PASSWORD, actor=audit.CLI)
    alan = sign_in(admin.application.test_client(), "alan")
    form = {"csrf_token": csrf_of(admin)}
    assert "signed out everywhere" in admin.post("/admin/admins/alan/disable", data=form, follow_redirects=True).text
    assert alan.get("/admin").status_code == 303
    assert "Disabled" in admin.get("/admin/admins").text
    assert "the one it was" in admin.post("/admin/admins/alan/enable", data=form, follow_redirects=True).text
    own = admin.post(f"/admin/admins/{NAME}/disable", data=form)
    assert own.status_code == 422
    assert "coursewright admin disable" in own.text
    assert admin.post("/admin/admins/nobody/disable", data=form).status_code == 404
    log = admin.get("/admin/audit?action=admin.disable").text
    assert log.count("<tr>") == 2  # the head, and one entry
    assert NAME in log.partition("<tbody>")[2]


def test_ones_own_password_takes_the_present_one_and_ends_other_sessions(admin: FlaskClient) -> None:
    elsewhere = sign_in(admin.application.test_client())
    new = "four other words here"

    def change(**fields: str) -> str:
        data = {"csrf_token": csrf_of(admin), "current": PASSWORD, "new": new, "again": new, **fields}
        return admin.post("/admin/admins/password", data=data, follow_redirects=True).text

    assert "present password is not right" in change(current="wrong")
    assert "not the same" in change(again="another one again")
    assert "at least 12" in change(new="short", again="short")
    assert elsewhere.get("/admin").status_code == 200
    assert "Your password is changed" in change()
    assert elsewhere.get("/admin").status_code == 303
    assert admin.get("/admin").status_code == 200
    for _ in range(12):
        told = change(current="wrong")
    assert "too many tries" in told
    assert "too many tries" in change(current=new)


def test_the_log_leads_to_older_entries_and_says_when_nothing_fits(
    admin: FlaskClient, sqlite_database: Database
) -> None:
    with sqlite_database.transaction() as session:
        for number in range(audit.PAGE_LENGTH + 1):
            audit.note(session, NAME, "registration.enable", f"registration {number}", scopes=["a", None], quick=True)
    first = admin.get("/admin/audit?subject=registration").text
    assert "registration 50" in first
    assert "registration 0<" not in first
    older = first.partition('class="paging"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    last = admin.get(older).text
    assert "registration 0<" in last
    assert "Newest" in last
    assert "Older" not in last
    assert "a, –" in last
    assert "No entry fits" in admin.get("/admin/audit?action=none").text


def test_the_overview_says_what_needs_attention_and_when_nothing_does(
    room: Room, cheap_passwords: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = sign_in(room.app.test_client())
    assert "Nothing needs attention." in admin.get("/admin").text
    room.browser().hand_in(room.browser().start(), right=3)

    def turn(state: str, minutes: int) -> str:
        with room.database.transaction() as session:
            then = clock.now() - timedelta(minutes=minutes)
            session.execute(update(OutboxScore).values(state=state, next_try_at=then, tried_at=then))
        return admin.get("/admin").text

    assert "Nothing needs attention." in turn(PENDING, 1)
    assert "1 grade waits for a worker" in turn(PENDING, 6)
    assert "1 grade is stuck" in turn(STUCK, 6)
    with room.database.transaction() as session:
        note_sweep(session)
        session.execute(update(Registration).values(state="disabled"))
    off = turn(PENDING, 6)
    assert "1 platform is switched off" in off
    assert "waits for a worker" not in off  # what it is owed waits as it should
    with room.database.transaction() as session:
        session.execute(update(Registration).values(state="pending"))
        session.execute(update(Deployment).values(state="pending"))
        session.add(Roster(context_id=room.classroom.context.id, url="x", tried_at=clock.now(), cause="service_403"))
        switch_off(session, "grace", Place(context_key=f"context-{room.classroom.context.id}"), "It says odd things.")
        for at, times in ((1, 2), (23, 5), (25, 90)):
            hours = clock.now() - timedelta(hours=at)
            platform = room.classroom.registration.id
            row = LaunchEvent(
                at=hours, registration_id=platform, step="launch", outcome="refused", cause="x", times=times
            )
            session.add(row)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=3))
    text = admin.get("/admin").text
    for told in (
        "7 launches were refused",
        "AI is switched off in 1 place",
        "No worker is at work",
        "1 platform waits to be allowed",
        "1 deployment waits to be allowed",
    ):
        assert told in text


@pytest.mark.parametrize("kind", sorted(matter_words._WORDS))
def test_every_matter_has_its_words_and_leads_to_its_page(room: Room, kind: str) -> None:
    with room.app.test_request_context():
        one, many = matter_words.words_of(Matter(kind, 1)), matter_words.words_of(Matter(kind, 85))
        assert kind not in matter_words.PAGES or url_for(matter_words.PAGES[kind]).startswith("/admin/")
    assert all(one)
    assert all(many)
