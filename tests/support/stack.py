"""The tool, a worker, beat and the practice LMS as real processes, started and killed as a test wants."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from config.database import Database
from config.settings import from_environment
from course.catalog import Catalog
from lti_tool import registrations
from lti_tool.cli.demo_activities import activities_of
from lti_tool.cli.demo_student import Student
from lti_tool.cli.environment import open_database
from lti_tool.cli.processes import beat_command, free_port, worker_command

START_SECONDS = 60.0


def wait_until(what: str, holds: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first truthy answer of `holds`; fails, naming `what`, when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = holds()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Stack:
    """Everything `make demo` runs, on free ports, below one folder. `environment` adds settings (a broker, say)."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.tool_port, self.lms_port = free_port(0), free_port(0)
        self.tool, self.lms = f"http://localhost:{self.tool_port}", f"http://127.0.0.1:{self.lms_port}"
        self.environment = {
            "COURSEWRIGHT_ENV": "development",
            "COURSEWRIGHT_BASE_URL": self.tool,
            "COURSEWRIGHT_DATA_DIR": str(folder),
            "COURSEWRIGHT_DATABASE_URL": f"sqlite:///{folder / 'coursewright.sqlite'}",
            "COURSEWRIGHT_BROKER_URL": "filesystem://",
            **environment,
        }
        self.settings = from_environment(self.environment)
        self.database: Database = open_database(self.settings)
        self.activities = folder / "activities.json"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def register(self, **changes: str) -> None:
        """Make the practice LMS known to the tool."""
        values = {
            "issuer": self.lms,
            "client_id": "coursewright-practice",
            "auth_login_url": f"{self.lms}/lti/auth",
            "auth_token_url": f"{self.lms}/lti/token",
            "jwks_url": f"{self.lms}/lti/certs",
            "deployment_id": "1",
            "name": "Practice LMS",
            **changes,
        }
        with self.database.transaction() as session:
            registrations.add_platform(session, **values)

    def start(self, *names: str) -> None:
        """Start processes by name: lms, tool, worker, beat."""
        for name in names:
            self._start(name)
        for name in names:
            if name in {"lms", "tool"}:
                self._await(name)

    def command(self, name: str) -> list[str]:
        """What is run under a name."""
        # fmt: off
        return {
            "lms": [
                sys.executable, "-m", "lti_tool.practice_lms", "--port", str(self.lms_port),
                "--data-dir", str(self.folder / "practice-lms"), "--tool-url", self.tool,
                "--activities", str(self.activities), "--controls",
            ],
            "tool": [sys.executable, "-m", "lti_tool.cli", "serve", "--port", str(self.tool_port)],
            "worker": worker_command(),
            "beat": beat_command(self.folder),
        }[name]
        # fmt: on

    def _start(self, name: str) -> None:
        (self.folder / "practice-lms").mkdir(parents=True, exist_ok=True)
        if name == "lms":  # written only now: a test may have pointed the LMS to another tool
            entries = activities_of(Catalog(self.settings.courses).default, self.tool)
            self.activities.write_text(json.dumps(entries), encoding="utf-8")
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self.command(name),
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _await(self, name: str) -> None:
        address = f"{self.lms}/healthz" if name == "lms" else f"{self.tool}/readyz"

        def answers() -> bool:
            if self._running[name].poll() is not None:
                raise AssertionError(f"{name} ended at the start:\n{self.log(name)[-3000:]}")
            try:
                return requests.get(address, timeout=2).ok
            except requests.RequestException:
                return False

        wait_until(f"{name} answers", answers, START_SECONDS)

    @property
    def running(self) -> set[str]:
        """The names of the processes that have not ended."""
        return {name for name, process in self._running.items() if process.poll() is None}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End a process and everything it started, without asking unless `number` says so."""
        process = self._running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait(20)

    def log(self, name: str) -> str:
        """What a process has written so far."""
        file = self.folder / f"{name}.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def stop(self) -> None:
        """End everything and forget the folder."""
        for name in list(self._running):
            self.kill(name, signal.SIGTERM if name == "tool" else signal.SIGKILL)
        self.database.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    def student(self) -> Student:
        """A fresh browser at the practice LMS."""
        return Student(self.lms)

    def control(self, path: str, **values: Any) -> Any:
        """Ask the practice LMS to misbehave, or what it has seen."""
        address = f"{self.lms}/controls/{path}"
        answer = requests.post(address, json=values, timeout=10) if values else requests.get(address, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def running_stack(folder: Path, *names: str, **environment: str) -> Iterator[Stack]:
    """A registered stack with the named processes running."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(folder, **environment)
    try:
        stack.register()
        stack.start(*names)
        yield stack
    finally:
        stack.stop()
