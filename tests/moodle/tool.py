"""The tool that the flows use: this checkout's, with data of its own, started here so that nothing real is touched."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.moodle.settings import Settings
from tests.support.stack import Stack


class Tool(Stack):
    """Web, worker and beat behind the address that Moodle knows."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        proxies = "0" if settings.tool_is_local else "1"
        super().__init__(folder, COURSEWRIGHT_BASE_URL=settings.tool, COURSEWRIGHT_TRUSTED_PROXIES=proxies)
        self.address = settings.tool
        self.tool_port, self.tool = settings.port, f"http://127.0.0.1:{settings.port}"

    def cli(self, *arguments: str) -> str:
        """What a command of ours prints; fails with its words when it does not end well."""
        done = subprocess.run(
            [sys.executable, "-m", "lti_tool.cli", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def restart(self, **changes: str) -> None:
        """Start everything anew with other settings; the data stay."""
        self.environment |= changes
        for name in ("tool", "worker", "beat"):
            self.kill(name, signal.SIGTERM if name == "tool" else signal.SIGKILL)
        self.start("tool", "worker", "beat")

    def invitation(self, *options: str) -> str:
        """A fresh address for Moodle to register itself at."""
        printed = self.cli("platforms", "invite", "--name", "Moodle under test", *options)
        return next(line.strip() for line in printed.splitlines() if "invitation=" in line)


@contextmanager
def running_tool(folder: Path, settings: Settings) -> Iterator[Tool]:
    """Everything of the tool at work, with an empty database."""
    tool = Tool(folder, settings)
    try:
        tool.start("tool", "worker", "beat")
        yield tool
    finally:
        tool.stop()
