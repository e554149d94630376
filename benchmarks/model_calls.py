"""How many model calls one worker process holds in flight while it grades labs, every row and the ledger written.

    python -m benchmarks.model_calls [--in-flight 300] [--latency 8] [--seconds 60] [--sqlite]

Starts a model service of the given latency, PostgreSQL (unless --sqlite) and the Celery worker that `coursewright
worker` runs, and sends it more handed-in labs than it can judge in the time, each by the task that handing in sends.
Limits: at least 90% of calls ÷ latency in the steady state, all calls in flight, at most 600 MB; and when all is
judged, nothing lost: every submission ended, every call settled, nothing left reserved.
"""

import argparse
import math
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from benchmarks.measuring import Figure, cpu_seconds, migrated_database, model_service, report, resident_megabytes
from config.database import Database
from config.settings import from_environment
from config.task_queue import GRADE_ATTEMPTS, make_celery
from course.language_model.ledger import SETTLED
from course.language_model.models import ModelCall, ModelSpend
from grading.assessments import WAITING
from grading.models import CriterionReading, Outcome, RubricAssessment
from lti_tool.cli.processes import worker_command
from tests.grading.lab_class import GOOD, LabClass

CALLS = 20  # of a submission by the service's fixed rule: five criteria, four readings each
DRAIN_SECONDS = 180.0


def main() -> int:
    """Measure and report; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_calls")
    parser.add_argument("--in-flight", type=int, default=300)
    parser.add_argument("--latency", type=float, default=8.0)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the steady state that is measured")
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    with (
        migrated_database(sqlite=given.sqlite) as address,
        model_service("--adversarial", "--latency", str(given.latency)) as url,
        tempfile.TemporaryDirectory(prefix="coursewright-benchmark-") as folder,
    ):
        database = Database(address)
        warm_up = max(3 * given.latency, 10.0)  # until calls come and go evenly
        calls = given.in_flight * (4 + (warm_up + given.seconds) / given.latency)
        labs = LabClass(database, None)
        attempt_ids = [labs.hand_in(*GOOD, sub=f"student-{n}") for n in range(math.ceil(calls / CALLS))]
        environment = {
            "COURSEWRIGHT_DATABASE_URL": address,
            "COURSEWRIGHT_DATA_DIR": folder,
            "COURSEWRIGHT_MODEL_CALLS": str(given.in_flight),
            "COURSEWRIGHT_BUDGET_CONTEXT": "100000",
            "COURSEWRIGHT_BUDGET_MONTH": "100000",
            "ANTHROPIC_API_KEY": "benchmark",
            "ANTHROPIC_BASE_URL": url,
        }
        with _worker(environment, Path(folder)) as pid:
            _hand_over(environment, attempt_ids)
            measured = _measure(database, pid, url, warm_up, given.seconds)
            _await_the_end(database)
        counts = _counts(database)
        database.dispose()
    share = measured["rate"] / (given.in_flight / given.latency)
    return report(
        [
            Figure("calls a second ÷ (calls in flight ÷ latency)", share, 0.90, "", at_least=True),
            Figure("most calls in flight", measured["most_in_flight"], given.in_flight, "calls", at_least=True),
            Figure("memory of the worker process", measured["megabytes"], 600, "MB"),
            Figure("submissions still waiting at the end of it", measured["waiting"], 1, "labs", at_least=True),
            Figure("submissions not ended at last", counts["waiting"], 0, "labs"),
            Figure("calls that are not settled", counts["calls"] - counts["settled"], 0, "calls"),
            Figure("left reserved", counts["reserved"], 0, "µ$"),
        ],
        database="sqlite" if given.sqlite else "postgresql",
        in_flight=given.in_flight,
        latency_s=given.latency,
        measured_s=round(measured["seconds"], 1),
        labs=len(attempt_ids),
        worker_cores=measured["cores"],
        load_average=os.getloadavg()[0],
        **{name: counts[name] for name in ("calls", "readings", "outcomes", "for_a_person")},
    )


def _hand_over(environment: dict[str, str], attempt_ids: list[int]) -> None:
    """Tell the worker of each submission, as handing in does."""
    celery = make_celery(from_environment(environment))
    for attempt_id in attempt_ids:
        celery.send_task(GRADE_ATTEMPTS.name, args=([attempt_id],), queue=GRADE_ATTEMPTS.queue)


def _measure(database: Database, pid: int, url: str, warm_up: float, seconds: float) -> dict[str, Any]:
    while not _state(url)["in_flight"]:
        time.sleep(0.2)
    time.sleep(warm_up)
    begun, before, cpu = time.monotonic(), _answered(url), cpu_seconds(pid)
    time.sleep(seconds)
    after, ended = _answered(url), time.monotonic()
    return {
        "rate": (after - before) / (ended - begun),
        "seconds": ended - begun,
        "cores": round((cpu_seconds(pid) - cpu) / (ended - begun), 2),
        "megabytes": resident_megabytes(pid),
        "most_in_flight": _state(url)["most_in_flight"],
        "waiting": _waiting(database),
    }


def _state(url: str) -> dict[str, Any]:
    state: dict[str, Any] = requests.get(f"{url}/service/state", timeout=10).json()
    return state


def _answered(url: str) -> int:
    return int(_state(url)["answered"].get("200", 0))


def _waiting(database: Database) -> int:
    with database.reading() as session:
        query = select(func.count()).select_from(RubricAssessment).where(RubricAssessment.state == WAITING)
        return session.scalar(query) or 0


def _await_the_end(database: Database) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while _waiting(database) and time.monotonic() < deadline:
        time.sleep(1)


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as session:

        def count(what: Any, *where: Any) -> int:
            return session.scalar(select(func.count()).select_from(what).where(*where)) or 0

        return {
            "calls": count(ModelCall),
            "settled": count(ModelCall, ModelCall.state == SETTLED),
            "reserved": session.scalar(select(func.sum(ModelSpend.reserved))) or 0,
            "readings": count(CriterionReading),
            "outcomes": count(Outcome),
            "for_a_person": count(RubricAssessment, RubricAssessment.state == "person"),
            "waiting": count(RubricAssessment, RubricAssessment.state == WAITING),
        }


@contextmanager
def _worker(environment: dict[str, str], folder: Path) -> Iterator[int]:
    """The worker that `coursewright worker` becomes; yields its process id."""
    with (
        (folder / "worker.log").open("wb") as log,
        subprocess.Popen(worker_command(), env={**os.environ, **environment}, stdout=log, stderr=log) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    raise SystemExit(main())
