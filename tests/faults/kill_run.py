"""Kill everything that takes part in grading a lab, at random moments and at named points, and look what has become of
the grades: `python -m tests.faults.kill_run [--kills N] [--seed N]`, or `make kill-run ARGS="--kills 200 --seed 7"`.

The seed decides who is killed at which point and what students do; the machine's speed decides the rest. Waits that a
kill leads to are cut short by moving the due times of their rows (`waits.py`), never by touching a state. Ends with
status 1 and the details when anything is not as it must be.
"""

import argparse
import itertools
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

from celery import Celery
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from config import clock
from config.task_queue import ABANDON_MODEL_CALLS, make_celery
from course.conversations import STREAMING
from course.language_model.ledger import OPEN
from course.language_model.models import ModelCall
from course.models import Attempt, Turn
from grading import assessments
from grading.models import RubricAssessment
from lti_tool.models import OutboxScore
from lti_tool.outbox import PENDING
from tests.faults.checks import violations_of
from tests.faults.course import LABS, words_of
from tests.faults.gate import Gate
from tests.faults.machine_room import BEAT, FIRST_STUDENT, MODEL, POSTGRES, REDIS, STUDENTS, TOOL, WORKERS, MachineRoom
from tests.faults.plans import ITSELF, Armed, every_plan
from tests.faults.points import AFTER, BEFORE, PARTNER
from tests.faults.points import MODEL as MODEL_ASKED
from tests.faults.students import Journey, Told
from tests.faults.table import ended, table
from tests.faults.waits import end_leases_of_calls, end_tokens, retry_now

AT_A_MOMENT = "at a random moment"
WEIGHTS = {WORKERS[0]: 20, WORKERS[1]: 20, BEAT: 8, TOOL: 18, POSTGRES: 14, REDIS: 10, MODEL: 10}
MEAN_PAUSE = 1.0  # seconds between two kills at random moments
LEAST_PROGRESS = 4  # readings and turns kept between them: on a slow machine, too, there is work to be interrupted
STUDENTS_AT_ONCE = 4
MOST_WAITING = 10  # submissions that have not ended yet, beyond which no further one is begun
SETTLING_SECONDS = 240.0
LOOK_SECONDS = 3.0
LIVING_CALL = timedelta(seconds=40)  # a call of the loopback service that is older belongs to a process that died
SAID_EVERY = 20  # kills
WHOLE_RUN = 150  # kills from which on every plan is carried out; a shorter run takes some of them


class KillRun:
    """One run: kills until there are enough, then waits for everything to come to its end."""

    def __init__(self, folder: Path, kills: int, random: Random, longest: float) -> None:
        self._wanted = kills
        self._random = random
        plans = every_plan(random)
        self._armed = Armed(plans if kills >= WHOLE_RUN else plans[: kills // 2])
        self._gate = Gate(self._on_point)
        self._room = MachineRoom(folder, self._gate)
        self._celery: Celery = make_celery(self._room.settings)
        self._told: list[Told] = []
        self._answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self._longest = longest
        users = range(FIRST_STUDENT, FIRST_STUDENT + STUDENTS)
        self._seats = ((str(user), lab) for lab, user in itertools.product(LABS, users))
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        """All of it; `faults` are those that can be seen without the database."""
        self._room.open_up()
        seeds = [self._random.random() for _ in range(STUDENTS_AT_ONCE)]
        students = [threading.Thread(target=self._study, args=(Random(seed),), daemon=True) for seed in seeds]
        for student in students:
            student.start()
        self._armed.is_on = True
        self._kill()
        self._armed.is_on = False
        self._stopping.set()
        self._settle(students)

    # Killing

    def _on_point(self, name: str, point: str) -> bool:
        plan = self._armed.set_off(point)
        if plan is None:
            return True
        victim = name if plan.victim == ITSELF else plan.victim
        if plan.delay:
            threading.Timer(plan.delay, self._strike, (victim, plan.label)).start()
            return True
        self._strike(victim, plan.label)
        return victim != name

    def _strike(self, victim: str, label: str) -> None:
        self._room.kill(victim)
        self._armed.count(victim, label)

    def _kill(self) -> None:
        began = time.monotonic()
        next_random = next_look = 0.0
        progress = told_at = 0
        while self._armed.total < self._wanted or self._armed.left:
            if time.monotonic() - began > self._longest:
                self.faults += [f"never reached: {plan.victim} {plan.label}" for plan in self._armed.left]
                self.faults.append(f"{self._armed.total} kills in {self._longest:.0f} s")
                return
            time.sleep(0.1)
            self._room.revive()
            now = time.monotonic()
            if now >= next_look:
                self._armed.arm()
                self._let_time_pass()
                self._let_a_score_fail()
                next_look = now + LOOK_SECONDS
            if self._armed.total >= told_at + SAID_EVERY:
                told_at = self._armed.total
                say(f"{told_at} kills after {now - began:.0f} s")
            has_room = self._armed.total + len(self._armed.left) < self._wanted
            if has_room and now >= next_random and self._progress >= progress + LEAST_PROGRESS:
                victim = self._random.choices(list(WEIGHTS), WEIGHTS.values())[0]
                if self._room.is_working(victim):
                    self._strike(victim, AT_A_MOMENT)
                    next_random = now + self._random.expovariate(1 / MEAN_PAUSE)
                    progress = self._progress

    @property
    def _progress(self) -> int:
        return sum(self._gate.reached[f"{AFTER} commit: {name}"] for name in ("reading kept", "turn said"))

    # Students

    def _study(self, random: Random) -> None:
        while not self._stopping.is_set():
            if self._waiting() >= MOST_WAITING:
                self._stopping.wait(0.5)
                continue
            with self._lock:
                seat = next(self._seats, None)
                if seat is None:
                    return
                told = Told(*seat)
                self._told.append(told)
            try:
                Journey(self._room, told, words_of(random), random, self._answers).run()
            except Exception as error:  # noqa: BLE001 - whatever it is, the run has to tell it
                self.faults.append(f"student {told.user_id} at {told.lab_id}: {error!r}")

    def _waiting(self) -> int:
        with suppress(SQLAlchemyError), self._room.database.reading() as session:
            return _count(session, RubricAssessment.id, RubricAssessment.state == assessments.WAITING)
        return MOST_WAITING

    # Coming to an end

    def _let_time_pass(self) -> None:
        with suppress(SQLAlchemyError), self._room.database.transaction() as session:
            retry_now(session)
            end_tokens(session)
            end_leases_of_calls(session, clock.now() - LIVING_CALL)
        with suppress(Exception):  # the broker may be away
            self._celery.send_task(ABANDON_MODEL_CALLS.name, queue=ABANDON_MODEL_CALLS.queue, expires=10, retry=False)

    def _let_a_score_fail(self) -> None:
        """The LMS answers one score with an error, having written it or not."""
        self._room.control("score-faults", status=503, write=self._random.random() < 0.5)

    def _settle(self, students: list[threading.Thread]) -> None:
        deadline = time.monotonic() + SETTLING_SECONDS
        moving = ""
        while time.monotonic() < deadline:
            self._room.revive()
            moving = "students" if any(one.is_alive() for one in students) else self._moving()
            if not moving:
                return
            self._let_time_pass()
            time.sleep(LOOK_SECONDS / 3)
        self.faults.append(f"not at rest {SETTLING_SECONDS:.0f} s after the last kill: {moving}")

    def _moving(self) -> str:
        try:
            with self._room.database.reading() as session:
                counts = {
                    "open attempts": _count(session, Attempt.id, Attempt.submitted_at.is_(None)),
                    "replies": _count(session, Turn.id, Turn.status == STREAMING),
                    "labs": _count(session, RubricAssessment.id, RubricAssessment.state == assessments.WAITING),
                    "calls": _count(session, ModelCall.id, ModelCall.state == OPEN),
                    "scores": _count(session, OutboxScore.id, OutboxScore.state == PENDING),
                }
        except SQLAlchemyError as error:
            return error.__class__.__name__
        return ", ".join(f"{times} {name}" for name, times in counts.items() if times)

    def report(self, seconds: float) -> str:
        """Everything checked, and the table; `faults` are complete after it."""
        through = self._gate.let_through
        calls = through[f"{BEFORE} call: {MODEL_ASKED}"] + through[f"{BEFORE} call: {PARTNER}"]
        with self._room.database.reading() as session:
            self.faults += violations_of(session, self._room.gradebook(), self._told, calls)
            figures = ended(session)
        return table(
            self._armed.kills,
            figures,
            fallen=self._room.fallen,
            answers=self._answers,
            seconds=seconds,
            violations=self.faults,
        )

    def close(self) -> None:
        """End all processes."""
        self._stopping.set()
        self._room.stop()
        self._gate.close()


def _count(session: Session, column: InstrumentedAttribute[int], where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(column)).where(where)) or 0


def say(text: str) -> None:
    """To whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """The seed first; the table at the end."""
    parser = argparse.ArgumentParser(prog="kill_run", description="Kill everything, and look after the grades.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="drawn, and printed, unless given")
    parser.add_argument("--longest", type=float, default=1500.0, help="seconds after which too few kills are a fault")
    parser.add_argument("--logs", type=Path, default=None, help="a folder to be made for the logs of all processes")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    say(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="coursewright-kill-run-"))
    since = time.monotonic()
    run = KillRun(folder, given.kills, Random(seed), given.longest)
    try:
        run.run()
        say(run.report(time.monotonic() - since))
    finally:
        if given.logs:
            shutil.copytree(folder, given.logs, ignore=shutil.ignore_patterns("course", "practice-lms"))
        run.close()
    raise SystemExit(1 if run.faults else 0)


if __name__ == "__main__":
    main()
