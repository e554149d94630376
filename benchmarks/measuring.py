"""Figures beside their limits, and processes to measure."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.database import Database
from lti_tool.migrating import upgrade
from tests.support.servers import postgres_server


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and its limit. `at_least`: the value must reach the limit; else it must stay under it."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "of at least" if self.at_least else "of at most"
        verdict = "holds" if self.holds else "FAILS"
        ratio = self.value / self.limit if self.limit else float(self.value > 0)
        return f"{self.name:42} {self.value:10.2f} {sign} {self.limit:g} {self.unit:8} ratio {ratio:5.2f}  {verdict}"


def report(figures: Sequence[Figure], **setting: Any) -> int:
    """Print what was measured and under which circumstances; returns the exit status, 0 if all limits are kept."""
    sys.stdout.write(f"{json.dumps(setting)}\n")
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    return 0 if all(figure.holds for figure in figures) else 1


def resident_megabytes(pid: int) -> float:
    """How much memory a process holds now (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no VmRSS")


def cpu_seconds(pid: int) -> float:
    """How much processor time a process has had (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def model_service(*options: str) -> Iterator[str]:
    """A model service of its own, ended with the block; yields its address."""
    command = [sys.executable, "-m", "lti_tool.model_service", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def migrated_database(*, sqlite: bool = False) -> Iterator[str]:
    """An empty database with our tables, gone with the block: of a PostgreSQL server of its own, or a file. Yields its
    address."""
    with tempfile.TemporaryDirectory(prefix="coursewright-benchmark-") as folder, ExitStack() as servers:
        file = Path(folder) / "coursewright.sqlite"
        address = f"sqlite:///{file}" if sqlite else servers.enter_context(postgres_server())
        database = Database(address)
        upgrade(database.engine)
        database.dispose()
        yield address
