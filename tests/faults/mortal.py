"""What a student's visit and a worker do, each in a process that dies at a named point: by SIGKILL, as it stands."""

import multiprocessing
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping

from config.database import Database
from config.settings import from_environment
from course.models import Learner, Placement
from tests.faults.points import watch

PATIENCE_SECONDS = 60.0
STUDENT_SAYS = (
    "The roof changed in May, and the dates show it: until April every forecast was good, and from May on each of them "
    "was wrong, because the glass of the new roof lets in more light.",
    "I would plot each week against its forecast. If April was bad as well, then I drop the roof and look for another "
    "cause, since that check could fail.",
)
# Loaded once: each process is a fork of a server that has loaded them and done nothing else.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.mortal", "lti_tool.app", "lti_tool.lab_grading", "celery", "anthropic"])


def run_until(
    work: Callable[..., None], point: str | None, environment: Mapping[str, str], *arguments: int
) -> int | None:
    """Do the work in a process of its own that dies at `point`; its exit code, -9 if it came there."""
    process = _context.Process(target=_mortal, args=(work, point, dict(environment), arguments))
    process.start()
    process.join(PATIENCE_SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"neither came to an end nor to {point}")
    return process.exitcode


def _mortal(
    work: Callable[..., None], point: str | None, environment: Mapping[str, str], arguments: tuple[int, ...]
) -> None:
    os.environ.update(environment)

    def reached(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    watch(reached)
    work(*arguments)


def study(placement_id: int, learner_id: int) -> None:
    """Begin the lab or go on with it, say what is not said yet, hand in, and see the nudge sent."""
    from lti_tool.app import create_app
    from tests.support.visit import seat

    settings = from_environment()
    database = Database(settings.database_url)
    app = create_app(settings, database)
    with database.reading() as session:
        placement, learner = session.get_one(Placement, placement_id), session.get_one(Learner, learner_id)
    browser = seat(app.test_client(), database, placement, learner)
    deadline = time.monotonic() + PATIENCE_SECONDS / 2
    while time.monotonic() < deadline:
        page = re.sub(r"<template.*?</template>", "", browser.get("/items/lab-1").text, flags=re.DOTALL)
        if "lab-submitted" in page:
            for thread in threading.enumerate():
                if thread.name == "nudge":
                    thread.join()
            return
        if "lab-before" in page:
            browser.begin_lab("lab-1")
            continue
        address = page.partition(f'action="{browser.base}/labs/')[2].partition('"')[0]
        number = page.partition('name="number" value="')[2].partition('"')[0]
        said = page.count('class="turn turn-student"')
        if 'data-state="replying"' in page:
            time.sleep(0.05)
        elif (retry := re.search(r'value="(retry:\d+)"', page)) is not None:
            browser.post(f"/labs/{address}", action=retry[1], text="")
        elif said < len(STUDENT_SAYS):
            browser.post(f"/labs/{address}", action="say", number=number, text=STUDENT_SAYS[said])
        else:
            browser.post(f"/labs/{address}/submit", action="submit-anyway")
    raise AssertionError("the lab could not be handed in")


def work() -> None:
    """What the tasks of a worker do, one after the other: sweep and judge, send what is owed, close dead calls."""
    from lti_tool import outbox
    from workers import labs, model_calls, passback
    from workers.app import tools

    labs.sweep_labs()
    tools.lab_grading.close()
    with tools.database.reading() as session:
        due = outbox.due_ids(session)
    passback.deliver_scores(due)
    model_calls.abandon_model_calls()
