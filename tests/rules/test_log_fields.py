"""What is handed to the log is declared, or it would be dropped without a word; and what is declared is documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from config.logs import FIELDS

ROOT = Path(__file__).resolve().parents[2]
APART = {"practice_lms", "model_service"}  # programs of their own


def _handed_over() -> Iterator[tuple[str, str]]:
    """Each field that a call of the log names, with where it does so."""
    for package in ("config", "course", "grading", "lti_tool", "workers"):
        for file in (ROOT / package).rglob("*.py"):
            if APART & set(file.parts):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
                    for key in node.value.keys:
                        if isinstance(key, ast.Constant):
                            yield str(key.value), f"{file.relative_to(ROOT)}:{node.value.lineno}"


def test_every_field_that_is_handed_to_the_log_is_declared() -> None:
    handed_over = list(_handed_over())
    assert len(handed_over) > 40
    assert not {f"{name} at {place}" for name, place in handed_over if name not in FIELDS}


def test_every_field_is_documented_and_no_other() -> None:
    rows = re.findall(r"^\| (`.+?) \|", (ROOT / "docs" / "logs.md").read_text(encoding="utf-8"), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    always = {"at", "level", "from", "event", "said_at", "error", "where", "reference"}
    assert documented - always == set(FIELDS) - always
