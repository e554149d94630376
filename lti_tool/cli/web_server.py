"""gunicorn with our application: what it needs to be told beyond its settings."""

import sys
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http import wsgi

from config import logs
from config.settings import Settings
from lti_tool.cli.counting import forget_dead_processes

# How long a thread that computes a page may keep the interpreter from the two threads that carry all streams.
SWITCH_SECONDS = 0.001


class _Answer(wsgi.Response):  # type: ignore[misc]  # gunicorn ships no types
    """An answer that does not say by which program it was written."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


class _Log(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Its lines go the way of all others, in our form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Serves until it is told to end. `options` are gunicorn's settings."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = {
            **options,
            "logger_class": _Log,
            "child_exit": lambda _server, _worker: forget_dead_processes(),
        }
        super().__init__()

    def load_config(self) -> None:
        """Part of the library's interface."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the process that will serve it."""
        wsgi.Response = _Answer  # gunicorn has no setting for it
        from lti_tool.app import create_app

        sys.setswitchinterval(SWITCH_SECONDS)
        return create_app(self._settings)

    def run(self) -> None:
        """Serve."""
        logs.configure(self._settings.log_level)
        super().run()
