"""The console's pages about platforms, invitations and launches: what they show, change, and say no to."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import clock
from config.database import Database
from lti_tool.admin import audit
from lti_tool.launch_events import Entry, note
from lti_tool.models import Deployment, OutboxScore, Registration
from lti_tool.outbox import DELIVERED
from lti_tool.registering.trial import FAILED, OK, Step
from lti_tool.web.admin import platform as platform_pages
from tests.support.admins import csrf_of, sign_in
from tests.support.factory import make_registration
from tests.web.conftest import Room


@pytest.fixture
def admin(room: Room, cheap_passwords: None) -> FlaskClient:
    return sign_in(room.app.test_client())


def post(admin: FlaskClient, path: str, **fields: Any) -> TestResponse:
    return admin.post(path, data={"csrf_token": csrf_of(admin), **fields}, follow_redirects=True)


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return [one.action for one in audit.listing(session).entries if not one.action.startswith("admin.")]


def test_a_platform_is_found_switched_off_and_on_and_so_is_its_deployment(room: Room, admin: FlaskClient) -> None:
    listed = admin.get("/admin/platforms").text
    assert "A platform" in listed
    assert "client-1" in listed
    off = post(admin, "/admin/platforms/1/state", state="off")
    assert "Switched off, at once." in off.text
    assert room.browser().get("/module").status_code == 403
    assert "Switched off" in admin.get("/admin/platforms").text
    on = post(admin, "/admin/platforms/1/state", state="on")
    assert "Grades that waited are sent now." in on.text
    assert ("passback.sweep_scores", ()) in room.nudges
    assert room.browser().get("/module").status_code == 200
    post(admin, "/admin/platforms/1/deployments/1/state", state="off")
    with room.database.transaction() as session:
        assert session.get_one(Deployment, 1).state == "disabled"
        other = make_registration(session, client_id="client-2").id
    assert post(admin, f"/admin/platforms/{other}/deployments/1/state", state="on").status_code == 404
    assert post(admin, "/admin/platforms/99/state", state="on").status_code == 404
    assert admin.get("/admin/platforms/99").status_code == 404
    assert actions(room.database) == ["deployment.disable", "registration.enable", "registration.disable"]


def test_what_names_no_state_and_no_row_changes_nothing(room: Room, admin: FlaskClient) -> None:
    assert post(admin, "/admin/platforms/1/state", state="garbage").status_code == 400
    assert post(admin, "/admin/platforms/1/deployments/1/state").status_code == 400
    huge = 2**63
    assert post(admin, f"/admin/platforms/{huge}/state", state="off").status_code == 404
    assert [admin.get(f"/admin/platforms/{one}").status_code for one in (2**31, huge)] == [404, 404]
    for wrong in ({"platform": "é"}, {"platform": str(huge)}, {"hours": "é"}, {"hours": ""}):
        sent = {"name": "Ours", "hours": "72", "platform": "", **wrong}
        assert post(admin, "/admin/invitations", **sent).status_code == 422, wrong
    for page in ("launches", "audit"):
        assert admin.get(f"/admin/{page}?before={huge}").status_code == 200
    assert actions(room.database) == []


def test_a_platform_is_added_by_hand_corrected_and_removed(room: Room, admin: FlaskClient) -> None:
    form = admin.get("/admin/platforms/add").text
    assert "Initiate login URL" in form
    given = {
        "name": "New", "issuer": "https://new.example", "client_id": "c", "auth_login_url": "https://new.example/a",
        "auth_token_url": "https://new.example/t", "jwks_url": "no address",
    }  # fmt: skip
    wrong = post(admin, "/admin/platforms/add", **given)
    assert wrong.status_code == 422
    assert "key set address must be an absolute" in wrong.text
    assert 'value="https://new.example/t"' in wrong.text
    assert "Added." in post(admin, "/admin/platforms/add", **{**given, "jwks_url": "https://new.example/k"}).text
    changed = {
        "name": "",
        "auth_login_url": "nowhere",
        "auth_token_url": "https://n.example/t",
        "jwks_url": "https://n",
    }
    refused = post(admin, "/admin/platforms/2/addresses", **changed)
    assert (refused.status_code, "authentication address must be" in refused.text) == (422, True)
    assert "Saved." in post(admin, "/admin/platforms/2/addresses", **{**changed, "auth_login_url": "https://n/a"}).text
    with room.database.reading() as session:
        row = session.get_one(Registration, 2)
        assert (row.name, row.auth_login_url) == ("New", "https://n/a")
    assert "The platform is removed." in post(admin, "/admin/platforms/2/remove").text
    assert actions(room.database) == ["registration.remove", "registration.change", "registration.add"]


def test_a_platform_that_is_owed_grades_stays_and_one_that_holds_some_asks(room: Room, admin: FlaskClient) -> None:
    ada = room.browser()
    ada.hand_in(ada.start(), right=3)
    assert "on its way there, so it cannot be removed" in admin.get("/admin/platforms/1").text
    assert post(admin, "/admin/platforms/1/remove", forget="yes").status_code == 409
    with room.database.transaction() as session:
        row = session.scalars(select(OutboxScore)).one()
        row.state, row.delivered_at = DELIVERED, clock.now()
    assert "Forget whose the" in admin.get("/admin/platforms/1").text
    stays = post(admin, "/admin/platforms/1/remove")
    assert (stays.status_code, "may forget whose they are" in stays.text) == (409, True)
    assert post(admin, "/admin/platforms/1/remove", forget="yes").status_code == 200


def test_the_connection_is_tested_after_the_transaction_and_shown(
    room: Room, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def tried(database: Database, *args: Any, **kwargs: Any) -> list[Step]:
        with database.transaction():  # on SQLite a second one would wait in vain
            asked.append((args[1], kwargs))
        return [Step("clock", OK, "They agree."), Step("our keys", FAILED, "Not there.", "Look again.")]

    monkeypatch.setattr(platform_pages, "try_platform", tried)
    assert "It has not been tested yet." in admin.get("/admin/platforms/1").text
    page = post(admin, "/admin/platforms/1/test").text
    assert asked == [(1, {"seconds": 15.0})]
    assert "something is wrong" in page
    assert "Look again." in page


def test_an_invitation_is_made_once_shown_once_and_withdrawn(room: Room, admin: FlaskClient) -> None:
    assert "There is none." in admin.get("/admin/invitations").text
    assert post(admin, "/admin/invitations", name=" ", hours="72").status_code == 422
    made = post(admin, "/admin/invitations", name="Our Moodle", hours="168", platform="")
    found = re.search(r'value="(http://localhost:5000(/lti/register\?invitation=[^"]+))"', made.text)
    assert found is not None
    assert made.headers["Cache-Control"] == "no-store"
    opened = room.app.test_client().get(found[2]).text
    assert "Our Moodle" in opened
    assert "It is good until <time" in opened
    assert found[1] not in admin.get("/admin/invitations").text
    assert "Withdrawn" in post(admin, "/admin/invitations/1/withdraw").text
    assert "used or withdrawn already" in post(admin, "/admin/invitations/1/withdraw").text
    assert room.app.test_client().get(found[2]).status_code == 403
    assert post(admin, "/admin/invitations", name="x", hours="72", platform="1").status_code == 200
    assert post(admin, "/admin/invitations", name="x", hours="72", platform="9").status_code == 422


def test_a_reference_leads_to_the_cause_and_causes_are_counted(room: Room, admin: FlaskClient) -> None:
    assert "Nobody has come in yet." in admin.get("/admin/launches").text
    with room.database.transaction() as session:
        for number in range(60):
            note(session, Entry("launch", "let_in", registration_id=1, reference=f"in{number}"))
        stranger = Entry("login", "refused", "unknown_registration", issuer="https://x.example", reference="abc")
        note(session, stranger)
        note(session, Entry("launch", "refused", "link_leads_nowhere", registration_id=1, reference="def"))
    found = admin.get("/admin/launches?reference=ABC").text
    assert "The platform calls itself https://x.example" in found
    assert "This link leads to something that is not here" in admin.get("/admin/launches?reference=def").text
    assert "Nothing has this reference" in admin.get("/admin/launches?reference=zzz").text
    page = admin.get("/admin/launches").text
    assert page.count("<tr>") == 51
    older = re.search(r'href="([^"]*before=[^"]*)"', page)
    assert older is not None
    assert admin.get(older[1].replace("&amp;", "&")).text.count("<tr>") == 13
    assert admin.get("/admin/launches?platform=unknown").text.count("<tr>") == 2
    refused = admin.get("/admin/launches?platform=1&refused=yes&period=day").text
    assert refused.count("<tr>") == 2
    assert "Your learning platform is not registered here" not in refused
    assert admin.get("/admin/launches?platform=x&period=x&before=x").status_code == 200
