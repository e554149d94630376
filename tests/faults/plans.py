"""Which process is killed at which named point, and how far a run has come with it."""

import threading
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from tests.faults.machine_room import MODEL, POSTGRES, REDIS, WORKERS
from tests.faults.points import (
    AFTER,
    BEFORE,
    COMMITS,
    LEDGER_COMMITS,
    NUDGE,
    PARTNER,
    SCORE,
    WORKER_COMMITS,
    named_points,
    points_of,
)
from tests.faults.points import MODEL as MODEL_ASKED

ITSELF = "itself"  # the process that has come to the point
LONGEST_DELAY = 0.25  # of a kill in the middle of a call


@dataclass(frozen=True, slots=True)
class Plan:
    """Kill `victim` when a process comes to `point`; with `delay`, so many seconds after it was let go on."""

    point: str
    victim: str
    delay: float = 0.0

    @property
    def label(self) -> str:
        """The point as the table names it."""
        return self.point.replace(BEFORE, "during", 1) if self.delay else self.point


def every_plan(random: Random) -> list[Plan]:
    """Each point once with the process that comes to it; those of the grade with the database, calls with the other
    side of the line, and all calls in their middle. Shuffled."""
    plans = [Plan(point, ITSELF) for point in named_points()]
    graded = [f"commit: {one.name}" for one in COMMITS if one not in (WORKER_COMMITS[0],)]
    plans += [Plan(point, POSTGRES) for point in points_of(*graded)]
    plans += [Plan(f"{BEFORE} commit: {one.name}", POSTGRES, 0.002) for one in LEDGER_COMMITS[:2]]
    for name in (MODEL_ASKED, PARTNER):
        plans += [Plan(f"{BEFORE} call: {name}", MODEL), Plan(f"{AFTER} call: {name}", MODEL)]
    for name in (MODEL_ASKED, PARTNER, SCORE):
        delay = random.uniform(0.02, LONGEST_DELAY)
        plans += [Plan(f"{BEFORE} call: {name}", victim, delay) for victim in (ITSELF, POSTGRES)]
    plans.append(Plan(f"{BEFORE} call: {MODEL_ASKED}", MODEL, LONGEST_DELAY / 2))
    plans.append(Plan(f"{BEFORE} call: {PARTNER}", MODEL, LONGEST_DELAY / 2))
    plans += [Plan(point, REDIS) for point in points_of(f"call: {NUDGE}")]
    random.shuffle(plans)
    return plans


class Armed:
    """The plans of a run: a few are armed at a time, and the first process that comes to one's point sets it off."""

    AT_ONCE = 6

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._waiting = deque(plans)
        self._armed: list[Plan] = []
        self._lock = threading.Lock()
        self.is_on = False
        self.kills: Counter[tuple[str, str]] = Counter()  # by victim and point

    def arm(self) -> None:
        """Arm the next ones, up to `AT_ONCE`, and lay one aside: what is hard to reach holds up no other."""
        with self._lock:
            if self._waiting and len(self._armed) >= self.AT_ONCE:
                self._waiting.append(self._armed.pop(0))
            while self._waiting and len(self._armed) < self.AT_ONCE:
                self._armed.append(self._waiting.popleft())

    def set_off(self, point: str) -> Plan | None:
        """The plan that is due at this point, once."""
        with self._lock:
            plan = next((one for one in self._armed if one.point == point), None) if self.is_on else None
            if plan is not None:
                self._armed.remove(plan)
        return plan

    def count(self, victim: str, label: str) -> None:
        """A kill has been made."""
        with self._lock:
            self.kills["worker" if victim in WORKERS else victim, label] += 1

    @property
    def left(self) -> list[Plan]:
        """What has not been reached yet."""
        with self._lock:
            return [*self._armed, *self._waiting]

    @property
    def total(self) -> int:
        with self._lock:
            return self.kills.total()
