from datetime import timedelta

import jwt
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from lti_tool import keys
from lti_tool.keys import ensure_keys, list_keys, public_jwks, rotate, signing_key
from lti_tool.models import ToolKey
from tests.lti_tool.conftest import Clock


def statuses(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {key.status: key.kid for key in list_keys(session)}


def published(database: Database) -> list[str]:
    with database.reading() as session:
        return [key["kid"] for key in public_jwks(session)["keys"]]


def test_first_use_makes_a_current_and_a_next_key(database: Database) -> None:
    assert published(database) == []
    with database.transaction() as session:
        kid, pem = signing_key(session)
        ensure_keys(session)
    assert statuses(database)["current"] == kid
    assert sorted(published(database)) == sorted(statuses(database).values())
    assert len(published(database)) == 2
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")


def test_the_key_set_shows_public_members_only_and_each_kid_is_its_thumbprint(database: Database) -> None:
    with database.transaction() as session:
        ensure_keys(session)
        key_set = public_jwks(session)["keys"]
    for key in key_set:
        assert sorted(key) == ["alg", "e", "kid", "kty", "n", "use"]
        assert (key["alg"], key["use"], key["kty"]) == ("RS256", "sig", "RSA")
        assert jwt.PyJWK(key).key.key_size == 2048
        assert key["kid"] == keys.thumbprint(jwt.PyJWK(key).key)


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91Cb"
        "OpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )  # RFC 7638 §3.1
    key = jwt.PyJWK({"kty": "RSA", "alg": "RS256", "n": modulus, "e": "AQAB"}).key
    assert keys.thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_what_we_sign_is_verified_by_what_we_publish(database: Database) -> None:
    with database.transaction() as session:
        kid, pem = signing_key(session)
        key_set = jwt.PyJWKSet.from_dict(public_jwks(session))
    token = jwt.encode({"sub": "us"}, pem, "RS256", {"kid": kid})
    assert jwt.decode(token, key_set[kid], ["RS256"]) == {"sub": "us"}


def test_a_key_is_published_before_it_signs_and_two_days_after(database: Database, stopped_clock: Clock) -> None:
    with database.transaction() as session:
        ensure_keys(session)
    before = statuses(database)
    with database.transaction() as session:
        rotate(session)
    after = statuses(database)
    assert (after["current"], after["retired"]) == (before["next"], before["current"])
    assert after["next"] not in before.values()
    assert set(published(database)) == set(after.values())
    stopped_clock.advance(hours=47, minutes=59)
    assert before["current"] in published(database)
    stopped_clock.advance(minutes=1)
    assert before["current"] not in published(database)
    with database.transaction() as session:
        rotate(session)
        assert before["current"] not in [key.kid for key in list_keys(session)]
        assert [key.published_until for key in list_keys(session) if key.status == "retired"] == [
            stopped_clock.now() + timedelta(hours=48)
        ]


def test_processes_that_start_together_end_with_one_pair(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as session:
        ensure_keys(session)
    before = statuses(database)

    def not_seen_yet(_session: Session, _status: str) -> None:
        return None

    monkeypatch.setattr(keys, "_live", not_seen_yet)
    with database.transaction() as session:
        kid, _ = signing_key(session)
        assert len(session.scalars(select(ToolKey)).all()) == 2
    assert kid == before["current"]
    assert statuses(database) == before
