"""How work is named and handed to workers. Only names: the web side never imports what does the work.

The row with its lease is the queue; a message only says "look now". A lost message costs seconds (the sweep finds the
row), never a grade, so `nudge` may fail without harm and says so in the log.
"""

import logging
import threading
from dataclasses import dataclass
from typing import Any

from celery import Celery
from kombu.exceptions import ChannelError, OperationalError
from kombu.transport import redis

from config import file_broker, logs, metrics
from config.settings import Settings

log = logging.getLogger(__name__)

QUEUES = ("grading", "passback", "roster", "maintenance")
SWEEP_SECONDS = 10.0
OVERDUE_SECONDS = 30.0
SEEK_SECONDS = 30.0
BROKER_SECONDS = 2.0  # how long whoever asks how things stand waits for a broker


@dataclass(frozen=True, slots=True)
class TaskName:
    """A task's name on the wire and the queue that carries it."""

    name: str
    queue: str


DELIVER_SCORES = TaskName("passback.deliver_scores", "passback")
SWEEP_SCORES = TaskName("passback.sweep_scores", "passback")
FORGET_EXPIRED = TaskName("maintenance.forget_expired", "maintenance")
MEND_PASSBACK = TaskName("passback.mend", "passback")
SEEK_COLUMNS = TaskName("passback.seek_columns", "passback")
READ_ROSTER = TaskName("roster.read", "roster")
TEND_NOTICES = TaskName("roster.tend_notices", "roster")
CLOSE_OVERDUE = TaskName("grading.close_overdue", "grading")
GRADE_ATTEMPTS = TaskName("grading.grade_attempts", "grading")
SWEEP_LABS = TaskName("grading.sweep_labs", "grading")
ABANDON_MODEL_CALLS = TaskName("maintenance.abandon_model_calls", "maintenance")
ALL_TASKS = (
    DELIVER_SCORES,
    SWEEP_SCORES,
    MEND_PASSBACK,
    SEEK_COLUMNS,
    READ_ROSTER,
    TEND_NOTICES,
    FORGET_EXPIRED,
    CLOSE_OVERDUE,
    GRADE_ATTEMPTS,
    SWEEP_LABS,
    ABANDON_MODEL_CALLS,
)


def make_celery(settings: Settings) -> Celery:
    """A Celery object for `settings`: routes, limits and transport, no tasks yet."""
    file_broker.use()
    # Giving unfinished nudges back at shutdown fails when Redis is gone, and takes the worker down with it. They are
    # only nudges: the rows are still there.
    redis.QoS.restore_at_shutdown = False
    app = Celery("coursewright", set_as_current=False)
    app.conf.update(
        # Without a host kombu warns at every start that it makes one up.
        broker_url="filesystem://localhost" if settings.broker_is_filesystem else settings.broker_url,
        broker_transport_options=_transport_options(settings),
        broker_connection_retry_on_startup=True,
        task_ignore_result=True,  # the row says how it went
        task_queues={name: {} for name in QUEUES},
        task_default_queue="maintenance",
        task_create_missing_queues=False,
        task_routes={task.name: {"queue": task.queue} for task in ALL_TASKS},
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        enable_utc=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        beat_schedule={
            "sweep-scores": {
                "task": SWEEP_SCORES.name,
                "schedule": SWEEP_SECONDS,
                # A sweep that could not be taken up in time is useless: the next one finds the same rows.
                "options": {"queue": SWEEP_SCORES.queue, "expires": SWEEP_SECONDS},
            },
            "close-overdue": {
                "task": CLOSE_OVERDUE.name,
                "schedule": OVERDUE_SECONDS,
                "options": {"queue": CLOSE_OVERDUE.queue, "expires": OVERDUE_SECONDS},
            },
            "sweep-labs": {
                "task": SWEEP_LABS.name,
                "schedule": SWEEP_SECONDS,
                "options": {"queue": SWEEP_LABS.queue, "expires": SWEEP_SECONDS},
            },
            "mend-passback": {
                "task": MEND_PASSBACK.name,
                "schedule": 60.0,
                "options": {"queue": MEND_PASSBACK.queue, "expires": 60.0},
            },
            "seek-columns": {
                "task": SEEK_COLUMNS.name,
                "schedule": SEEK_SECONDS,
                "options": {"queue": SEEK_COLUMNS.queue, "expires": SEEK_SECONDS},
            },
            "tend-notices": {
                "task": TEND_NOTICES.name,
                "schedule": 60.0,
                "options": {"queue": TEND_NOTICES.queue, "expires": 60.0},
            },
            "abandon-model-calls": {
                "task": ABANDON_MODEL_CALLS.name,
                "schedule": 60.0,
                "options": {"queue": ABANDON_MODEL_CALLS.queue, "expires": 60.0},
            },
            "forget-expired": {
                "task": FORGET_EXPIRED.name,
                "schedule": 600.0,
                "options": {"queue": FORGET_EXPIRED.queue, "expires": 600.0},
            },
        },
    )
    return app


def _transport_options(settings: Settings) -> dict[str, Any]:
    if not settings.broker_is_filesystem:
        # A nudge that a dead worker held comes back after this many seconds; the sweep is faster anyway.
        return {"visibility_timeout": 60, "socket_timeout": 5, "socket_connect_timeout": 5}
    folder = settings.data_dir / "broker"
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.1,
    }
    for path in ("messages", "processed", "control"):
        (folder / path).mkdir(parents=True, exist_ok=True)
    return options


def queue_depths(celery: Celery) -> dict[str, int]:
    """How many messages wait in each queue. Raises kombu's `OperationalError` for a broker that is away."""
    with celery.connection_for_read(connect_timeout=BROKER_SECONDS) as connection:
        connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
        channel = connection.default_channel
        try:
            return {name: _depth(channel, name) for name in QUEUES}
        except connection.connection_errors as error:  # lost in the middle: each broker's library has its own
            raise OperationalError(error.__class__.__name__) from error


def _depth(channel: Any, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except ChannelError:  # there is no such queue until something has been put into it
        return 0


class Nudger:
    """Tells workers that there is something to do. To be called after the commit, never before."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def nudge(self, task: TaskName, *args: Any) -> None:
        """Send `task` without making the caller wait for the broker or fail with it."""
        threading.Thread(target=logs.carrying(self._send, task, args), name="nudge", daemon=True).start()

    def _send(self, task: TaskName, args: tuple[Any, ...]) -> None:
        try:
            self._celery.send_task(task.name, args=args, queue=task.queue, expires=SWEEP_SECONDS, retry=False)
        except Exception as error:  # noqa: BLE001 - whatever a broker raises: the sweep takes over
            metrics.count(metrics.NUDGES_LOST, task.name)
            log.warning("nudge lost", extra={"task": task.name, "cause": error.__class__.__name__})
