"""Invitations on both databases: good once, within their time, claimed by one at a time."""

from datetime import timedelta

import pytest

from config import clock
from config.database import Database
from lti_tool.expiry import forget_expired
from lti_tool.models import Invitation
from lti_tool.registering import invitations
from lti_tool.registering.failures import Failure, RegistrationFailed
from lti_tool.registrations import add_platform


def invited(database: Database, **changes: timedelta) -> str:
    with database.transaction() as session:
        return invitations.invite(session, name="Our LMS", **changes)[0]


def refusal(database: Database, token: str) -> Failure:
    with pytest.raises(RegistrationFailed) as refused, database.transaction() as session:
        invitations.claim(session, token)
    return refused.value.cause


def test_an_invitation_is_claimed_by_one_given_back_and_spent_once(database: Database) -> None:
    token = invited(database)
    with database.transaction() as session:
        claimed = invitations.claim(session, token)
    assert refusal(database, token) is Failure.INVITATION_BUSY
    with database.transaction() as session:
        invitations.give_back(session, claimed)
    with database.transaction() as session:
        claimed = invitations.claim(session, token)
        platform, _ = add_platform(
            session, issuer="https://lms.example", client_id="c", auth_login_url="https://lms.example/a",
            auth_token_url="https://lms.example/t", jwks_url="https://lms.example/k",
        )  # fmt: skip
        invitations.spend(session, claimed, platform.id)
    assert refusal(database, token) is Failure.INVITATION_USED
    with database.transaction() as session:
        with pytest.raises(RegistrationFailed):
            invitations.spend(session, claimed, platform.id)
        assert not invitations.revoke(session, claimed.id)


def test_a_claim_ends_by_itself_if_its_process_died(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    token = invited(database)
    with database.transaction() as session:
        invitations.claim(session, token)
    later = clock.now() + invitations.CLAIMED_FOR + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with database.transaction() as session:
        assert invitations.claim(session, token).name == "Our LMS"


def test_an_invitation_ends_with_its_time_and_is_then_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, other = invited(database, lifetime=timedelta(hours=1)), invited(database, lifetime=timedelta(hours=3))
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert refusal(database, token) is Failure.INVITATION_EXPIRED
    with database.transaction() as session:
        forget_expired(session)
        assert len(invitations.list_invitations(session)) == 1
    assert refusal(database, token) is Failure.INVITATION_UNKNOWN
    with database.transaction() as session:
        assert invitations.look_at(session, other).name == "Our LMS"


def test_a_withdrawn_invitation_is_unknown(database: Database) -> None:
    token = invited(database)
    with database.transaction() as session:
        assert invitations.revoke(session, invitations.list_invitations(session)[0].id)
    assert refusal(database, token) is Failure.INVITATION_UNKNOWN


def test_only_a_hash_of_the_secret_is_kept(database: Database) -> None:
    token = invited(database)
    with database.reading() as session:
        (row,) = session.query(Invitation).all()
        assert token not in str(vars(row))


@pytest.mark.parametrize("token", ["", "made-up", "x" * 100_000, "\x00", "\ud800"])
def test_no_other_text_is_an_invitation(database: Database, token: str) -> None:
    assert refusal(database, token) is Failure.INVITATION_UNKNOWN
