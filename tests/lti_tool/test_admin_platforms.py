"""What admins see of platforms and do with them, by console and command alike: on both databases, and written down."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from lti_tool.admin import audit, invitations
from lti_tool.admin.invitations import InvitationInvalid
from lti_tool.admin.platform_views import platform, platforms
from lti_tool.admin.platforms import NotRemoved, removal_of, remove, save_platform, switch_platform
from lti_tool.admin.service_health import Failure, health_of
from lti_tool.ags import SCOPE_SCORE, Connector
from lti_tool.delivery import service_account
from lti_tool.gradebook import owe_score
from lti_tool.models import Deployment, LineItem, LtiUser, OutboxScore, Registration, Roster
from lti_tool.outbox import DELIVERED, STUCK
from lti_tool.permission import ACTIVE, DISABLED, PENDING
from lti_tool.registering.trial import FAILED, OK, Step
from lti_tool.registering.trials import keep_trial, last_trial
from lti_tool.roster_service import SCOPE as SCOPE_ROSTER
from tests.support.factory import QUIZ, Classroom

PLATFORM = {
    "issuer": "https://lms.example.org", "client_id": "client-1", "auth_login_url": "https://lms.example.org/auth",
    "auth_token_url": "https://lms.example.org/token", "jwks_url": "https://lms.example.org/keys",
}  # fmt: skip


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated one of each kind."""
    opened = Database(request.getfixturevalue(request.param))
    yield opened
    opened.dispose()


def test_platforms_are_shown_with_their_deployments_health_and_what_removing_takes(database: Database) -> None:
    now = clock.now()
    with database.transaction() as session:
        room = Classroom(session, name="Our LMS", product_family="moodle")
        ada = room.person("ada")
        session.add(Deployment(registration_id=1, deployment_id="2", state=PENDING, created_at=now))
        room.placement.opened_at = now
        assert [one.is_granted for one in health_of(session, room.registration).scopes].count(True) == 0
        room.line_item.scopes = [SCOPE_SCORE]
        session.add(Roster(context_id=room.context.id, url="https://x", cause="service_500", tried_at=now))
        room.handed_in(ada, right=3)
        owe_score(session, room.placement, ada.learner_id, QUIZ.id)
    with database.reading() as session:
        (view,) = platforms(session)
        assert (view.name, view.family, view.state, view.last_launch_at, view.waiting) == (
            "Our LMS", "moodle", ACTIVE, now, 1,
        )  # fmt: skip
        assert [(one.deployment_id, one.contexts) for one in view.deployments] == [("1", 1), ("2", 0)]
        assert platform(session, 99) is None
        health = health_of(session, session.get_one(Registration, 1))
        assert {one.scope for one in health.scopes if one.is_granted} == {SCOPE_SCORE, SCOPE_ROSTER}
        assert (health.waiting, health.failed_roster) == (1, Failure("service_500", now))
        removal = removal_of(session, 1)
        assert (removal.contexts, removal.links, removal.people, removal.owed) == (1, 1, 1, 1)
    with database.transaction() as session:
        row = session.scalars(select(OutboxScore)).one()
        row.state, row.cause, row.tried_at = STUCK, "service_404", now
        with pytest.raises(NotRemoved):
            remove(session, session.get_one(Registration, 1), forgets_grades=True, actor="grace")
        assert health_of(session, session.get_one(Registration, 1)).failed_delivery == Failure("service_404", now)
        row.state, row.cause, row.delivered_at = DELIVERED, None, now
        with pytest.raises(NotRemoved):
            remove(session, session.get_one(Registration, 1), forgets_grades=False, actor="grace")
        remove(session, session.get_one(Registration, 1), forgets_grades=True, actor="grace")
        assert session.scalars(select(LtiUser)).all() == []
        assert session.scalars(select(LineItem)).all() == []
        assert [(one.action, one.detail["forgotten_grades"]) for one in audit.listing(session).entries] == [
            ("registration.remove", 1)
        ]


def test_every_change_is_written_down_with_who_made_it_and_what_changed(database: Database) -> None:
    def save(**changes: Any) -> None:
        with database.transaction() as session:
            save_platform(session, actor="grace", **{**PLATFORM, **changes})

    save(name="Our LMS", deployment_id="1")
    save()  # changes nothing
    save(jwks_url="https://lms.example.org/other")
    with database.transaction() as session:
        for state in (DISABLED, DISABLED, ACTIVE):
            switch_platform(session, session.get_one(Deployment, 1), state, actor="cli")
        told = [(one.actor, one.action, one.subject) for one in audit.listing(session).entries][::-1]
        changed = audit.listing(session).entries[2].detail
    assert told == [
        ("grace", "registration.add", "registration 1"),
        ("grace", "registration.change", "registration 1"),
        ("cli", "deployment.disable", "deployment 1"),
        ("cli", "deployment.enable", "deployment 1"),
    ]
    assert changed == {"jwks_url": "https://lms.example.org/other"}


def test_invitations_are_made_listed_and_withdrawn(database: Database) -> None:
    with database.transaction() as session:
        for fault in ({"name": " "}, {"hours": 0}, {"registration_id": 7}):
            wanted: dict[str, Any] = {"name": "Our LMS", "hours": 2, "registration_id": None, **fault}
            with pytest.raises(InvitationInvalid):
                invitations.invite(session, "https://tool.example", actor="grace", **wanted)
        address, made = invitations.invite(
            session, "https://tool.example", name=" Our LMS ", hours=2, registration_id=None, actor="grace"
        )
        assert address.startswith("https://tool.example/lti/register?invitation=")
        assert (made.name, made.expires_at - made.created_at) == ("Our LMS", timedelta(hours=2))
        assert [one.state for one in invitations.listing(session)] == ["open"]
        assert invitations.withdraw(session, made.id, actor="cli")
        assert not invitations.withdraw(session, made.id, actor="cli")
        assert [one.action for one in audit.listing(session).entries] == ["invitation.withdraw", "invitation.make"]
        token = address.partition("=")[2]
        assert all(token not in repr(one.detail) for one in audit.listing(session).entries)


def test_the_last_trial_is_kept_and_goes_with_its_platform(database: Database) -> None:
    with database.transaction() as session:
        save_platform(session, actor="cli", **PLATFORM)
        keep_trial(session, 1, [Step("clock", FAILED, "It is off.", "Set it.")])
        keep_trial(session, 1, [Step("clock", OK, "It is right.")])
        keep_trial(session, 2, [])  # removed meanwhile
    with database.transaction() as session:
        trial = last_trial(session, 1)
        assert trial is not None
        assert trial.is_well
        assert [one.text for one in trial.steps] == ["It is right."]
        remove(session, session.get_one(Registration, 1), forgets_grades=False, actor="cli")
        session.expire_all()
        assert last_trial(session, 1) is None


def test_a_token_that_was_obtained_is_remembered_after_it_has_expired(database: Database) -> None:
    with database.transaction() as session:
        save_platform(session, actor="cli", **PLATFORM)
        account = service_account(session, 1)
    Connector(database, account, None)._cache_access_token("key", "token", 3600)  # type: ignore[arg-type]  # asks nobody
    with database.reading() as session:
        assert health_of(session, session.get_one(Registration, 1)).token_obtained_at is not None
