"""Two thousand of the fuzzer's cases with every run; `make fuzz` makes a hundred thousand."""

from pathlib import Path

import pytest

from tests.conformance.fuzz import run
from tests.conformance.fuzz_cases import CASES
from tests.conformance.fuzz_world import opened_world

COUNT, SEED = 2000, 20_261_125


@pytest.mark.timeout(900)  # a busy machine is no finding
def test_two_thousand_seeded_mutations_find_nothing(tmp_path: Path) -> None:
    with opened_world(tmp_path) as world:
        report = run(world, COUNT, SEED)
    assert not report.findings, str(report)
    assert report.cases == COUNT
    for case in CASES:
        assert any(what.startswith(f"{case.name} ") for what in report.answers), case.name
    for kind in ("link message", "selection message", "login form", "action"):
        statuses = {what.rpartition(" ")[2][0] for what in report.answers if what.startswith(f"{kind} ")}
        assert {"4"} < statuses, f"of {kind} some must be let in, or the fuzzer judges nothing"
