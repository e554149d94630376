"""The admin console with something to look at, for real browsers: a platform that has refused a grade, and a log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page

from config.database import Database
from config.outbound import make_session
from config.settings import Settings
from config.task_queue import Nudger
from lti_tool.admin import accounts, audit
from lti_tool.delivery import Deliverer
from lti_tool.outbox import due_ids
from tests.support.admins import NAME, PASSWORD
from tests.support.lab_desk import running_tool
from tests.workers.cells import Cell, make_cell
from tests.workers.platform_server import Answer, PlatformServer

OTHER = "ada@example.edu"


@dataclass
class AdminDesk:
    """A running tool, the platform it owes a grade to, and a worker that works when it is told to."""

    database: Database
    tool: str
    platform: PlatformServer
    cell: Cell
    deliverer: Deliverer

    def open(self, context: BrowserContext, path: str = "/admin") -> Page:
        """A page of the console, or the form that stands before it."""
        page = context.new_page()
        page.goto(f"{self.tool}{path}")
        return page

    def work(self) -> None:
        """Deliver what is due, as a worker does."""
        with self.database.reading() as session:
            due = due_ids(session)
        for outbox_id in due:
            self.deliverer.deliver(outbox_id)


@contextmanager
def running_admin_desk(settings: Settings, database: Database) -> Iterator[AdminDesk]:
    """Serve the tool with two admins, one of them disabled, and a grade that its platform has refused."""
    with (
        pytest.MonkeyPatch.context() as patch,
        PlatformServer() as platform,
        make_session(allow_private=True) as http,
        running_tool(settings, database) as (_, tool),
    ):
        with database.transaction() as session:
            accounts.create(session, NAME, PASSWORD, actor=audit.CLI)
            accounts.create(session, OTHER, PASSWORD, actor=audit.CLI)
            accounts.disable(session, OTHER, actor=NAME)
        cell = make_cell(database, column={"url": platform.line_item_url}, name="Our LMS", **platform.registration())
        desk = AdminDesk(database, tool, platform, cell, Deliverer(database, http, tool))

        patch.setattr(Nudger, "nudge", lambda *_: None)
        platform.score_answers.append(Answer(403))
        cell.must_owe(3)
        desk.work()
        assert cell.states() == ["stuck"]
        yield desk
