"""Commands as an admin types them: what they print, what they change, how they end."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.database import Database
from config.settings import BUILT_IN_COURSE
from lti_tool.cli import main
from lti_tool.cli.demo import _reset
from lti_tool.cli.environment import load_settings
from lti_tool.cli.processes import PortTaken, free_port
from lti_tool.launch_events import Entry, note

Run = Callable[..., Result]
ADD = (
    "platforms", "add", "--issuer", "https://lms.example.edu", "--client-id", "abc", "--auth-login-url",
    "https://lms.example.edu/auth", "--auth-token-url", "https://lms.example.edu/token", "--jwks-url",
    "https://lms.example.edu/keys",
)  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("ENV", "DATABASE_URL", "BASE_URL", "BROKER_URL", "COURSES", "SECRET_KEY"):
        monkeypatch.delenv(f"COURSEWRIGHT_{name}", raising=False)
    monkeypatch.setenv("COURSEWRIGHT_DATA_DIR", str(tmp_path))

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    return invoke


def test_every_command_explains_itself(run: Run) -> None:
    for words in (
        (),
        ("demo",),
        ("serve",),
        ("worker",),
        ("beat",),
        ("db",),
        ("platforms",),
        ("course",),
        ("contexts",),
        ("people",),
        ("policy",),
        ("accommodations",),
        ("health",),
        ("keys",),
        ("launches",),
        ("spend",),
        ("budget",),
        ("admin",),
        ("audit",),
    ):
        result = run(*words, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.output


def test_a_platform_is_added_updated_listed_shown_and_removed(run: Run) -> None:
    assert "No platform is registered" in run("platforms", "list").output
    assert json.loads(run(*ADD, "--deployment-id", "1", "--json").output)["deployment_ids"] == ["1"]
    again = run(*ADD, "--deployment-id", "2", "--name", "Our LMS")
    assert "Updated platform 1: Our LMS" in again.output
    listed = json.loads(run("platforms", "list", "--json").output)
    assert [(one["name"], one["deployment_ids"]) for one in listed] == [("Our LMS", ["1", "2"])]
    assert "https://lms.example.edu/token" in run("platforms", "show", "1").output
    assert run("platforms", "remove", "1", "--yes").exit_code == 0
    assert run("platforms", "show", "1").exit_code == 1


def test_a_platform_and_a_deployment_are_switched_off_and_on(run: Run) -> None:
    run(*ADD, "--deployment-id", "d")
    assert "is switched off." in run("platforms", "disable", "1").output
    assert "is switched off already." in run("platforms", "disable", "1").output
    assert "DISABLED" in run("platforms", "list").output
    assert "may use the tool." in run("platforms", "enable", "1").output
    assert "Deployment d is switched off." in run("platforms", "disable", "1", "--deployment", "1").output
    shown = json.loads(run("platforms", "show", "1", "--json").output)
    assert (shown["state"], shown["deployments"][0]["state"]) == ("active", "disabled")
    assert run("platforms", "disable", "1", "--deployment", "2").exit_code == 1


def test_a_platform_that_cannot_be_right_is_refused_with_every_fault_and_nothing_is_kept(run: Run) -> None:
    wrong = run(*[word.replace("https://lms.example.edu/", "lms/") for word in ADD])
    assert wrong.exit_code == 2
    assert wrong.output.count("must be an absolute http(s) address") == 3
    assert json.loads(run("platforms", "list", "--json").output) == []


def test_keys_rotate_to_the_one_that_was_published_before(run: Run) -> None:
    before = {row["status"]: row["kid"] for row in json.loads(run("keys", "list", "--json").output)}
    result = run("keys", "rotate", "--json")
    assert "published only lately" in result.stderr
    rotated = json.loads(result.stdout)
    assert f"key {rotated['kid']}" in run("audit", "--action", "key.rotate").output
    after = {row["kid"]: row for row in json.loads(run("keys", "list", "--json").output)}
    assert rotated["kid"] == before["next"]
    assert after[before["next"]]["status"] == "current"
    assert after[before["current"]]["status"] == "retired"
    assert after[before["current"]]["published_until"]
    assert len(after) == 3


def test_the_built_in_course_has_no_problems(run: Run) -> None:
    result = run("course", "check", "--json")
    assert result.exit_code == 0
    report = json.loads(result.output)
    assert report["problems"] == 0
    assert report["questions"] >= 20
    assert set(report) - {"details"} == {
        "introductions", "lessons", "sections", "terms", "callouts", "quizzes", "labs", "tests", "questions",
        "problems",
    }  # fmt: skip


def test_a_faulty_course_is_named_by_file_and_line_and_ends_in_1(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    (folder / "module-1").mkdir(parents=True)
    for file in BUILT_IN_COURSE.rglob("*.*"):
        (folder / file.relative_to(BUILT_IN_COURSE)).write_bytes(file.read_bytes())
    quiz = folder / "module-1" / "quiz-1.yaml"
    quiz.write_text(quiz.read_text(encoding="utf-8").replace("key: true", "key: false", 1), encoding="utf-8")
    result = run("course", "check", str(folder))
    assert result.exit_code == 1
    assert "quiz-1.yaml:" in result.output
    assert run("course", "check", str(tmp_path / "nowhere")).exit_code == 1


def test_production_refuses_to_serve_and_names_every_unfit_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWRIGHT_ENV", "production")
    result = run("serve")
    assert result.exit_code == 2
    assert all(name in result.output for name in ("BASE_URL", "DATABASE_URL", "BROKER_URL", "SECRET_KEY"))


def test_a_taken_port_is_a_clear_message_or_the_next_free_one(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port
        with pytest.raises(PortTaken):
            free_port(port, exactly=True)
        for words in (("serve", "--port", str(port)), ("demo", "--tool-port", str(port))):
            result = run(*words)
            assert result.exit_code == 1
            assert f"Port {port} is in use" in result.output


def test_reset_forgets_what_a_demo_made_and_nothing_else(tmp_path: Path) -> None:
    for name in ("coursewright.sqlite", "coursewright.sqlite-wal", "beat-schedule.db", "secret-key", "thesis.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "broker").mkdir()
    (tmp_path / "photos").mkdir()
    _reset(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos", "thesis.txt"]


def test_launches_are_shown_counted_and_found_by_reference(run: Run) -> None:
    assert "Nobody has come in yet." in run("launches").output
    with Database(load_settings().database_url).transaction() as session:
        note(session, Entry("launch", "refused", "expired", details=(("seconds", "90"),), reference="abcde01234"))
        note(session, Entry("launch", "let_in"))
    assert "let in" not in run("launches", "--refused", "--platform", "unknown").output
    assert "ran out 90 seconds ago" in run("launches", "--reference", "ABCDE01234").output
    assert "1  expired" in run("launches", "--by-cause", "day").output
    assert json.loads(run("launches", "--json").output)[1]["cause"] == "expired"
    assert run("launches", "--reference", "nothing").exit_code == 1
    assert run("launches", "--platform", "ours").exit_code == 2
