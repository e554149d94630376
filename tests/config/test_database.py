"""The two doors to the database, on both kinds."""

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from config.database import Database
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
