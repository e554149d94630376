"""Kill everything that takes part in grading a lab, at random moments and at named points, and look what has become of
the grades: `python -m tests.faults.kill_run [--kills N] [--seed N]`, or `make kill-run ARGS="--kills 200 --seed 7"`.

The seed decides who is killed at which point, what students write and when; the machine's speed decides the rest.
Waits that a kill leads to (retries, leases of calls) are cut short by moving their rows' due times, never by moving a
state. Ends with status 1 and the details when anything is not as it must be.
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
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import clock
from config.task_queue import ABANDON_MODEL_CALLS, make_celery
from course.conversations import STREAMING
from course.language_model.ledger import OPEN
from course.language_model.models import ModelCall
from course.models import Attempt, Turn
from grading import assessments
from grading.models import Outcome, RubricAssessment
from lti_tool.models import OutboxScore
from lti_tool.outbox import PENDING
from tests.faults.checks import lab_attempts, repeated_calls, violations_of
from tests.faults.course import LABS, words_of
from tests.faults.gate import Gate
from tests.faults.machine_room import BEAT, FIRST_STUDENT, MODEL, POSTGRES, REDIS, STUDENTS, TOOL, WORKERS, MachineRoom
from tests.faults.plans import ITSELF, Armed, every_plan
from tests.faults.points import BEFORE, PARTNER
from tests.faults.points import MODEL as MODEL_ASKED
from tests.faults.students import Journey, Told

AT_A_MOMENT = "at a random moment"
WEIGHTS = {WORKERS[0]: 20, WORKERS[1]: 20, BEAT: 8, TOOL: 18, POSTGRES: 14, REDIS: 10, MODEL: 10}
MEAN_PAUSE = 1.2  # seconds between two kills at random moments
STUDENTS_AT_ONCE = 4
MOST_WAITING = 10  # submissions that have not ended yet, beyond which no further one is begun
SETTLING_SECONDS = 240.0
TIME_PASSES_EVERY = 3.0
LIVING_CALL = timedelta(seconds=40)  # a call of the loopback service that is older belongs to a process that died


class KillRun:
    """One run: kills until there are enough, then waits for everything to come to its end."""

    def __init__(self, folder: Path, kills: int, random: Random, longest: float) -> None:
        self.wanted = kills
        self.random = random
        self.armed = Armed(every_plan(random)[: kills // 2] if kills < 150 else every_plan(random))
        self.gate = Gate(self._on_point)
        self.room = MachineRoom(folder, self.gate)
        self.told: list[Told] = []
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self._longest = longest
        self._seats = self._seats_in_turn()
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        self.room.open_up()
        students = [threading.Thread(target=self._study, args=(Random(self.random.random()),)) for _ in range(STUDENTS_AT_ONCE)]
        for student in students:
            student.start()
        self.armed.is_on = True
        try:
            self._kill()
        finally:
            self.armed.is_on = False
            self._stopping.set()
        self._settle(students)

    # Killing

    def _on_point(self, name: str, point: str) -> bool:
        plan = self.armed.set_off(point)
        if plan is None:
            return True
        victim = name if plan.victim == ITSELF else plan.victim
        if plan.delay:
            threading.Timer(plan.delay, self._strike, (victim, plan.label)).start()
            return True
        self._strike(victim, plan.label)
        return victim != name

    def _strike(self, victim: str, label: str) -> None:
        self.room.kill(victim)
        self.armed.count(victim, label)

    def _kill(self) -> None:
        deadline = time.monotonic() + self._longest
        next_random = next_look = 0.0
        while time.monotonic() < deadline and (self.armed.total < self.wanted or self.armed.left):
            time.sleep(0.1)
            self.room.revive()
            now = time.monotonic()
            if now >= next_look:
                self.armed.arm()
                self._let_time_pass()
                next_look = now + TIME_PASSES_EVERY
            if now >= next_random and self.armed.total + len(self.armed.left) < self.wanted:
                victim = self.random.choices(list(WEIGHTS), WEIGHTS.values())[0]
                if self.room.is_working(victim):
                    self._strike(victim, AT_A_MOMENT)
                    next_random = now + self.random.expovariate(1 / MEAN_PAUSE)
        self.faults += [f"never reached: {plan.label}" for plan in self.armed.left]
        if self.armed.total < self.wanted:
            self.faults.append(f"only {self.armed.total} kills in {self._longest:.0f} s")

    # Students

    def _seats_in_turn(self) -> Iterator[tuple[str, str]]:
        users = range(FIRST_STUDENT, FIRST_STUDENT + STUDENTS)
        yield from ((str(user), lab) for lab, user in itertools.product(LABS, users))

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
                self.told.append(told)
            try:
                Journey(self.room, told, words_of(random), random, self.answers).run()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of the run
                self.faults.append(f"student {told.user_id} at {told.lab_id}: {error!r}")

    def _waiting(self) -> int:
        with suppress(SQLAlchemyError), self.room.database.reading() as session:
            waiting = select(func.count(RubricAssessment.id)).where(RubricAssessment.state == assessments.WAITING)
            return session.scalar(waiting) or 0
        return MOST_WAITING

    # Coming to an end

    def _let_time_pass(self) -> None:
        """What waits for a moment to come need not wait: it comes now."""
        now = clock.now()
        with suppress(SQLAlchemyError), self.room.database.transaction() as session:
            session.execute(
                update(RubricAssessment)
                .where(RubricAssessment.state == assessments.WAITING, RubricAssessment.next_try_at > now)
                .values(next_try_at=now)
            )
            session.execute(
                update(OutboxScore)
                .where(OutboxScore.state == PENDING, OutboxScore.next_try_at > now, OutboxScore.timestamp <= now)
                .values(next_try_at=now)
            )
            session.execute(
                update(ModelCall)
                .where(ModelCall.state == OPEN, ModelCall.started_at < now - LIVING_CALL)
                .values(lease_until=now)
            )
        with suppress(Exception):  # the broker may be away
            self._celery.send_task(ABANDON_MODEL_CALLS.name, queue=ABANDON_MODEL_CALLS.queue, expires=10, retry=False)

    @property
    def _celery(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
        if not hasattr(self, "_made_celery"):
            self._made_celery = make_celery(self.room.settings)
        return self._made_celery

    def _settle(self, students: list[threading.Thread]) -> None:
        deadline = time.monotonic() + SETTLING_SECONDS
        while time.monotonic() < deadline:
            self.room.revive()
            if not any(one.is_alive() for one in students) and not self._moving():
                return
            self._let_time_pass()
            time.sleep(TIME_PASSES_EVERY / 3)
        self.faults.append(f"not at rest {SETTLING_SECONDS:.0f} s after the last kill: {self._moving()}")

    def _moving(self) -> str:
        try:
            with self.room.database.reading() as session:
                return ", ".join(f"{times} {name}" for name, times in _counts(session).items() if times)
        except SQLAlchemyError as error:
            return error.__class__.__name__

    # The end

    def report(self, seconds: float) -> str:
        """The table; `faults` are complete after it."""
        with self.room.database.reading() as session:
            through = self.gate.let_through
            calls = through[f"{BEFORE} call: {MODEL_ASKED}"] + through[f"{BEFORE} call: {PARTNER}"]
            self.faults += violations_of(session, self.room.gradebook(), self.told, calls)
            attempts = lab_attempts(session)
            graded = session.scalar(select(func.count(Outcome.id))) or 0
            queued = sum(
                1
                for row in session.scalars(select(RubricAssessment))
                if row.state == assessments.PERSON
            )
            states = Counter(session.scalars(select(ModelCall.state)))
            repeated = repeated_calls(session)
        lines = ["kills  victim    point"]
        for (victim, label), times in sorted(self.armed.kills.items()):
            lines.append(f"{times:5}  {victim:<9} {label}")
        by_victim = Counter[str]()
        for (victim, _), times in self.armed.kills.items():
            by_victim[victim] += times
        lines += [
            "",
            f"kills           {self.armed.total} ({_listed(by_victim)})",
            f"submissions     {len(attempts)}",
            f"graded          {graded}",
            f"in the queue    {queued}",
            f"model calls     {sum(states.values())} ({_listed(states)}), {repeated} of them repeated",
            f"ended by itself {_listed(self.room.fallen) or 'nothing'}",
            f"answers         {_listed(self.answers) or 'all as they should be'}",
            f"seconds         {seconds:.0f}",
            f"violations      {len(self.faults)}",
            *(f"  - {fault}" for fault in self.faults),
        ]
        return "\n".join(lines)


def _counts(session: Session) -> dict[str, int]:
    def count(column, *where):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN202
        return session.scalar(select(func.count(column)).where(*where)) or 0

    return {
        "open attempts": count(Attempt.id, Attempt.submitted_at.is_(None)),
        "replies": count(Turn.id, Turn.status == STREAMING),
        "labs": count(RubricAssessment.id, RubricAssessment.state == assessments.WAITING),
        "calls": count(ModelCall.id, ModelCall.state == OPEN),
        "scores": count(OutboxScore.id, OutboxScore.state == PENDING),
    }


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="kill_run", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="drawn, and printed, unless given")
    parser.add_argument("--longest", type=float, default=1200.0, help="seconds after which too few kills are a fault")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    say(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="coursewright-kill-run-"))
    since = time.monotonic()
    run = KillRun(folder / "stack", given.kills, Random(seed), given.longest)
    try:
        run.run()
        say(run.report(time.monotonic() - since))
    finally:
        if given.keep:
            shutil.copytree(folder / "stack", folder / "kept", ignore=shutil.ignore_patterns("course"))
            say(f"kept in {folder / 'kept'}")
        run.room.stop()
        run.gate.close()
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(1 if run.faults else 0)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
