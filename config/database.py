"""The database of a process: engine, table base, and the only two places that open a transaction."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Result,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

READING = "coursewright_reading"
SQLITE_BUSY_MS = 10_000
_SQLITE_AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}

_open_here = threading.local()


GREATEST_ID = 2**31 - 1  # of a row: what an INTEGER column of PostgreSQL holds


class Base(DeclarativeBase):
    """Every table's base. Constraint names follow a convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One engine and its two doors: `transaction()` to write, `reading()` to read."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.engine = make_engine(url, pool_size=pool_size)
        self._reading_engine = self.engine.execution_options(
            **{READING: True}, **({"postgresql_readonly": True} if self.engine.dialect.name == "postgresql" else {})
        )
        # SQLite takes one writer at a time and lets the others poll, so that of many threads some never get their
        # turn. Here the threads of a process queue, and only processes are left to poll.
        self._turn: AbstractContextManager[object] = (
            threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing transaction, committed at the end of the block or rolled back whole. Nothing below it commits."""
        with _counted(), self._turn, Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction in which the database itself refuses to write; on SQLite it waits for no writer."""
        with _counted(), Session(self._reading_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close all pooled connections (after a fork, or at the end of a process)."""
        self.engine.dispose()


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, or was lost or busy for too long: later the same may well succeed."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolIsEmpty)
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    was_never_asked = error.statement is None  # it broke while connecting
    return error.connection_invalidated or (was_never_asked and isinstance(error, OperationalError | InterfaceError))


@contextmanager
def _counted() -> Iterator[None]:
    _open_here.count = getattr(_open_here, "count", 0) + 1
    try:
        yield
    finally:
        _open_here.count -= 1


def transaction_is_open() -> bool:
    """Whether this thread is inside `transaction()` or `reading()`: no moment to wait for another machine."""
    return bool(getattr(_open_here, "count", 0))


def make_engine(url: str, *, pool_size: int = 20) -> Engine:
    """An engine for `url` (SQLite or PostgreSQL), with the pragmas and transaction modes we rely on."""
    parsed = make_url(url)
    # `hide_parameters`: what people wrote must not get into an error's text.
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed, hide_parameters=True, pool_size=pool_size, max_overflow=pool_size, pool_timeout=30
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(
        parsed, hide_parameters=True, pool_size=pool_size, max_overflow=pool_size, pool_timeout=30, pool_pre_ping=True
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MS}")
    cursor.execute("PRAGMA synchronous = FULL")  # a committed grade survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns to writing fails at once under load, whatever the busy timeout; one that is
    # immediate waits its turn. Readers stay deferred, so they never wait for a writer.
    reading = bool(connection.get_execution_options().get(READING))
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def changed_rows(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE touched: the answer to "was it me?" of every conditional update."""
    return cast("CursorResult[Any]", result).rowcount
