"""How many model calls one process of threads holds in flight, each with its rows in the ledger.

    python -m benchmarks.model_calls [--in-flight 300] [--latency 8] [--seconds 60] [--sqlite]

Starts a model service of the given latency and a process with as many threads as calls, which call it without a pause
through the ledger, on PostgreSQL unless --sqlite. Limits: at least 90% of calls ÷ latency in the steady state, at most
600 MB, and nothing lost: every call settled, nothing left reserved.
"""

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import requests
from sqlalchemy import func, select

from benchmarks.measuring import Figure, migrated_database, model_service, report, resident_megabytes
from config.database import Database
from course.language_model.ledger import OPEN, SETTLED
from course.language_model.models import ModelCall, ModelSpend


def main() -> int:
    """Measure and report; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_calls")
    parser.add_argument("--in-flight", type=int, default=300)
    parser.add_argument("--latency", type=float, default=8.0)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the steady state that is measured")
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    with migrated_database(sqlite=given.sqlite) as address, model_service("--latency", str(given.latency)) as url:
        measured = _measure(address, url, given.in_flight, given.latency, given.seconds)
        database = Database(address)
        with database.reading() as session:
            states = dict(session.execute(select(ModelCall.state, func.count()).group_by(ModelCall.state)).all())
            reserved = session.scalar(select(func.sum(ModelSpend.reserved))) or 0
        database.dispose()
    unsettled = sum(states.values()) - states.get(SETTLED, 0)
    return report(
        [
            Figure("calls a second ÷ (calls in flight ÷ latency)", measured["share"], 0.90, "", at_least=True),
            Figure("most calls in flight", measured["most_in_flight"], given.in_flight, "calls", at_least=True),
            Figure("memory of the calling process", measured["megabytes"], 600, "MB"),
            Figure("calls that are not settled", unsettled, 0, "calls"),
            Figure("left reserved", reserved, 0, "µ$"),
        ],
        database="sqlite" if given.sqlite else "postgresql",
        in_flight=given.in_flight,
        latency_s=given.latency,
        measured_s=round(measured["seconds"], 1),
        calls=sum(states.values()),
        still_open=states.get(OPEN, 0),
    )


def _measure(address: str, url: str, in_flight: int, latency: float, seconds: float) -> dict[str, Any]:
    job = {"database": address, "service": url, "threads": in_flight, "latency": latency}
    caller = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.calling_process", json.dumps(job)], stdin=subprocess.PIPE, text=True
    )
    try:
        time.sleep(max(3 * latency, 10.0))  # until calls come and go evenly
        begun, before = time.monotonic(), _answered(url)
        time.sleep(seconds)
        after, ended = _answered(url), time.monotonic()
        megabytes = resident_megabytes(caller.pid)
        state = requests.get(f"{url}/service/state", timeout=10).json()
        caller.communicate("", timeout=60)  # the end of its input: no further calls, wait for those under way
    finally:
        caller.kill()
    rate = (after - before) / (ended - begun)
    return {
        "share": rate / (in_flight / latency),
        "most_in_flight": state["most_in_flight"],
        "megabytes": megabytes,
        "seconds": ended - begun,
    }


def _answered(url: str) -> int:
    return int(requests.get(f"{url}/service/state", timeout=10).json()["answered"].get("200", 0))


if __name__ == "__main__":
    raise SystemExit(main())
