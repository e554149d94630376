"""The practice LMS as a process of its own, as the CLI starts it."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.processes

START_SECONDS = 30


@contextmanager
def running(port: int, data_dir: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    arguments = ["--port", str(port), "--data-dir", str(data_dir), "--tool-url", "http://localhost:9", "--controls"]
    with subprocess.Popen(
        [sys.executable, "-m", "lti_tool.practice_lms", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_up(url, process)
            yield url, process
        finally:
            process.kill()


def wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the practice LMS ended at its start"
        try:
            if requests.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the practice LMS did not come up")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_answers_and_stops_cleanly(port: int, tmp_path: Path, stop: signal.Signals) -> None:
    with running(port, tmp_path) as (url, process):
        told = requests.get(f"{url}/practice.json", timeout=5).json()
        assert told["issuer"] == url
        process.send_signal(stop)
        output, _ = process.communicate(timeout=15)
        assert process.returncode == 0
        assert b"Traceback" not in output
        assert b"GET /" not in output


def test_a_second_run_has_the_same_key(port: int, tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with running(port, tmp_path) as (url, process):
            seen.append(requests.get(f"{url}/lti/certs", timeout=5).json())
            process.terminate()
            process.wait(timeout=15)
    assert seen[0] == seen[1]


def test_away_can_cut_the_connection(port: int, tmp_path: Path) -> None:
    with running(port, tmp_path) as (url, process):
        requests.post(f"{url}/controls/away", json={"how": "close"}, timeout=5).raise_for_status()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/lti/certs", timeout=5)
        requests.post(f"{url}/controls/away", json={"away": False}, timeout=5).raise_for_status()
        assert requests.get(f"{url}/lti/certs", timeout=5).status_code == 200
        process.terminate()
        output, _ = process.communicate(timeout=15)
        assert b"Traceback" not in output
