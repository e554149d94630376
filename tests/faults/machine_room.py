"""Everything that runs in an installation, as processes that are killed and started again as a supervisor would."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import redis
import requests

from lti_tool.cli.processes import free_port, worker_command
from tests.faults.course import write_course
from tests.faults.gate import Gate
from tests.faults.postgres import Postgres
from tests.support.servers import redis_executable
from tests.support.stack import Stack, wait_until

POSTGRES, REDIS, MODEL, TOOL, BEAT = "postgres", "redis", "model", "tool", "beat"
WORKERS = ("worker-1", "worker-2")
VICTIMS = (*WORKERS, BEAT, TOOL, POSTGRES, REDIS, MODEL)
MODEL_LATENCY = 0.2  # seconds: long enough that a call can be cut in its middle
REVIVED_AFTER = 0.3
FIRST_STUDENT, STUDENTS = 1001, 150


class MachineRoom(Stack):
    """Starts and kills processes by name. `fallen` counts those that ended by themselves, with how."""

    def __init__(self, folder: Path, gate: Gate) -> None:
        self.gate = gate
        self.postgres = Postgres()
        self.postgres.start()
        self.postgres.await_answer()
        self.redis_port, self.model_port = free_port(0), free_port(0)
        self.fallen: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._wanted: set[str] = set()
        self._down_since: dict[str, float] = {}
        course = write_course(folder / "course")
        super().__init__(
            folder,
            COURSEWRIGHT_COURSES=str(course),
            COURSEWRIGHT_DATABASE_URL=self.postgres.url,
            COURSEWRIGHT_BROKER_URL=f"redis://127.0.0.1:{self.redis_port}/0",
            COURSEWRIGHT_RATE_LIMITS="off",
            ANTHROPIC_API_KEY="a-key-of-the-tests",
            ANTHROPIC_BASE_URL=f"http://127.0.0.1:{self.model_port}",
            PYTHONDONTWRITEBYTECODE="",  # each process is started many times
        )
        self.register()

    def command(self, name: str) -> list[str]:
        """The command of `Stack`, with its named points watched where it is one of ours."""
        python, module = [sys.executable, "-m"], "lti_tool.cli"
        if name == REDIS:
            return [str(redis_executable()), "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
        if name == MODEL:
            return [*python, module, "model-service", "--port", str(self.model_port), "--latency", str(MODEL_LATENCY)]
        watched = [*python, "tests.faults.under_test", name, str(self.gate.port)]
        if name in WORKERS:
            return [*watched, *worker_command()[2:], "--hostname", f"{name}@%h"]
        return super().command(name) if name == "lms" else [*watched, *super().command(name)[2:]]

    def open_up(self) -> None:
        """Start everything, and put the students into the practice LMS."""
        self.start("lms")
        self._enrol()
        self._wanted = set(VICTIMS)
        for name in VICTIMS:
            if name != POSTGRES:
                self._start(name)
        for name in VICTIMS:
            wait_until(f"{name} works", lambda name=name: self.is_working(name), 120)

    def _enrol(self) -> None:
        file = self.folder / "practice-lms" / "practice-lms.sqlite3"
        with sqlite3.connect(file, timeout=10) as db:
            for number in range(FIRST_STUDENT, FIRST_STUDENT + STUDENTS):
                person = (str(number), "Student", str(number), f"{number}@example.org", number)
                db.execute("INSERT INTO person VALUES (?, ?, ?, ?, 'student', ?)", person)
        db.close()

    def is_working(self, name: str) -> bool:
        """Whether it has done something since it was last started, so that a kill interrupts work."""
        with self._lock:
            if name in self._down_since:
                return False
        if name == POSTGRES:
            return self.postgres.is_running and self.postgres.answers()
        if name == REDIS:
            return self._redis_answers()
        if name in {TOOL, MODEL}:
            address = f"{self.tool}/healthz" if name == TOOL else f"http://127.0.0.1:{self.model_port}/service/state"
            with suppress(requests.RequestException):
                return requests.get(address, timeout=2).ok
            return False
        return self.gate.heard_from[name] > 0

    def _redis_answers(self) -> bool:
        client = redis.Redis(port=self.redis_port, socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill a process and all that belongs to it, if it runs."""
        with self._lock:
            if name == POSTGRES:
                self.postgres.kill()
            elif name in self._running:
                super().kill(name, number)
            self.gate.forget(name)
            if name in self._wanted:
                self._down_since.setdefault(name, time.monotonic())

    def revive(self) -> None:
        """Start what has been down for a moment, and note what ended by itself."""
        with self._lock:
            for name in self._wanted:
                if name not in self._down_since and not self._is_up(name):
                    self.fallen[name] += 1
                    self.kill(name)
            for name, since in list(self._down_since.items()):
                if time.monotonic() - since >= REVIVED_AFTER:
                    del self._down_since[name]
                    if name == POSTGRES:
                        self.postgres.start()
                    else:
                        self._start(name)

    def _is_up(self, name: str) -> bool:
        if name == POSTGRES:
            return self.postgres.is_running
        process: subprocess.Popen[bytes] | None = self._running.get(name)
        return process is not None and process.poll() is None

    def gradebook(self) -> dict[tuple[str, str], float]:
        """What the practice LMS holds: (user, lab) → points."""
        rows = requests.get(f"{self.lms}/gradebook.json", timeout=30).json()
        held = {(row["user_id"], row["resource_id"]): row["result_score"] for row in rows}
        return {cell: points for cell, points in held.items() if points is not None}

    def stop(self) -> None:
        """End everything and forget it."""
        self._wanted = set()
        super().stop()
        self.postgres.remove()
