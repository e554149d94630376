"""Work that is named is done: each name has a task, each task's queue has a worker, and no task goes unnamed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import workers as folder
from config.task_queue import ALL_TASKS, QUEUES, TaskName
from lti_tool.cli.processes import worker_command

# In a process of its own: Celery's objects are made at import, from the environment.
ASK = """
import json
from workers.app import app
app.loader.import_default_modules()
print(json.dumps({
    "tasks": [name for name in app.tasks if not name.startswith("celery.")],
    "queues": list(app.amqp.queues),
    "routes": {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks},
    "include": app.conf.include,
    "beat": [[entry["task"], entry["options"]["queue"]] for entry in app.conf.beat_schedule.values()],
}))
"""


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the workers' Celery object knows, as a worker process would."""
    environment = {**os.environ, "COURSEWRIGHT_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    answer = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(answer.stdout))


def _consumed() -> set[str]:
    command = worker_command()
    return set(command[command.index("--queues") + 1].split(","))


@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: task.name)
def test_a_task_is_registered_and_its_queue_consumed(workers: dict[str, Any], task: TaskName) -> None:
    assert task.name in workers["tasks"]
    assert task.queue in _consumed()
    assert workers["routes"][task.name] == task.queue


def test_no_task_goes_unnamed(workers: dict[str, Any]) -> None:
    assert set(workers["tasks"]) == {task.name for task in ALL_TASKS}
    assert len({task.name for task in ALL_TASKS}) == len(ALL_TASKS)


def test_every_queue_is_consumed(workers: dict[str, Any]) -> None:
    assert set(workers["queues"]) == set(QUEUES) == _consumed()


def test_beat_asks_for_named_tasks_in_their_own_queues(workers: dict[str, Any]) -> None:
    queues = {task.name: task.queue for task in ALL_TASKS}
    assert workers["beat"]
    for name, queue in workers["beat"]:
        assert queues[name] == queue


def test_every_module_of_tasks_is_loaded(workers: dict[str, Any]) -> None:
    modules = {f"workers.{path.stem}" for path in Path(str(folder.__file__)).parent.glob("*.py")}
    assert set(workers["include"]) == modules - {"workers.__init__", "workers.app"}
