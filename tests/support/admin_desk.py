"""The admin console with something to look at, for real browsers: a platform, people who work, and a log of changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import BrowserContext, Page

from config.database import Database
from config.settings import Settings
from lti_tool.admin import accounts, audit
from tests.support.admins import NAME, PASSWORD
from tests.support.lab_desk import running_tool


@dataclass
class AdminDesk:
    """A running tool, and the way to its console."""

    app: Flask
    database: Database
    tool: str

    def open(self, context: BrowserContext, path: str = "/admin") -> Page:
        """A page of the console, or the form that stands before it."""
        page = context.new_page()
        page.goto(f"{self.tool}{path}")
        return page


@contextmanager
def running_admin_desk(settings: Settings, database: Database) -> Iterator[AdminDesk]:
    """Serve the tool with two admins, one of them disabled."""
    with database.transaction() as session:
        accounts.create(session, NAME, PASSWORD, actor=audit.CLI)
        accounts.create(session, "ada@example.edu", PASSWORD, actor=audit.CLI)
        accounts.disable(session, "ada@example.edu", actor=NAME)
    with running_tool(settings, database) as (app, tool):
        yield AdminDesk(app, database, tool)
