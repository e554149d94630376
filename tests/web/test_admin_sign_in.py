"""The console's way in: who is let in, what the cookies are like, where it leads, and who is not let in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import clock
from config.database import Database
from config.settings import Settings
from lti_tool.admin import accounts, passwords, sessions, tries
from lti_tool.admin.models import AdminAccount, AdminSession
from lti_tool.app import create_app
from lti_tool.web.admin.cookies import BROWSER, SESSION
from tests.support.admins import NAME, PASSWORD, csrf_of, sign_in

OURS = "http://localhost:5000"


@pytest.fixture
def client(settings: Settings, sqlite_database: Database, cheap_passwords: None) -> FlaskClient:
    app = create_app(replace(settings, rate_limits=False), sqlite_database)
    with sqlite_database.transaction() as session:
        accounts.create(session, NAME, PASSWORD, actor="cli")
    return app.test_client()


def enter(client: FlaskClient, *, origin: str | None = OURS, address: str = "192.0.2.1", **fields: str) -> TestResponse:
    data = {"name": NAME, "password": PASSWORD, **fields}
    headers = {"Origin": origin} if origin else {}
    return client.post("/admin/sign-in", data=data, headers=headers, environ_base={"REMOTE_ADDR": address})


def test_an_admin_signs_in_comes_to_the_page_they_asked_for_and_signs_out(client: FlaskClient) -> None:
    asked = client.get("/admin?from=mail").location or ""
    assert asked == "/admin/sign-in?then=/admin?from%3Dmail"
    form = client.get(asked).text
    assert 'name="then" value="/admin?from=mail"' in form
    assert enter(client, name=" Grace ", then="/admin?from=mail").location == "/admin?from=mail"
    assert client.get("/admin/sign-in").location == "/admin"
    left = client.post("/admin/sign-out", data={"csrf_token": csrf_of(client)})
    assert "You are signed out." in client.get(left.location or "").text
    assert client.get("/admin").status_code == 303


def test_the_cookies_are_for_the_console_alone(client: FlaskClient, settings: Settings) -> None:
    for cookie in enter(client).headers.getlist("Set-Cookie"):
        assert cookie.startswith("coursewright_admin")
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/admin"):
            assert part in cookie
    served = create_app(
        replace(settings, base_url="https://tool.example.edu", rate_limits=False),
        client.application.extensions["coursewright"].database,
    ).test_client()
    answer = enter(served, origin="https://tool.example.edu")
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-coursewright_admin")
        assert "Domain" not in cookie
        assert "Path=/;" in cookie


def test_the_console_is_framed_by_nobody_and_kept_by_nobody(client: FlaskClient) -> None:
    sign_in(client)
    for path in ("/admin", "/admin/sign-in", "/admin/nowhere"):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example", "//evil.example/admin", "/\\evil.example", "/admin/../\\evil", "/in/a/b/module",
        "/admin/sign-out", "/admin//evil.example", "javascript:alert(1)", "/admin\r\nX: 1", "",
    ],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(client: FlaskClient, then: str) -> None:
    assert enter(client, then=then).location == "/admin"


def test_wrong_names_and_passwords_and_disabled_accounts_look_alike(client: FlaskClient) -> None:
    database = client.application.extensions["coursewright"].database
    with database.transaction() as session:
        accounts.create(session, "alan", PASSWORD, actor="cli")
        accounts.disable(session, "alan", actor="cli")
    told = set()
    for fields in ({"password": "wrong"}, {"name": "nobody"}, {"name": "alan"}, {"password": "x" * 5000}):
        answer = enter(client, **fields)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
        told.add(answer.text.partition('role="alert">')[2].partition("</p>")[0])
    assert len(told) == 1


def test_an_unknown_name_is_as_much_work_as_a_known_one(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = passwords.is_right

    def counted(kept: str, password: str) -> bool:
        checked.append(kept.rpartition("$")[0].rpartition("$")[0])  # the parameters
        return real(kept, password)

    monkeypatch.setattr(passwords, "is_right", counted)
    for name in (NAME, "nobody"):
        enter(client, name=name, password="wrong")
    assert len(checked) == 2
    assert len(set(checked)) == 1


def test_another_sites_form_signs_nobody_in(client: FlaskClient) -> None:
    for origin in ("https://evil.example", "null", None):
        answer = enter(client, origin=origin)
        assert answer.status_code == 403
        assert "http://localhost:5000/admin" in answer.text
        assert "Set-Cookie" not in answer.headers


def test_a_session_planted_before_signing_in_is_good_for_nothing(client: FlaskClient) -> None:
    enter(client)
    planted = client.get_cookie(SESSION, path="/admin")
    enter(client)
    fresh = client.get_cookie(SESSION, path="/admin")
    assert planted
    assert fresh
    assert planted.value != fresh.value
    client.set_cookie(SESSION, planted.value, path="/admin")
    assert client.get("/admin").status_code == 303


def test_a_form_of_another_session_changes_nothing(client: FlaskClient) -> None:
    sign_in(client)
    old = csrf_of(client)
    sign_in(client)
    for csrf in (old, "", "\udcff"):
        answer = client.post("/admin/sign-out", data={"csrf_token": csrf.encode("utf-8", "surrogateescape")})
        assert answer.status_code == 403
        assert "This form has expired" in answer.text
    assert client.get("/admin").status_code == 200


def test_a_session_ends_when_idle_and_at_its_end_and_when_its_account_does(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, start = client.application.extensions["coursewright"].database, clock.now()

    def at(after: timedelta) -> int:
        monkeypatch.setattr(clock, "now", lambda: start + after)
        return client.get("/admin").status_code

    sign_in(client)
    for hours in range(1, 12):  # in use all the time
        assert at(timedelta(hours=hours) - timedelta(minutes=hours)) == 200
    assert at(sessions.LIFETIME + timedelta(minutes=1)) == 303
    sign_in(client)
    assert at(sessions.LIFETIME + sessions.IDLE + timedelta(minutes=2)) == 303
    sign_in(client)
    with database.transaction() as session:
        accounts.set_password(session, NAME, "four other words here", actor="cli")
    assert client.get("/admin").status_code == 303
    sign_in(client)
    with database.transaction() as session:
        accounts.disable(session, NAME, actor="cli")
        assert session.scalars(select(AdminSession)).all() == []
    assert client.get("/admin").status_code == 303
    assert "coursewright admin create NAME" in client.get("/admin/sign-in").text


def test_a_password_is_kept_anew_when_the_parameters_have_changed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = client.application.extensions["coursewright"].database

    def kept() -> str:
        with database.reading() as session:
            return str(session.scalar(select(AdminAccount.password_hash)))

    before = kept()
    enter(client)
    assert kept() == before
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    enter(client)
    assert "t=2" in kept()
    assert enter(client).status_code == 303


def test_too_many_tries_are_not_looked_at_and_the_wait_is_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(tries.BY_ADDRESS):
        assert enter(client, password="wrong").status_code == 403
    refused = enter(client)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "Try again in 15 minutes" in refused.text
    assert enter(client, address="192.0.2.2").status_code == 303  # another address, and few tries for the name
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + tries.WINDOW)
    assert enter(client).status_code == 303


def test_a_stranger_who_shuts_a_name_does_not_shut_out_its_admin(client: FlaskClient) -> None:
    enter(client)  # so this browser is known
    stranger = client.application.test_client()
    for number in range(tries.BY_NAME):
        assert enter(stranger, password="wrong", address=f"198.51.100.{number}").status_code == 403
    assert enter(stranger, address="203.0.113.1").status_code == 429
    assert enter(client, address="198.51.100.1").status_code == 303
    cookie = client.get_cookie(BROWSER, path="/admin")
    assert cookie
    for sealed in (cookie.value + "0", "mine." + cookie.value.partition(".")[2]):
        stranger.set_cookie(BROWSER, sealed, path="/admin")
        assert enter(stranger, address="203.0.113.1").status_code == 429
    for _ in range(tries.BY_BROWSER):
        enter(client, password="wrong")
    assert enter(client).status_code == 429  # a known browser that is stolen gains no more than others


def test_all_of_an_ipv6_network_count_as_one(client: FlaskClient) -> None:
    for number in range(tries.BY_ADDRESS):
        enter(client, password="wrong", address=f"2001:db8::{number}")
    assert enter(client, address="2001:db8::ffff").status_code == 429
