"""How many replies one web process writes and shows at once, token by token.

    python -m benchmarks.open_streams [--students 300] [--rate 20] [--words 118] [--parts 8] [--turns 1]

Starts a model service that stamps its tokens, one web process as `coursewright serve` runs it, PostgreSQL, and a
process of students who each say something, follow the reply, and go on at once. A reply has at most 120 words, so for
streams to last its words have many tokens. Limits: at 20 tokens a second in each of 300 streams, a token is at most
100 ms older when it arrives than it had to be (95% of them), all streams are open at once, and no turn is lost: each
reply is whole in the database.
"""

import argparse
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from benchmarks.measuring import Figure, cpu_seconds, report, resident_megabytes
from config import clock
from config.database import Database
from course.attempts import start_attempt
from course.conversations import DONE, MODEL, PARTNER, begin_conversation
from course.models import Placement, Turn
from lti_tool.cli.processes import free_port
from lti_tool.migrating import upgrade
from lti_tool.sessions import Occupant, open_session
from lti_tool.web.cookies import SESSION
from tests.support.factory import make_person, make_registration
from tests.support.labs import LABS
from tests.support.servers import postgres_server

SECRET = "a secret of the benchmark, long enough to be one"
LAB = LABS[0]
LIMIT_MS = 100


def main() -> int:
    """Measure and report; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.open_streams")
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20.0, help="tokens a second in each stream")
    parser.add_argument("--words", type=int, default=118, help="of each reply, at most 119")
    parser.add_argument("--parts", type=int, default=8, help="tokens of each word, 2 or more")
    parser.add_argument("--turns", type=int, default=1, help="of each student, at most 8")
    given = parser.parse_args()
    with postgres_server() as address, tempfile.TemporaryDirectory() as folder:
        database = Database(address)
        upgrade(database.engine)
        service = [
            "benchmarks.stamping_service",
            "--words",
            str(given.words),
            "--parts",
            str(given.parts),
            "--rate",
            str(given.rate),
        ]
        with _process(service) as (model, model_pid), _web(address, model, Path(folder)) as (port, pid):
            seconds, before = given.parts * given.words / given.rate, (cpu_seconds(pid), cpu_seconds(model_pid))
            jobs = _jobs(database, port, given.students, given.turns, seconds)
            begun = time.monotonic()
            students = subprocess.run(
                [sys.executable, "-m", "benchmarks.students"],
                input=json.dumps(jobs), capture_output=True, text=True, check=True,
            )  # fmt: skip
            took = time.monotonic() - begun
            cpu, model_cpu = cpu_seconds(pid) - before[0], cpu_seconds(model_pid) - before[1]
            megabytes = resident_megabytes(pid)
        seen = json.loads(students.stdout)
        with database.reading() as session:
            replies = session.scalars(select(Turn).where(Turn.role == PARTNER, Turn.number > 1)).all()
            owed = session.scalar(select(func.count()).where(Turn.role == "student"))
        database.dispose()
    whole = sum(turn.status == DONE and len(turn.text.split()) == given.words for turn in replies)
    expected = given.students * given.turns
    return report(
        [
            Figure(
                "added delay of a word's first token, 95th percentile", seen["delays"]["0.95"] * 1000, LIMIT_MS, "ms"
            ),
            Figure("most streams open at once", seen["most_open"], given.students, "streams", at_least=True),
            Figure("turns lost", expected - whole, 0, "turns"),
        ],
        median_ms=round(seen["delays"]["0.5"] * 1000, 1),
        p99_ms=round(seen["delays"]["0.99"] * 1000, 1),
        words=seen["words"],
        frames=seen["frames"],
        turns_said=owed,
        cores={
            "web": round(cpu / took, 2),
            "model service": round(model_cpu / took, 2),
            "students": round(seen["cpu"] / took, 2),
        },
        web_cpu_ms_per_1000_tokens=round(cpu / (expected * given.words * given.parts) * 1e6, 1),
        web_megabytes=round(megabytes),
        load_average=os.getloadavg()[0],
        **{name: vars(given)[name] for name in ("students", "rate")},
    )


def _jobs(database: Database, port: int, students: int, turns: int, seconds: float) -> list[dict[str, Any]]:
    """A seated learner with an open attempt for each student; they begin within one reply's time."""
    jobs = []
    with database.transaction() as session:
        now = clock.now()
        placement = Placement(course_id="deep-learning", item_id=LAB.id, context_key="context-1", created_at=now)
        session.add(placement)
        platform = make_registration(session)
        for number in range(students):
            learner = make_person(session, platform.id).learner
            attempt = start_attempt(session, placement, learner.id, LAB, is_preview=False)
            begin_conversation(session, attempt, LAB, MODEL)
            token = open_session(session, Occupant(placement.id, learner.id, "learner", None, "en"), cookie_token=None)
            message = f"csrf|{placement.key}|{learner.key}".encode()
            jobs.append(
                {
                    "port": port,
                    "path": f"/in/{placement.key}/{learner.key}/labs/{attempt.key}",
                    "cookie": f"{SESSION}={token}",
                    "csrf": hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest(),
                    "turns": turns,
                    "after": seconds * number / students,
                }
            )
    return jobs


@contextmanager
def _process(arguments: list[str]) -> Iterator[tuple[str, int]]:
    """A module as a process of its own, ended with the block; yields the first line it prints, and its id."""
    with subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


@contextmanager
def _web(database: str, model: str, folder: Path) -> Iterator[tuple[int, int]]:
    """One web process; yields its port and the id of the process that does the work."""
    port = free_port(0)
    environment = {
        "COURSEWRIGHT_DATA_DIR": str(folder / "data"),
        "COURSEWRIGHT_DATABASE_URL": database,
        "COURSEWRIGHT_SECRET_KEY": SECRET,
        "COURSEWRIGHT_BUDGET_CONTEXT": "100000",
        "COURSEWRIGHT_BUDGET_MONTH": "100000",
        "ANTHROPIC_API_KEY": "benchmark",
        "ANTHROPIC_BASE_URL": model,
    }
    with (
        (folder / "web.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "lti_tool.cli", "serve", "--port", str(port)],
            env={**os.environ, **environment}, stdout=log, stderr=log,
        ) as process,
    ):  # fmt: skip
        try:
            yield port, _worker_of(process.pid, port)
        finally:
            process.terminate()


def _worker_of(parent: int, port: int) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).ok:
                children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
                return int(children[0])
        except requests.RequestException:
            time.sleep(0.2)
    raise RuntimeError("the web process did not start")


if __name__ == "__main__":
    raise SystemExit(main())
