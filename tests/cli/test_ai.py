"""`coursewright ai`."""

import json

import pytest
from click.testing import CliRunner, Result

from config.database import Database
from lti_tool.cli import main
from tests.support.factory import Classroom


def test_ai_is_switched_off_told_and_switched_on(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWRIGHT_DATABASE_URL", sqlite_database.engine.url.render_as_string())
    with sqlite_database.transaction() as session:
        key = f"context-{Classroom(session, name='Our LMS').context.id}"

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["ai", *words])

    assert "It is switched off nowhere." in run("status").output
    assert run("off").exit_code == 2
    assert run("off", "--reason", "A drill.").output == "AI is off everywhere.\n"
    assert "nothing changed" in run("off", "--reason", "Again.").output
    assert run("off", "--context", key, "--reason", "Odd.").output == f"AI is off in {key}.\n"
    assert run("off", "--platform", "1", "--reason", "Odd.").output == "AI is off at platform 1.\n"
    refused = run("off", "--platform", "9", "--reason", "Odd.")
    assert (refused.exit_code, "There is no platform 9" in refused.output) == (2, True)
    assert run("off", "--platform", "1", "--context", key, "--reason", "Odd.").exit_code == 2
    found = json.loads(run("status", "--json").output)["switched_off"]
    assert [(one["title"], one["by"], one["reason"]) for one in found] == [
        ("", "cli", "A drill."), ("Our LMS", "cli", "Odd."), ("C", "cli", "Odd."),
    ]  # fmt: skip
    told = run("on", "--reason", "It was one.").output
    assert "AI is on everywhere." in told
    assert f"Off in {key} (C) since" in told
    assert "was not switched off everywhere" in run("on").output
