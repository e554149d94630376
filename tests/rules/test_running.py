"""How tests are run: one browser at a time; a browser test once more when the browser gave out, and only then."""

from pathlib import Path

import pytest

from tests.support.running import piece_of_work

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
TESTS = """
import pytest
from playwright.sync_api import Error, TimeoutError, expect

tried = []

def fail_at_first(error):
    tried.append(error)
    if tried.count(error) == 1:
        raise error

@pytest.mark.browser
@pytest.mark.parametrize("error", [TimeoutError("Timeout 30000ms exceeded."), Error("Page.goto: Target crashed")])
def test_passes_the_second_time(error):
    fail_at_first(error)

@pytest.mark.browser
def test_waits_in_vain_twice():
    raise TimeoutError("Timeout 30000ms exceeded.")

@pytest.mark.browser
@pytest.mark.parametrize("error", [AssertionError("no"), Error("Page.goto: net::ERR_FAILED"), ValueError("no")])
def test_is_wrong(error):
    fail_at_first(error)

def test_has_no_browser():
    raise TimeoutError("Timeout 30000ms exceeded.")
"""


def test_what_is_run_again(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(TESTS)
    pytester.makeini("[pytest]\nmarkers = browser: drives a browser")
    done = pytester.runpytest_subprocess("-p", "tests.support.running", "-raR", "--timeout=60", "-n1")
    done.assert_outcomes(passed=2, failed=5)
    rerun = [line for line in done.outlines if line.startswith("RERUN")]
    assert sorted(line.partition("::")[2].partition("[")[0] for line in rerun) == [
        "test_passes_the_second_time",
        "test_passes_the_second_time",
        "test_waits_in_vain_twice",
    ]


def test_all_files_that_drive_a_browser_are_one_piece_of_work() -> None:
    driving = [file for file in (ROOT / "tests").rglob("test_*.py") if "mark.browser" in file.read_text("utf-8")]
    named = {file.relative_to(ROOT).as_posix() for file in driving if file != Path(__file__)}
    assert len(named) > 10
    assert {piece_of_work(f"{file}::test_one") for file in named} == {"browser"}
    assert piece_of_work("tests/web/test_quizzes.py::test_one[a/e2e/b]") == "tests/web/test_quizzes.py"
