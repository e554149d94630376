"""Run the practice LMS: ``python -m lti_tool.practice_lms --port N --data-dir DIR --tool-url URL``."""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from gunicorn.app.base import BaseApplication

from lti_tool.practice_lms.activities import BadActivities, default_activities, read_activities
from lti_tool.practice_lms.app import create_app
from lti_tool.practice_lms.personalities import BY_NAME
from lti_tool.practice_lms.settings import Settings

THREADS = 16
GRACEFUL_SECONDS = 5


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with one worker process: the test controls keep their state in its memory."""

    def __init__(self, app: Flask, bind: str) -> None:
        self._app = app
        self._bind = bind
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACEFUL_SECONDS,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made before the worker forks, so that a fault at the start is told at once."""
        return self._app


def read_settings(arguments: list[str]) -> tuple[Settings, str]:
    """The settings and the address to bind; leaves with status 2 and a message when they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m lti_tool.practice_lms", description="Practice LMS (LTI 1.3).")
    parser.add_argument("--port", type=int, required=True, help="port to listen on; part of our address")
    parser.add_argument("--data-dir", type=Path, required=True, help="directory of the gradebook and the keys")
    parser.add_argument("--tool-url", default="http://localhost:5000", help="the tool; on a host other than ours")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind; ours stays http://127.0.0.1:PORT")
    parser.add_argument("--activities", type=Path, help="JSON list of activities; README.md tells its form")
    parser.add_argument("--personality", choices=BY_NAME, default="plain", help="whose ways it has (default: plain)")
    parser.add_argument("--issuer", help="the iss of its tokens, where it is not to be the personality's own")
    parser.add_argument("--controls", action="store_true", help="add the test controls under /controls")
    given = parser.parse_args(arguments)
    tool_url = given.tool_url.rstrip("/")
    if urlsplit(tool_url).scheme not in ("http", "https") or not urlsplit(tool_url).hostname:
        parser.error("--tool-url must be an http or https address")
    try:
        activities = default_activities(tool_url) if given.activities is None else read_activities(given.activities)
    except BadActivities as error:
        parser.error(str(error))
    settings = Settings(
        f"http://127.0.0.1:{given.port}",
        tool_url,
        given.data_dir,
        activities,
        controls=given.controls,
        personality=BY_NAME[given.personality],
        issuer_override=given.issuer,
    )
    return settings, f"{given.host}:{given.port}"


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings, bind = read_settings(sys.argv[1:])
    Server(create_app(settings), bind).run()


if __name__ == "__main__":
    main()
