"""The tool registers itself at the practice LMS, both running, and is tried out there: as Moodle and as Canvas."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.models import Deployment, Registration
from lti_tool.practice_lms.activities import default_activities
from lti_tool.practice_lms.app import create_app as create_lms
from lti_tool.practice_lms.personalities import BY_NAME
from lti_tool.practice_lms.settings import Settings as LmsSettings
from lti_tool.registering.invitations import invite
from lti_tool.registering.trial import FAILED, try_platform


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Pair:
    """Tool and LMS at their addresses, and the admin of both."""

    def __init__(self, settings: Settings, database: Database, lms: LmsSettings) -> None:
        self.settings, self.database, self.lms = settings, database, lms

    def register(self, client_id: str = "") -> requests.Response:
        """Let the tool register itself, as the LMS's page with the frame would."""
        with self.database.transaction() as session:
            token = invite(session, name="Practice")[0]
        form = {"address": f"{self.settings.base_url}/lti/register?invitation={token}", "client_id": client_id}
        page = requests.post(f"{self.lms.address}/tools/register", data=form, timeout=20).text
        return requests.get(unescape(page.split('src="')[-1].split('"')[0]), timeout=20)

    def registrations(self) -> list[Registration]:
        with self.database.reading() as session:
            return session.query(Registration).order_by(Registration.id).all()


@pytest.fixture
def pair(
    request: pytest.FixtureRequest, settings: Settings, sqlite_database: Database, tmp_path: Path
) -> Iterator[Pair]:
    tool_port, lms_port = free_port(0), free_port(0)
    settings = replace(settings, base_url=f"http://localhost:{tool_port}")
    lms = LmsSettings(
        f"http://127.0.0.1:{lms_port}",
        settings.base_url,
        tmp_path / "lms",
        default_activities(settings.base_url),
        personality=BY_NAME[request.param],
    )
    with ExitStack() as both:
        both.enter_context(serving(create_app(settings, sqlite_database), tool_port))
        both.enter_context(serving(create_lms(lms), lms_port))
        yield Pair(settings, sqlite_database, lms)


@pytest.mark.parametrize("pair", ["moodle", "canvas"], indirect=True)
def test_a_registration_an_update_and_another_client(pair: Pair) -> None:
    first = pair.register(pair.lms.client_id)
    assert first.status_code == 200, first.text
    assert "/registered.js" in first.text
    assert "is registered" in first.text
    (stored,) = pair.registrations()
    assert (stored.issuer, stored.client_id) == (pair.lms.issuer, pair.lms.client_id)
    assert stored.product_family == pair.lms.personality.product_family_code
    faults = [step for step in try_platform(pair.database, pair.settings, stored.id) if step.state == FAILED]
    assert faults == []

    assert "is up to date" in pair.register(pair.lms.client_id).text
    assert len(pair.registrations()) == 1
    with pair.database.reading() as session:
        known = [one.deployment_id for one in session.query(Deployment).all()]
    assert known == ([pair.lms.deployment_id] if pair.lms.personality.names_deployment else [])

    pair.register()
    _, other = pair.registrations()
    assert (other.issuer, other.auth_token_url) == (stored.issuer, stored.auth_token_url)
    pending = [step for step in try_platform(pair.database, pair.settings, other.id) if step.state == FAILED]
    assert "client" in pending[0].text  # until an admin activates it
    requests.post(f"{pair.lms.address}/tools/activate", data={"client_id": other.client_id}, timeout=20)
    assert all(step.state != FAILED for step in try_platform(pair.database, pair.settings, other.id))
