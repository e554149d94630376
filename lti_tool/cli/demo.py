"""`coursewright demo`: the tool, its worker and beat, and a practice LMS, in one terminal on one machine."""

import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import requests

from config import settings as config_settings
from config.settings import Settings
from course.catalog import Catalog
from course.errors import ContentError
from lti_tool import registrations
from lti_tool.admin import accounts, audit
from lti_tool.cli.demo_activities import activities_of
from lti_tool.cli.demo_student import StudentFailed, earn_a_grade, open_each_activity
from lti_tool.cli.environment import open_database
from lti_tool.cli.processes import Child, PortTaken, Stopped, Supervisor, beat_command, free_port, worker_command
from lti_tool.migrating import upgrade

TOOL_PORT, LMS_PORT = 5000, 5080
ADMIN = "demo"
PERSONALITIES = ("plain", "moodle", "canvas")
START_SECONDS = 60.0
OURS_IN_DATA_DIR = (
    "coursewright.sqlite*", "secret-key", "beat-schedule*", "broker", "metrics-*", "practice-lms*", "logs",
)  # fmt: skip


class DemoFailed(Exception):
    """The demo could not be brought up, or its check did not end well; the text says why."""


@dataclass(frozen=True, slots=True)
class _Addresses:
    tool_port: int
    lms_port: int

    @property
    def tool(self) -> str:
        return f"http://localhost:{self.tool_port}"

    @property
    def lms(self) -> str:
        # Another host name than the tool's: to the browser the two are different sites, as in real life.
        return f"http://127.0.0.1:{self.lms_port}"


@click.command()
@click.option("--check", is_flag=True, help="No person needed: a student earns a grade, it is awaited, all is stopped.")
@click.option("--reset", is_flag=True, help="Forget all data of earlier demos first.")
@click.option(
    "--tool-port", type=click.IntRange(1, 65535), help=f"Port of the tool [default: {TOOL_PORT} or next free]."
)
@click.option("--lms-port", type=click.IntRange(1, 65535), help=f"Port of the LMS [default: {LMS_PORT} or next free].")
@click.option(
    "--lms", type=click.Choice(PERSONALITIES), default="plain", help="Whose ways the practice LMS has [default: plain]."
)
def demo(check: bool, reset: bool, tool_port: int | None, lms_port: int | None, lms: str) -> None:
    """Start the tool and a practice LMS to try it in. Ctrl-C stops everything; the data stays."""
    try:
        if check:
            _run_check(tool_port, lms_port, lms)
        else:
            _run_demo(reset, tool_port, lms_port, lms)
    except (DemoFailed, StudentFailed, PortTaken, ContentError, config_settings.SettingsInvalid) as failure:
        click.echo(f"The demo failed: {failure}", err=True)
        raise SystemExit(1) from failure


def _run_demo(reset: bool, tool_port: int | None, lms_port: int | None, personality: str) -> None:
    data_dir = Path(os.environ.get("COURSEWRIGHT_DATA_DIR", "var")).expanduser().resolve()
    if reset:
        _reset(data_dir)
    addresses = _Addresses(
        free_port(tool_port or TOOL_PORT, exactly=tool_port is not None),
        free_port(lms_port or LMS_PORT, exactly=lms_port is not None),
    )
    supervisor = _prepare(data_dir, addresses, personality)
    supervisor.stop_on_signals()
    try:
        supervisor.start()
        _wait_until_up(supervisor, addresses, data_dir)
        _register(data_dir, addresses)
        open_each_activity(addresses.lms, Catalog(_settings(data_dir, addresses).courses).default)
        click.echo(_welcome(addresses, data_dir, _make_admin(data_dir, addresses)))
        supervisor.watch()
    except Stopped:
        pass
    finally:
        supervisor.stop()  # before anything that may fail, such as a word to a terminal that is gone
    click.echo("Stopped. The data is kept; `make demo` goes on with it.")


def _run_check(tool_port: int | None, lms_port: int | None, personality: str) -> None:
    addresses = _Addresses(
        free_port(tool_port or 0, exactly=tool_port is not None),
        free_port(lms_port or 0, exactly=lms_port is not None),
    )
    data_dir = Path(tempfile.mkdtemp(prefix="coursewright-check-"))
    supervisor = _prepare(data_dir, addresses, personality)
    supervisor.stop_on_signals()
    try:
        supervisor.start()
        _wait_until_up(supervisor, addresses, data_dir)
        _register(data_dir, addresses)
        click.echo(f"The tool answers at {addresses.tool}, the practice LMS at {addresses.lms}.")
        row, seconds = earn_a_grade(addresses.lms, Catalog(_settings(data_dir, addresses).courses).default, click.echo)
    except Stopped:
        raise DemoFailed("it was interrupted.") from None
    except BaseException:
        _show_logs(data_dir)
        raise
    finally:
        supervisor.stop()
        shutil.rmtree(data_dir, ignore_errors=True)
    click.echo(
        f"{row['name']} | {row['label']} | {row['result_score']:g} of {row['result_maximum']:g} "
        f"| in the gradebook after {seconds:.1f} s"
    )


def _reset(data_dir: Path) -> None:
    # Only what a demo makes: the folder may be one that holds other things too.
    for path in (path for pattern in OURS_IN_DATA_DIR for path in data_dir.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _environment(data_dir: Path, addresses: _Addresses) -> dict[str, str]:
    return {
        "COURSEWRIGHT_ENV": "development",
        "COURSEWRIGHT_BASE_URL": addresses.tool,
        "COURSEWRIGHT_DATA_DIR": str(data_dir),
        "COURSEWRIGHT_DATABASE_URL": f"sqlite:///{data_dir / 'coursewright.sqlite'}",
        "COURSEWRIGHT_BROKER_URL": "filesystem://",
        "COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS": "on",
    }


def _settings(data_dir: Path, addresses: _Addresses) -> Settings:
    return config_settings.from_environment({**os.environ, **_environment(data_dir, addresses)})


def _prepare(data_dir: Path, addresses: _Addresses, personality: str) -> Supervisor:
    """Database and activities in place; nothing runs yet."""
    settings = _settings(data_dir, addresses)
    database = open_database(settings)
    upgrade(database.engine)  # data of an older version goes on working
    database.dispose()
    # A course for each personality: ids given under one would be nonsense under another.
    lms_dir = data_dir / ("practice-lms" if personality == "plain" else f"practice-lms-{personality}")
    lms_dir.mkdir(parents=True, exist_ok=True)
    activities = lms_dir / "activities.json"
    entries = activities_of(Catalog(settings.courses).default, addresses.tool)
    activities.write_text(json.dumps(entries, indent=2), encoding="utf-8")
    environment, logs = _environment(data_dir, addresses), data_dir / "logs"
    # fmt: off
    lms = [
        sys.executable, "-m", "lti_tool.practice_lms", "--port", str(addresses.lms_port), "--data-dir", str(lms_dir),
        "--tool-url", addresses.tool, "--activities", str(activities), "--personality", personality,
    ]
    web = [sys.executable, "-m", "lti_tool.cli", "serve", "--port", str(addresses.tool_port)]
    # fmt: on
    return Supervisor(
        [
            Child("the tool", web, environment, logs / "web.log"),
            Child("the worker", worker_command(settings.worker_threads), environment, logs / "worker.log"),
            Child("the clock", beat_command(data_dir), environment, logs / "beat.log"),
            Child("the practice LMS", lms, environment, logs / "practice-lms.log"),
        ],
        say=click.echo,
    )


def _register(data_dir: Path, addresses: _Addresses) -> None:
    """Make the practice LMS known to the tool, by what it says of itself."""
    told = requests.get(f"{addresses.lms}/practice.json", timeout=5).json()
    names = ("issuer", "client_id", "auth_login_url", "auth_token_url", "jwks_url", "deployment_id", "name")
    database = open_database(_settings(data_dir, addresses))
    with database.transaction() as session:
        registrations.add_platform(session, **{name: str(told[name]) for name in names})
    database.dispose()


def _make_admin(data_dir: Path, addresses: _Addresses) -> str:
    """The demo's admin, with a password of this start alone."""
    password = secrets.token_urlsafe(12)
    database = open_database(_settings(data_dir, addresses))
    with database.transaction() as session:
        if any(one.name == ADMIN for one in accounts.list_accounts(session)):
            accounts.set_password(session, ADMIN, password, actor=audit.CLI)
            accounts.enable(session, ADMIN, actor=audit.CLI)
        else:
            accounts.create(session, ADMIN, password, actor=audit.CLI)
    database.dispose()
    return password


def _wait_until_up(supervisor: Supervisor, addresses: _Addresses, data_dir: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    for address in (f"{addresses.lms}/healthz", f"{addresses.tool}/readyz"):
        while not _answers(address):
            if dead := supervisor.dead():
                raise DemoFailed(f"{' and '.join(dead)} ended at the start; see {data_dir / 'logs'}.")
            if time.monotonic() > deadline:
                raise DemoFailed(f"{address} did not answer within {START_SECONDS:.0f} s; see {data_dir / 'logs'}.")
            time.sleep(0.2)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


def _show_logs(data_dir: Path) -> None:
    for file in sorted((data_dir / "logs").glob("*.log")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        click.echo("\n".join([f"--- {file.name}", *lines]), err=True)


def _welcome(addresses: _Addresses, data_dir: Path, admin_password: str) -> str:
    return f"""
Coursewright is running.

  Practice LMS   {addresses.lms}     <- open this one
  The tool       {addresses.tool}     (opens inside the LMS)
  Admin console  {addresses.tool}/admin     name: {ADMIN}   password: {admin_password}

Become a student there (Ada, say), open a lesson, then the quiz; hand it in.
Become the instructor and look at the gradebook: the grade is there within seconds.
When a student has handed in a lab, open any activity as the instructor: a link on top leads to what waits for you.
To place the module yourself, go as the instructor to the second course, which is empty, and add activities.

Data and logs: {data_dir}
Ctrl-C stops everything.
"""
