"""`coursewright admin` and `coursewright audit`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.admin import passwords
from lti_tool.cli import main

Run = Callable[..., Result]
PASSWORD = "four plain words here"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("ENV", "DATABASE_URL", "BASE_URL", "BROKER_URL", "COURSES", "SECRET_KEY"):
        monkeypatch.delenv(f"COURSEWRIGHT_{name}", raising=False)
    monkeypatch.setenv("COURSEWRIGHT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def invoke(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, list(words), input=typed)

    return invoke


def test_an_admin_is_made_listed_disabled_enabled_and_given_a_password_and_all_is_in_the_log(run: Run) -> None:
    assert "coursewright admin create NAME" in run("admin", "list").output
    made = run("admin", "create", "Grace", "--password-stdin", typed=f"{PASSWORD}\n")
    assert made.output == "grace can sign in at http://localhost:5000/admin.\n"
    again = run("admin", "create", "grace", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (again.exit_code, again.output) == (2, "There is an admin grace already; nothing was changed.\n")
    disabled = run("admin", "disable", "grace")
    assert "grace is disabled" in disabled.stdout
    assert "Nobody can sign in" in disabled.stderr
    assert json.loads(run("admin", "list", "--json").output)[0]["can_sign_in"] is False
    assert run("admin", "enable", "grace").exit_code == 0
    assert run("admin", "password", "grace", "--password-stdin", typed="four other words here\n").exit_code == 0
    assert "there are: grace" in run("admin", "disable", "ada").output
    log = json.loads(run("audit", "--json").output)
    assert [entry["action"] for entry in log] == ["admin.password", "admin.enable", "admin.disable", "admin.create"]
    assert {(entry["actor"], entry["subject"]) for entry in log} == {("cli", "admin grace")}
    assert PASSWORD not in json.dumps(log)
    assert run("audit", "--since", "2999-01-01").output == "Nothing has been changed yet.\n"
    assert "admin.disable" in run("audit", "--action", "admin.disable", "--subject", "admin", "--actor", "cli").output
    assert "--limit" in run("audit", "--limit", "1").stderr


def test_a_password_is_no_argument_and_needs_a_terminal_or_to_be_piped(run: Run) -> None:
    assert run("admin", "create", "grace", PASSWORD).exit_code == 2
    without = run("admin", "create", "grace")
    assert without.exit_code == 2
    assert "--password-stdin" in without.output


def test_a_name_or_password_that_is_not_taken_is_told(run: Run) -> None:
    for name, password, told in (
        ("grace", "short", "at least 12"),
        ("a b", PASSWORD, "letters, digits"),
        ("cli", PASSWORD, "are taken"),
    ):
        made = run("admin", "create", name, "--password-stdin", typed=f"{password}\n")
        assert made.exit_code == 2
        assert told in made.output


def test_status_says_what_the_overview_says(run: Run) -> None:
    assert "No platform is registered yet." in run("status").output
    status = json.loads(run("status", "--json").output)
    assert [one["kind"] for one in status["matters"]] == ["no_platform"]
    assert status["figures"]["budget_usd"] == 1000.0


def test_an_upgrade_that_changes_the_database_is_in_the_log_once(run: Run) -> None:
    for _ in range(2):
        assert run("db", "upgrade").exit_code == 0
    assert [entry["action"] for entry in json.loads(run("audit", "--json").output)] == ["database.upgrade"]
