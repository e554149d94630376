"""What is seen of tasks: how long each took and how it ended, counted; its name on every line of the log; and a port
to ask at."""

import logging
import threading
import time
from contextvars import Token
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready

from config import metrics
from config.logs import task_at_hand
from lti_tool.metrics_port import answer_with_metrics
from workers.app import tools

log = logging.getLogger(__name__)
_at_hand = threading.local()


@task_prerun.connect
def _begin(task: Any = None, **_: Any) -> None:
    _at_hand.began = time.monotonic()
    _at_hand.token = task_at_hand.set(task.name)


@task_postrun.connect
def _end(task: Any = None, state: str | None = None, **_: Any) -> None:
    outcome = "done" if state == "SUCCESS" else "failed"
    metrics.observe(metrics.TASKS, time.monotonic() - _at_hand.began, task.name, outcome)
    token: Token[str | None] = _at_hand.token
    task_at_hand.reset(token)


@worker_ready.connect
def _open_port(**_: Any) -> None:
    port = tools.settings.worker_metrics_port
    if not port:
        return
    try:
        answer_with_metrics(port, tools.settings.metrics_token)
    except OSError as error:  # no reason to deliver no grades
        log.error("the port for metrics cannot be opened", extra={"cause": error.__class__.__name__})
