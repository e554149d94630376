"""An LMS that registers itself, and our side of it on a real database."""

from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import select

from config.database import Database
from config.outbound import make_session
from config.settings import Settings
from lti_tool.models import Deployment, Invitation, Registration
from lti_tool.registering.invitations import invite
from lti_tool.registering.registration import Asked, Outcome, Registrar
from tests.registering.platform_server import FakeLms, running_lms

TOKEN = "a-registration-token"
ICON = "http://localhost:5000/icon.svg"


@pytest.fixture
def lms() -> Iterator[FakeLms]:
    with running_lms() as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[FakeLms]:
    """Another host, to the browser and to us: another port."""
    with running_lms() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with make_session(allow_private=True) as session:
        yield session


class Desk:
    """The tool as a registration sees it."""

    def __init__(self, database: Database, settings: Settings, http: requests.Session) -> None:
        self.database, self.settings, self.http = database, settings, http

    def invite(self, name: str = "Our LMS", registration_id: int | None = None) -> str:
        with self.database.transaction() as session:
            return invite(session, name=name, registration_id=registration_id)[0]

    def register(self, url: str, token: str = TOKEN, invitation: str | None = None) -> Outcome:
        invitation = self.invite() if invitation is None else invitation
        return Registrar(self.database, self.settings, self.http, ICON).register(Asked(url, token, invitation))

    def registrations(self) -> list[Registration]:
        with self.database.reading() as session:
            return list(session.scalars(select(Registration).order_by(Registration.id)))

    def deployments(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(Deployment.deployment_id).order_by(Deployment.id)))

    def invitations(self) -> list[Invitation]:
        with self.database.reading() as session:
            return list(session.scalars(select(Invitation).order_by(Invitation.id)))


@pytest.fixture
def desk(sqlite_database: Database, settings: Settings, http: requests.Session) -> Desk:
    return Desk(sqlite_database, settings, http)
