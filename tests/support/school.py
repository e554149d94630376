"""The tool and a practice LMS in this process, each at an address of its own: whole ways over HTTP, without waiting
for processes to start. What a worker would do is done by `judge`, `deliver` and `tend`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from flask import Flask
from werkzeug.serving import make_server

from config.database import Database
from config.outbound import make_session
from config.settings import from_environment
from lti_tool import outbox
from lti_tool.app import create_app
from lti_tool.cli.processes import free_port
from lti_tool.delivery import Deliverer
from lti_tool.lab_grading import LabGrading, find_work
from lti_tool.notices.tending import NoticeTender
from lti_tool.practice_lms.app import create_app as create_lms
from lti_tool.practice_lms.personality import Personality
from lti_tool.practice_lms.settings import Settings as LmsSettings
from lti_tool.registrations import add_platform


@dataclass
class School:
    """A running tool and a running LMS that know each other."""

    tool: str
    lms: str
    app: Flask
    database: Database

    def judge(self) -> None:
        """Look at every lab that waits to be judged; without a model, that hands it to a person."""
        grading = LabGrading(self.app.extensions["coursewright"].settings, self.database, None, lambda _: None)
        with self.database.transaction() as session:
            due = find_work(session)
        for attempt_id in due:
            grading.work_on(attempt_id)
        grading.close()

    def deliver(self) -> None:
        """Send every score that is due."""
        with make_session(allow_private=True) as http:
            deliverer = Deliverer(self.database, http, self.tool)
            with self.database.reading() as session:
                due = outbox.due_ids(session)
            for outbox_id in due:
                deliverer.deliver(outbox_id)

    def tend(self) -> None:
        """See to notices: tell the LMS where to send them, and work off what has come."""
        with make_session(allow_private=True) as http:
            NoticeTender(self.database, http, self.tool).tend()


@contextmanager
def running_school(folder: Path, database: Database, personality: Personality) -> Iterator[School]:
    """Both at work; the LMS begins with no activities of its own."""
    tool_port, lms_port = free_port(0), free_port(0)
    tool, lms = f"http://localhost:{tool_port}", f"http://127.0.0.1:{lms_port}"
    settings = from_environment(
        {
            "COURSEWRIGHT_DATA_DIR": str(folder),
            "COURSEWRIGHT_BASE_URL": tool,
            "COURSEWRIGHT_RATE_LIMITS": "off",
            "COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS": "on",
        }
    )
    app = create_app(settings, database)
    platform = create_lms(LmsSettings(lms, tool, folder / "lms", (), controls=True, personality=personality))
    with _served(app, tool_port), _served(platform, lms_port):
        told = requests.get(f"{lms}/practice.json", timeout=15).json()
        names = ("issuer", "client_id", "auth_login_url", "auth_token_url", "jwks_url", "deployment_id", "name")
        with database.transaction() as session:
            add_platform(session, **{name: told[name] for name in names})
        yield School(tool, lms, app, database)
    app.extensions["coursewright"].replies.close()


@contextmanager
def _served(app: Flask, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
