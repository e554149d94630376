"""`coursewright health`: each part in a line, and an exit code for whoever watches."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from config import clock
from config.database import Database
from config.settings import Settings
from lti_tool.cli import environment, main
from lti_tool.worker_signs import note_sweep


def _health(sqlite_url: str, folder: Path, *options: str) -> Result:
    environment = {"COURSEWRIGHT_DATA_DIR": str(folder), "COURSEWRIGHT_DATABASE_URL": sqlite_url}
    return CliRunner().invoke(main, ["health", *options], env=environment)


def test_all_is_well_while_workers_sweep_up(
    sqlite_url: str, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_yet = _health(sqlite_url, tmp_path)
    assert none_yet.exit_code == 1
    assert "start `coursewright worker`" in none_yet.output
    with sqlite_database.transaction() as session:
        note_sweep(session)
    well = _health(sqlite_url, tmp_path, "--json")
    assert well.exit_code == 0
    told = json.loads(well.output)
    assert told["ok"]
    assert set(told["checks"].values()) == {"ok"}
    assert set(told["checks"]) == {"database", "migrations", "broker", "content", "workers"}
    later = clock.now() + timedelta(minutes=7)
    monkeypatch.setattr(clock, "now", lambda: later)
    silent = _health(sqlite_url, tmp_path)
    assert silent.exit_code == 1
    assert "none has swept up for 7 minutes" in silent.output


def test_a_database_without_tables_is_told_of_and_left_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    told = _health(url, tmp_path)
    assert told.exit_code == 1
    assert "run `coursewright db upgrade`" in told.output
    assert "cannot be known" in told.output
    with Database(url).engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
        connection.engine.dispose()


def test_a_database_that_is_still_starting_is_waited_for_in_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OperationalError) as away:
        Database("postgresql://nobody@127.0.0.1:1/none").engine.connect()
    answers = iter([away.value, away.value, False])

    def is_empty(_: object) -> bool:
        answer = next(answers)
        if isinstance(answer, OperationalError):
            raise answer
        return answer

    monkeypatch.setattr(environment, "is_empty", is_empty)
    monkeypatch.setattr(environment, "TRY_SECONDS", 0)
    environment.open_database(settings, patience=30).dispose()
    assert capsys.readouterr().err == "The database does not answer (OperationalError); waiting for it.\n"
    answers = iter([away.value])
    with pytest.raises(SystemExit):
        environment.open_database(settings)
    assert "cannot be used (OperationalError)" in capsys.readouterr().err
