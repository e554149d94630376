"""The tool in this process with one quiz on the desk, for a real browser: its database and its clock are at hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from config.database import Database
from config.settings import Settings
from course.accommodations import set_accommodation
from course.catalog import load_course
from course.items import Quiz
from course.models import Learner, Placement, Response
from course.policies import set_override
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.web.cookies import SESSION
from tests.course.course_files import write_course
from tests.support.factory import Classroom
from tests.support.stack import wait_until
from tests.support.visit import seat


@dataclass
class Desk:
    """A running tool with a quiz, and the way to Ada's seat at it."""

    app: Flask
    folder: Path
    database: Database
    placement: Placement
    learner: Learner
    tool: str

    def kept(self) -> dict[str, list[str]]:
        """The answers in the database."""
        with self.database.reading() as session:
            return {one.question_id: one.choice_ids for one in session.scalars(select(Response))}

    def expect_kept(self, responses: dict[str, list[str]]) -> None:
        """Wait until these answers, and no others, are in the database."""
        wait_until(f"kept: {responses}", lambda: self.kept() == responses)

    @property
    def quiz(self) -> Quiz:
        """The quiz as its file has it."""
        item = load_course(self.folder).item("quiz-1")
        assert isinstance(item, Quiz)
        return item

    def rules(self, **rules: Any) -> None:
        """Override rules of the quiz; dates may be moments."""
        values = {
            name: rule.isoformat(timespec="seconds") if isinstance(rule, datetime) else rule
            for name, rule in rules.items()
        }
        with self.database.transaction() as session:
            set_override(session, self.placement.context_key, load_course(self.folder), self.quiz, values)

    def give_more(self, **values: Any) -> None:
        """Give Ada an accommodation."""
        with self.database.transaction() as session:
            set_accommodation(session, self.placement.context_key, self.learner.id, **values)

    def sit(self, context: BrowserContext, role: str = "learner") -> str:
        """Give a browser a seat, as a launch would; the address of the quiz."""
        seated = seat(self.app.test_client(), self.database, self.placement, self.learner, role)
        token = seated.client.get_cookie(SESSION)
        assert token
        context.add_cookies(
            [{"name": SESSION, "value": token.value, "domain": "localhost", "path": "/", "secure": True}]
        )
        return f"{self.tool}{seated.base}/items/quiz-1"

    def open(self, context: BrowserContext) -> Page:
        """The quiz, begun."""
        address = self.sit(context)
        page = context.new_page()
        page.goto(address)
        start = page.get_by_role("button", name="Start")
        if start.count():
            start.click()
        expect(page.get_by_role("group", name="Question 1 of")).to_be_visible()
        page.wait_for_load_state()
        return page


@contextmanager
def running_desk(settings: Settings, database: Database, folder: Path, quiz: str) -> Iterator[Desk]:
    """Serve a small course in `folder` whose quiz is written in `quiz`."""
    files = write_course(folder)
    files.write("module-1/quiz-1.yaml", quiz)
    port = free_port(0)
    tool = f"http://localhost:{port}"
    app = create_app(replace(settings, courses=(files.folder,), base_url=tool), database)
    with database.transaction() as session:
        classroom = Classroom(session)
        classroom.placement.course_id = "small"
        learner = classroom.person("ada").learner
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Desk(app, files.folder, database, classroom.placement, learner, tool)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
