"""`coursewright spend`, `budget` and `model-service`, as an admin types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from config.database import Database
from config.settings import from_environment
from course.language_model.errors import ModelUnavailable
from lti_tool.cli import main
from lti_tool.migrating import upgrade
from tests.course.language_model.makers import CHEAP, call_for, ledger, reply, request


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith(("COURSEWRIGHT_", "ANTHROPIC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSEWRIGHT_DATA_DIR", str(tmp_path))
    return tmp_path


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def _spend(data_dir: Path) -> None:
    database = Database(from_environment().database_url)
    upgrade(database.engine)
    book = ledger()
    for context, lab, cost in (("context-1", "lab-1", 500_000), ("context-1", "lab-2", 250_000), ("c2", "lab-1", 1)):
        with database.transaction() as session:
            call_id = book.open(session, request(), call_for(context_key=context, lab_id=lab))
        with database.transaction() as session:
            book.settle(session, call_id, reply(input=cost - 1, cache_read=1))
    with database.transaction() as session:
        book.open(session, request(), call_for(context_key="c2", lab_id="lab-1", purpose="partner"))
    with database.transaction() as session:
        call_id = book.open(session, request(), call_for(context_key="c2", lab_id="lab-1"))
        book.fail(session, call_id, request(), ModelUnavailable("api_error"))
    database.dispose()


def test_before_any_call_it_says_so() -> None:
    assert "No language model has been called yet." in _run("spend").output
    assert json.loads(_run("spend", "--json").output)["rows"] == []


def test_spending_adds_up_by_context_lab_month_and_purpose(data_dir: Path) -> None:
    _spend(data_dir)
    by_context = json.loads(_run("spend", "--by", "context", "--json").output)
    assert [(row["key"], row["usd"], row["calls"]) for row in by_context["rows"]] == [
        ("c2", 0.000001, 3), ("context-1", 0.75, 2),
    ]  # fmt: skip
    assert by_context["rows"][0]["came_to_nothing"] == 1
    assert by_context["rows"][0]["reserved_usd"] > 0
    assert by_context["this_month"]["usd"] == 0.750001
    by_lab = json.loads(_run("spend", "--by", "lab", "--json").output)["rows"]
    assert {row["key"]: row["calls"] for row in by_lab} == {"lab-1": 4, "lab-2": 1}
    by_purpose = json.loads(_run("spend", "--by", "purpose", "--json").output)["rows"]
    assert {row["key"]: row["calls"] for row in by_purpose} == {"grader": 4, "partner": 1}
    (month,) = json.loads(_run("spend", "--json").output)["rows"]
    assert month["usd"] == 0.750001
    assert json.loads(_run("spend", "--month", "1999-01", "--json").output)["rows"] == []
    text = _run("spend", "--by", "context").output
    assert "context-1" in text
    assert "This month: $0.75 of $1000.00 (0%)." in text


def test_a_context_gets_budgets_of_its_own_and_loses_them_again(data_dir: Path) -> None:
    assert json.loads(_run("budget", "context-1", "--json").output)["lab"] == 2.0
    assert "lab $0.50" in _run("budget", "context-1", "--lab", "0.50").output
    assert "student $3.00" in _run("budget", "context-1", "--student", "3").output
    assert "lab $0.50" in _run("budget", "context-1").output
    assert "lab $2.00" in _run("budget", "context-1", "--lab", "none").output
    assert [one["detail"] for one in json.loads(_run("audit", "--json").output)] == [
        {"lab": None}, {"student": 3.0}, {"lab": 0.5},
    ]  # fmt: skip
    assert _run("budget", "context-1", "--lab", "much").exit_code == 2
    assert _run("budget", "context-1", "--lab", "-1").exit_code == 2


def test_a_model_without_a_price_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv("COURSEWRIGHT_GRADER_MODEL", "claude-nobody")
    for command in ("serve", "worker"):
        stopped = _run(command)
        assert stopped.exit_code == 2
        assert "No price is listed for the model claude-nobody" in stopped.output


def test_the_model_service_starts_says_where_and_ends_with_its_signal(data_dir: Path) -> None:
    command = [sys.executable, "-m", "lti_tool.cli", "model-service", "--port", "0", "--answer-with", "cat"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            body = {"model": CHEAP, "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}
            answer = requests.post(f"{url}/v1/messages", json=body, headers={"x-api-key": "k"}, timeout=20).json()
            assert json.loads(answer["content"][0]["text"]) == body
            process.terminate()
            _, errors = process.communicate(timeout=15)
            assert (process.returncode, errors) == (0, "")
        finally:
            process.kill()


def test_the_model_service_refuses_options_it_does_not_know(data_dir: Path) -> None:
    script = data_dir / "script.yaml"
    script.write_text("- {stop_reason: bored}\n", encoding="utf-8")
    for words in (["--nonsense"], ["--script", str(script)], ["--adversarial", "--answer-with", "cat"]):
        command = [sys.executable, "-m", "lti_tool.model_service", *words]
        refused = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert refused.returncode == 2
        assert "error:" in refused.stderr
