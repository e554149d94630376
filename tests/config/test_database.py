"""The two doors to the database, on both kinds."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from config.database import Database, is_away
from course.models import Learner

MOMENT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        session.add(Learner(created_at=MOMENT))
        session.flush()
    with database.reading() as session:
        assert session.scalars(select(Learner)).all() == []


def test_a_connection_that_was_used_for_reading_can_write_again(database: Database) -> None:
    for _ in range(3):
        with database.reading() as session:
            session.scalars(select(Learner)).all()
        with database.transaction() as session:
            session.add(Learner(created_at=MOMENT))
    with database.reading() as session:
        assert len(session.scalars(select(Learner)).all()) == 3


def test_a_transaction_is_rolled_back_whole_when_anything_in_it_fails(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as session:
        session.add(Learner(created_at=MOMENT))
        session.flush()
        raise RuntimeError("something broke")
    with database.reading() as session:
        assert session.scalars(select(Learner)).all() == []


def test_moments_come_back_aware_and_to_the_microsecond(database: Database) -> None:
    with database.transaction() as session:
        session.add(Learner(created_at=MOMENT))
    with database.reading() as session:
        assert session.scalars(select(Learner.created_at)).one() == MOMENT
    with pytest.raises(Exception, match="without a zone"), database.transaction() as session:
        session.add(Learner(created_at=MOMENT.replace(tzinfo=None)))


def test_forty_writers_that_read_first_all_succeed(database: Database) -> None:
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with database.transaction() as session:
                session.scalars(select(Learner)).all()  # a deferred SQLite transaction would fail after this
                session.add(Learner(created_at=MOMENT))
        except BaseException as error:  # noqa: BLE001 - whatever it was, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading() as session:
        assert len(session.scalars(select(Learner)).all()) == 40


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    writing, done = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction() as session:
            session.add(Learner(created_at=MOMENT))
            session.flush()
            writing.set()
            done.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    assert writing.wait(10)
    before = time.monotonic()
    with database.reading() as session:
        seen = session.scalars(select(Learner)).all()
    assert not done.is_set()
    done.set()
    thread.join()
    assert seen == []
    assert time.monotonic() - before < 10  # it would have waited for the writer, that is for ever


def test_a_database_file_that_cannot_be_opened_or_stays_busy_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.database.SQLITE_BUSY_MS", 1)
    (tmp_path / "folder.sqlite").mkdir()
    database, busy = Database(f"sqlite:///{tmp_path / 'a.sqlite'}"), Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    unreadable = Database(f"sqlite:///{tmp_path / 'folder.sqlite'}")
    with pytest.raises(DBAPIError) as no_file, unreadable.reading() as session:
        session.execute(text("SELECT 1"))
    with database.transaction() as first, pytest.raises(DBAPIError) as locked, busy.transaction() as second:
        first.execute(text("SELECT 1"))
        second.execute(text("SELECT 1"))
    assert [is_away(one.value) for one in (no_file, locked)] == [True, True]
    for one in (database, busy, unreadable):
        one.dispose()


def test_a_wrong_statement_is_no_database_away(database: Database) -> None:
    with pytest.raises(DBAPIError) as wrong, database.reading() as session:
        session.execute(text("SELECT * FROM nothing"))
    assert not is_away(wrong.value)


def test_writers_of_one_process_queue_where_sqlite_would_turn_them_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.database.SQLITE_BUSY_MS", 0)  # whoever polls is refused at once
    database = Database(f"sqlite:///{tmp_path / 'one-writer.sqlite3'}")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE written (number INTEGER)"))
    together = threading.Barrier(8)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        together.wait()
        try:
            for _ in range(5):
                with database.transaction() as session:
                    session.execute(text("INSERT INTO written VALUES (:number)"), {"number": number})
        except DBAPIError as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM written")) == 40
    database.dispose()
    assert failures == []
