"""A folder in which the processes of one `serve` count together; the Prometheus client is told of it by a variable of
its own, which children inherit."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config import metrics

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def counting_together(data_dir: Path) -> Iterator[None]:
    """For processes that are started in the block: a folder below `data_dir`, empty now and gone afterwards, unless
    whoever started us has named one."""
    if is_counted_together():
        Path(os.environ[VARIABLE]).mkdir(parents=True, exist_ok=True)
        forget_dead_processes()
        metrics.count_in_files()
        yield
        return
    data_dir.mkdir(parents=True, exist_ok=True)
    made = tempfile.mkdtemp(prefix="metrics-", dir=data_dir)
    maker = os.getpid()
    os.environ[VARIABLE] = made
    metrics.count_in_files()
    try:
        yield
    finally:
        if os.getpid() == maker:  # children that were forked off in the block end here too
            shutil.rmtree(made, ignore_errors=True)


def is_counted_together() -> bool:
    """Whether whoever started us has named a folder."""
    return bool(os.environ.get(VARIABLE))


def forget_dead_processes() -> None:
    """Forget what processes had open that are no more. What they counted stays."""
    if not is_counted_together():
        return
    for file in Path(os.environ[VARIABLE]).glob("gauge_live*_*.db"):
        if not _is_alive(file.stem.rpartition("_")[2]):
            with suppress(OSError):
                file.unlink()


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
