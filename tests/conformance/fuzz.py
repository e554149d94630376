"""`python -m tests.conformance.fuzz --count 100000 --seed 7`: seeded damage to everything that strangers can send us.

The application runs in this process behind its WSGI door, on a real database: a hundred thousand requests over HTTP
would measure sockets. The suite beside this file goes over HTTP. A run is repeated exactly by its seed; a finding is
printed with the number of the case, and `--first NUMBER --count 1` makes that one alone.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.fuzz_cases import CASES, Case
from tests.conformance.fuzz_world import World, opened_world

TOLD_EVERY = 5000
SECONDS = 1.0  # of our own work, for an answer


@dataclass
class Report:
    """What came of a run: answers by kind of case and what was said, and every finding.

    `seconds`: how long an answer may take; None where that is not judged.
    """

    seed: int
    seconds: float | None = None
    cases: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0  # seconds of our own work
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{number:8}  {what}" for what, number in sorted(self.answers.items())]
        lines += [f"{self.cases} cases with seed {self.seed}; the slowest took {self.slowest:.3f} s of our own work"]
        return "\n".join([*lines, *self.findings, f"{len(self.findings)} findings"])


def run(world: World, count: int, seed: int, *, first: int = 0, seconds: float | None = None) -> Report:
    """Make `count` cases from number `first` on and judge each answer, also by the time it took where `seconds` are
    given: that says something only of a process in which nothing else has been going on."""
    report = Report(seed, seconds)
    for number in range(first, first + count):
        random_ = random.Random(f"{seed}:{number}")  # of its own: a case does not depend on those before it
        case = random_.choices(list(CASES), weights=[one.weight for one in CASES])[0]
        _try(world, case, number, random_, report)
        report.cases += 1
        if report.cases % TOLD_EVERY == 0:
            print(f"{report.cases} cases, {len(report.findings)} findings", flush=True)  # noqa: T201 - a command's output
    report.findings += [f"grades: {fault}" for fault in world.grade_faults()]
    return report


def _try(world: World, case: Case, number: int, random_: random.Random, report: Report) -> None:
    before = world.rows()
    began = time.thread_time()
    verdict = case.make(world, random_)
    took = time.thread_time() - began
    report.slowest = max(report.slowest, took)
    report.answers[f"{case.name} {verdict.status}"] += 1
    faults = world.faults_of(verdict, before)
    if report.seconds is not None and took > report.seconds:
        faults.append(f"took {took:.2f} s")
    for fault in faults:
        report.findings.append(f"case {number} ({case.name}): {fault}: {verdict.sent!r:.600}")
        print(report.findings[-1], flush=True)  # noqa: T201 - a long run may not see its end


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coursewright-fuzz-") as folder, opened_world(Path(folder)) as world:
        report = run(world, asked.count, asked.seed, first=asked.first, seconds=SECONDS)
    print(report)  # noqa: T201 - a command's output
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
