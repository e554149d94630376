"""What a process loads, and what it must not."""

import subprocess
import sys


def _loaded_by(*modules: str) -> set[str]:
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules!r}]; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_a_worker_loads_no_flask() -> None:
    loaded = _loaded_by("workers.app", "workers.passback", "workers.maintenance")
    assert "flask" not in loaded
    assert "workers.passback" in loaded


def test_the_web_loads_no_workers_and_no_practice_lms() -> None:
    loaded = _loaded_by("lti_tool.app", "lti_tool.cli")
    assert not {name for name in loaded if name.startswith(("workers", "lti_tool.practice_lms"))}
