"""Child processes kept running together: started, watched, restarted when they die, stopped with their parent."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.task_queue import QUEUES

GRACE_SECONDS = 8.0
RESTART_SECONDS = 1.0
WORKER_THREADS = 16


_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """We were told to end. Not an `Exception`: nothing but the one who stops the children may take it for a fault."""


class PortTaken(Exception):
    """A port that was asked for is in use."""


def free_port(wanted: int, host: str = "127.0.0.1", *, exactly: bool = False, tries: int = 50) -> int:
    """`wanted` if it is free, else the next one that is; 0 asks for any. Raises `PortTaken` if it must be `wanted`."""
    for port in range(wanted, wanted + (1 if exactly or not wanted else tries)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        if not _answers_on_ipv6(found):  # a browser that asks for `localhost` may try ::1 first
            return found
    raise PortTaken(f"Port {wanted} is in use. Stop what uses it, or name another port.")


def _answers_on_ipv6(port: int) -> bool:
    try:
        socket.create_connection(("::1", port), timeout=1).close()
    except OSError:
        return False
    return True


def worker_command(threads: int = WORKER_THREADS) -> list[str]:
    """A Celery worker for all queues. Threads: the work waits for other machines, it does not compute. Labs are judged
    on threads of their own (`lti_tool/lab_grading.py`), so that they hold up no delivery."""
    # fmt: off
    return [
        sys.executable, "-m", "celery", "--app", "workers.app", "--quiet", "worker", "--pool", "threads",
        "--concurrency", str(threads), "--queues", ",".join(QUEUES), "--loglevel", "INFO",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]
    # fmt: on


def beat_command(data_dir: Path) -> list[str]:
    """Celery's clock, which asks for the sweeps. One per installation."""
    # fmt: off
    return [
        sys.executable, "-m", "celery", "--app", "workers.app", "--quiet", "beat", "--loglevel", "WARNING",
        "--schedule", str(data_dir / "beat-schedule"), "--pidfile=",
    ]
    # fmt: on


@dataclass(slots=True)
class Child:
    """A process to keep running: its name, its command, where its output goes (None: where ours goes)."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    log_file: Path | None = None
    process: subprocess.Popen[bytes] | None = None


class Supervisor:
    """Keeps children running until told to stop. One that dies is started again; its work waits in the database."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self._children = list(children)
        self._say = say
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start all children."""
        for child in self._children:
            self._start(child)

    def _start(self, child: Child) -> None:
        if child.log_file:
            child.log_file.parent.mkdir(parents=True, exist_ok=True)
        output = child.log_file.open("ab") if child.log_file else None
        try:
            child.process = subprocess.Popen(
                child.command,
                env={**os.environ, **child.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,  # a Ctrl-C in the terminal reaches us alone; we stop them in order
            )
        finally:
            if output:
                output.close()

    def dead(self) -> list[str]:
        """The names of children that are not running."""
        return [child.name for child in self._children if child.process is None or child.process.poll() is not None]

    def watch(self) -> None:
        """Until told to stop, start again whatever dies."""
        while not self._stopping.wait(0.5):
            for child in self._children:
                if child.process is not None and child.process.poll() is not None:
                    self._say(f"{child.name} ended (code {child.process.returncode}); starting it again.")
                    if self._stopping.wait(RESTART_SECONDS):
                        return
                    self._start(child)

    def stop_on_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal end whatever the main thread is at, with `Stopped`."""

        def stop(*_: object) -> None:
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave children behind
            raise Stopped

        for number in _ENDINGS:
            signal.signal(number, stop)

    def stop(self) -> None:
        """End all children: asked first, made to after `GRACE_SECONDS`."""
        self._stopping.set()
        for child in reversed(self._children):
            self._signal(child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._signal(child, signal.SIGKILL)
                child.process.wait()

    @staticmethod
    def _signal(child: Child, number: signal.Signals) -> None:
        if child.process is not None and child.process.poll() is None:
            try:
                os.killpg(child.process.pid, number)
            except ProcessLookupError:
                return
