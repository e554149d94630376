"""Whoever changes something as an admin says so in the audit log: commands that write, and forms of the console."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import lti_tool

ROOT = Path(lti_tool.__file__).parent
NO_CHANGE = {
    "grade_trial.try_grades_command": "leaves nothing behind",
    "keys.list_command": "makes the first keys, as any start does",
    "platform.test_one": "changes nothing, here or there",
    "platform_test.test": "makes the first keys, as any start does",
    "signing_in.leave": "is no change of anything but the session itself",
}


def _functions(folder: Path) -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """Each function's name with its module's, its definition, and its words with those of what it calls beside it."""
    for file in sorted(set(folder.glob("*.py")) - {folder / "demo.py"}):  # which begins afresh on somebody's laptop
        found = {
            one.name: one
            for one in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(one, ast.FunctionDef)
        }
        for function in found.values():
            called = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)} & set(found)
            words = "\n".join(ast.unparse(found[name]) for name in {function.name, *called})
            yield f"{file.stem}.{function.name}", function, words


def _silent_commands() -> set[str]:
    return {
        name
        for name, _, words in _functions(ROOT / "cli")
        if ".transaction()" in words and not re.search(r"\bCLI\b", words)
    }


def _silent_forms() -> set[str]:
    return {
        name
        for name, function, words in _functions(ROOT / "web" / "admin")
        if any(isinstance(one, ast.Name) and one.id == "admin_action" for one in function.decorator_list)
        and not ("visit.admin.name" in words or "visit.note(" in words)
    }


def test_every_change_of_an_admin_names_who_made_it() -> None:
    assert _silent_commands() | _silent_forms() == set(NO_CHANGE)
