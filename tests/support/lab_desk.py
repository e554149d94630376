"""The tool in this process with the built-in labs, for real browsers: students sit down at the first one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from config.database import Database
from config.settings import Settings
from course.models import Learner, Placement, Turn
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.web.cookies import SESSION
from tests.support.factory import Classroom, make_person, make_placement
from tests.support.labs import LABS
from tests.support.visit import seat

LAB = LABS[0]


@dataclass
class LabDesk:
    """A running tool with a lab."""

    app: Flask
    database: Database
    placement: Placement
    registration_id: int
    tool: str

    def student(self) -> Learner:
        """Somebody new."""
        with self.database.transaction() as session:
            return make_person(session, self.registration_id).learner

    def open(
        self, context: BrowserContext, learner: Learner, path: str = f"items/{LAB.id}", *, role: str = "learner"
    ) -> Page:
        """The lab's page or another one, in a browser that gets a seat, as by a launch."""
        seated = seat(self.app.test_client(), self.database, self.placement, learner, role)
        token = seated.client.get_cookie(SESSION)
        assert token
        context.add_cookies(
            [{"name": SESSION, "value": token.value, "domain": "localhost", "path": "/", "secure": True}]
        )
        page = context.new_page()
        page.goto(f"{self.tool}{seated.base}/{path}")
        return page

    def begin(self, context: BrowserContext, learner: Learner) -> Page:
        """The lab's page, with the conversation begun."""
        page = self.open(context, learner)
        page.get_by_role("button", name="Agree and start").click()
        expect(page.get_by_role("heading", name="The conversation")).to_be_visible()
        page.wait_for_load_state()
        return page

    def turns(self) -> list[tuple[str, str, str]]:
        """Role, status and text of all turns in the database."""
        with self.database.reading() as session:
            rows = session.scalars(select(Turn).order_by(Turn.attempt_id, Turn.number))
            return [(row.role, row.status, row.text) for row in rows]


@contextmanager
def running_tool(settings: Settings, database: Database) -> Iterator[tuple[Flask, str]]:
    """The tool on a thread of this process; the application, and its address."""
    port = free_port(0)
    tool = f"http://localhost:{port}"
    app = create_app(replace(settings, base_url=tool), database)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app, tool
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        app.extensions["coursewright"].replies.close()


@contextmanager
def running_lab_desk(settings: Settings, database: Database) -> Iterator[LabDesk]:
    """Serve the labs; with a partner played by the model that `settings` reach, or else a scripted one."""
    with database.transaction() as session:
        room = Classroom(session)
        placement = make_placement(session, item_id=LAB.id, context_key=room.placement.context_key)
    with running_tool(settings, database) as (app, tool):
        yield LabDesk(app, database, placement, room.registration.id, tool)
