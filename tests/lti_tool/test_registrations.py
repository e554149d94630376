from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from config.database import Database
from lti_tool import registrations
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused, PlatformInvalid
from lti_tool.models import AccessToken, Deployment, PlatformKeySet, Registration
from lti_tool.registrations import (
    add_platform,
    ensure_deployment,
    find_registration,
    list_platforms,
    remove_platform,
)

PLATFORM = {
    "issuer": "https://lms.example",
    "client_id": "client-1",
    "auth_login_url": "https://lms.example/auth?tenant=1",
    "auth_token_url": "https://lms.example/token",
    "jwks_url": "https://lms.example/jwks",
}


def add(database: Database, **changes: Any) -> tuple[Registration, bool]:
    with database.transaction() as session:
        return add_platform(session, **{**PLATFORM, **changes})


def deployments(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Deployment.deployment_id).order_by(Deployment.id)))


def test_a_platform_is_added_once_and_then_brought_up_to_date(database: Database) -> None:
    first, created = add(database, deployment_id="1", name="Our Moodle", auth_audience="https://lms.example/aud")
    assert created
    second, created = add(database, deployment_id="2", auth_login_url="https://lms.example/other")
    assert (second.id, created) == (first.id, False)
    assert (second.name, second.auth_audience) == ("Our Moodle", "https://lms.example/aud")
    assert second.auth_login_url == "https://lms.example/other"
    assert deployments(database) == ["1", "2"]
    third, _ = add(database, deployment_id="2", auth_audience="", name="Moodle")
    assert (third.name, third.auth_audience) == ("Moodle", None)
    assert deployments(database) == ["1", "2"]


def test_a_platform_without_a_name_goes_by_its_issuer(database: Database) -> None:
    assert add(database)[0].name == "https://lms.example"


def test_two_clients_of_one_issuer_are_two_platforms(database: Database) -> None:
    first, second = add(database)[0], add(database, client_id="client-2")[0]
    assert first.id != second.id
    with database.reading() as session:
        assert [one.client_id for one in list_platforms(session)] == ["client-1", "client-2"]
        assert find_registration(session, PLATFORM["issuer"], "client-2").id == second.id
        with pytest.raises(LaunchRefused, match="client_id_missing"):
            find_registration(session, PLATFORM["issuer"], None)


def test_an_issuer_is_known_to_the_letter(database: Database) -> None:
    add(database)
    with database.reading() as session:
        assert find_registration(session, "https://lms.example", None).client_id == "client-1"
        for near in ("https://lms.example/", "https://LMS.example", "", "https://lms.example\x00", "\ud800"):
            with pytest.raises(LaunchRefused) as caught:
                find_registration(session, near, None)
            assert caught.value.cause is Cause.UNKNOWN_REGISTRATION


def test_every_fault_is_named_at_once(database: Database) -> None:
    with pytest.raises(PlatformInvalid) as caught:
        add(database, issuer="lms.example", client_id="", jwks_url="ftp://lms.example", deployment_id=" 7")
    assert len(caught.value.faults) == 4
    with database.reading() as session:
        assert list_platforms(session) == []


@pytest.mark.parametrize("name", ["issuer", "auth_login_url", "auth_token_url", "jwks_url"])
@pytest.mark.parametrize(
    "url",
    ["", "/auth", "javascript:alert(1)", "file:///etc/passwd", "https://u:p@lms.example/", "https://lms.example/#x",
     "https://lms.example/a b", "https://lms.example/\n", "https://", "https://lms.example/" + "x" * 2000],
)  # fmt: skip
def test_an_address_must_be_a_web_address(database: Database, name: str, url: str) -> None:
    with pytest.raises(PlatformInvalid):
        add(database, **{name: url})


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "c" * 256}, {"client_id": "a\x00b"}, {"client_id": "a "}, {"deployment_id": ""},
        {"deployment_id": "d" * 256}, {"name": "\n"}, {"auth_audience": "a" * 2001}, {"auth_audience": "a\x07"},
    ],
)  # fmt: skip
def test_a_name_must_be_plain_and_fit(database: Database, changes: dict[str, str]) -> None:
    with pytest.raises(PlatformInvalid):
        add(database, **changes)


@pytest.mark.parametrize(
    ("changes", "key_sets", "tokens"),
    [
        ({}, 1, 1),
        ({"auth_login_url": "https://lms.example/other"}, 1, 1),
        ({"auth_token_url": "https://lms.example/other"}, 1, 0),
        ({"jwks_url": "https://lms.example/other"}, 0, 0),
    ],
)
def test_a_changed_address_drops_what_came_from_the_old_one(
    database: Database, changes: dict[str, str], key_sets: int, tokens: int
) -> None:
    registration, _ = add(database)
    with database.transaction() as session:
        now = clock.now()
        session.add(PlatformKeySet(registration_id=registration.id, jwks_url="x", keys=[], fetched_at=now))
        session.add(AccessToken(cache_key="k", registration_id=registration.id, token="t", expires_at=now))
    add(database, **changes)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PlatformKeySet)) == key_sets
        assert session.scalar(select(func.count()).select_from(AccessToken)) == tokens


def test_a_platform_is_removed_with_its_deployments(database: Database) -> None:
    add(database, deployment_id="1")
    with database.transaction() as session:
        assert remove_platform(session, issuer=PLATFORM["issuer"], client_id="client-1")
        assert not remove_platform(session, issuer=PLATFORM["issuer"], client_id="client-1")
    assert deployments(database) == []


def test_a_new_deployment_is_accepted_or_refused(database: Database) -> None:
    registration, _ = add(database)
    with database.transaction() as session:
        with pytest.raises(LaunchRefused) as caught:
            ensure_deployment(session, registration, "5; rm", "refuse")
        assert "--deployment-id '5; rm'" in caught.value.command
        made = ensure_deployment(session, registration, "5", "accept")
        assert ensure_deployment(session, registration, "5", "refuse").id == made.id


def blind_once(monkeypatch: pytest.MonkeyPatch, look: Callable[..., Any]) -> Callable[..., Any]:
    """`look`, which sees nothing the first time: as if another process had committed a moment later."""
    seen = []

    def looking(*args: Any) -> Any:
        seen.append(args)
        return None if len(seen) == 1 else look(*args)

    return looking


def test_two_first_launches_at_once_make_one_deployment(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    registration, _ = add(database, deployment_id="5")
    monkeypatch.setattr(registrations, "find_deployment", blind_once(monkeypatch, registrations.find_deployment))
    with database.transaction() as session:
        assert ensure_deployment(session, registration, "5", "accept").deployment_id == "5"
    assert deployments(database) == ["5"]


def test_two_admins_at_once_make_one_platform(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add(database)
    monkeypatch.setattr(Session, "scalar", blind_once(monkeypatch, Session.scalar))
    registration, created = add(database, name="Second")
    assert (registration.name, created) == ("Second", False)


def test_a_constraint_we_did_not_foresee_is_not_swallowed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    registration, _ = add(database)
    monkeypatch.setattr(registrations, "find_deployment", lambda *_: None)
    registration.id = 99
    with pytest.raises((RuntimeError, IntegrityError)), database.transaction() as session:
        ensure_deployment(session, registration, "5", "accept")
