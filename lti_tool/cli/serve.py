"""`coursewright serve`, `worker` and `beat`."""

import os
import sys
from contextlib import nullcontext
from urllib.parse import urlsplit

import click

from config.settings import LOCAL_HOSTS, Settings
from course.catalog import Catalog
from course.errors import ContentError
from course.replies import MOST_FOLLOWED
from lti_tool.cli.counting import counting_together, is_counted_together
from lti_tool.cli.environment import check_language_models, load_settings, open_database
from lti_tool.cli.processes import Child, PortTaken, Stopped, Supervisor, beat_command, free_port, worker_command
from lti_tool.cli.web_server import Server

# Requests at once per web process. Some 32 are for pages; the others hold the open streams of labs, each of which waits
# on a condition most of the time and has no database connection (docs/architecture.md, "Replies").
THREADS = 32 + MOST_FOLLOWED
START_PATIENCE = 60.0  # seconds that web, worker and beat wait for a database that is still on its way


@click.command()
@click.option("--all", "everything", is_flag=True, help="Start worker and beat too: all of it on one machine.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default=None, help="Address to listen on [default: 127.0.0.1; in production 0.0.0.0].")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
def serve(everything: bool, port: int, host: str | None, workers: int) -> None:
    """Serve the tool. On an empty environment it works for a laptop and says what is not fit for production."""
    settings = load_settings(port=port)
    host = host or ("0.0.0.0" if settings.is_production else "127.0.0.1")  # noqa: S104 - behind the admin's proxy
    for warning in _warnings(settings):
        click.echo(f"Note: {warning}", err=True)
    try:
        free_port(port, host, exactly=True)
    except PortTaken as taken:
        click.echo(str(taken), err=True)
        raise SystemExit(1) from taken
    _check_courses(settings)
    check_language_models(settings)
    open_database(settings, patience=START_PATIENCE).dispose()
    if everything:
        _supervise(settings, host, port, workers)
        return
    click.echo(f"Coursewright listens on http://{host}:{port}; its address for LMSs is {settings.base_url}", err=True)
    _run_server(settings, host, port, workers)


def _run_server(settings: Settings, host: str, port: int, workers: int) -> None:
    options = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 5,
        "keepalive": 15,
        "limit_request_line": 8190,  # bytes, the server's most: logins and registrations by GET carry signed messages
        "loglevel": "warning",
        "forwarded_allow_ips": "",  # COURSEWRIGHT_TRUSTED_PROXIES decides whom to believe, not the server
        "control_socket_disable": True,
    }
    # One process is asked for what it has counted; of several, whichever is asked answers for all.
    with counting_together(settings.data_dir) if workers > 1 or is_counted_together() else nullcontext():
        Server(settings, options).run()


def _check_courses(settings: Settings) -> None:
    try:
        Catalog(settings.courses)
    except ContentError as error:
        click.echo(f"The course cannot be served:\n{error}", err=True)
        raise SystemExit(1) from error


def _supervise(settings: Settings, host: str, port: int, workers: int) -> None:
    me = [sys.executable, "-m", "lti_tool.cli"]
    supervisor = Supervisor(
        [
            Child("web", [*me, "serve", "--host", host, "--port", str(port), "--workers", str(workers)]),
            Child("worker", worker_command(settings.worker_threads)),
            Child("beat", beat_command(settings.data_dir)),
        ],
        say=lambda text: click.echo(text, err=True),
    )
    supervisor.stop_on_signals()
    try:
        with counting_together(settings.data_dir):
            supervisor.start()
            supervisor.watch()
    except Stopped:
        pass
    finally:
        supervisor.stop()


def _warnings(settings: Settings) -> list[str]:
    found = [f"not fit for production: {warning}" for warning in settings.warnings]
    parts = urlsplit(settings.base_url)
    if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:
        found.append(
            f"{settings.base_url} is plain http on a host that is not this machine: browsers drop our Secure cookies "
            "there, and no launch will succeed. Put https in front of it."
        )
    return found


@click.command()
def worker() -> None:
    """Run a worker: it delivers grades. Any number may run, on any machine with the same settings."""
    settings = load_settings()
    check_language_models(settings)
    open_database(settings, patience=START_PATIENCE).dispose()
    _become(worker_command(settings.worker_threads))


@click.command()
def beat() -> None:
    """Run the clock that asks workers to sweep up what a lost message left. One per installation."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    _become(beat_command(settings.data_dir))


def _become(command: list[str]) -> None:
    os.execv(command[0], command)  # noqa: S606 - our own interpreter; signals then reach Celery directly
