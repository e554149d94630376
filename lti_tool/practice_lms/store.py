"""The SQLite file that keeps the course and the gradebook between runs."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_TIMEOUT_SECONDS = 10

SCHEMA = """
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signing_key (
  kid TEXT PRIMARY KEY, pem TEXT NOT NULL, position INTEGER NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS person (
  id TEXT PRIMARY KEY, given_name TEXT NOT NULL, family_name TEXT NOT NULL, email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('instructor', 'assistant', 'student')), position INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS activity (
  id TEXT PRIMARY KEY, resource_link_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, url TEXT NOT NULL,
  custom TEXT NOT NULL, position INTEGER NOT NULL, column_made INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS copied_course (
  number INTEGER PRIMARY KEY, label TEXT NOT NULL, title TEXT NOT NULL, origin INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS line_item (
  id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL,
  score_maximum REAL NOT NULL CHECK (score_maximum > 0),
  resource_id TEXT NOT NULL, tag TEXT NOT NULL,
  resource_link_id TEXT, made_with_activity INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS grade (
  line_item_id INTEGER NOT NULL REFERENCES line_item ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES person,
  score_given REAL, score_maximum REAL, comment TEXT NOT NULL,
  timestamp TEXT NOT NULL, stored_second INTEGER, received_at TEXT NOT NULL,
  activity_progress TEXT NOT NULL, grading_progress TEXT NOT NULL,
  PRIMARY KEY (line_item_id, user_id)
);
CREATE TABLE IF NOT EXISTS teacher_grade (
  line_item_id INTEGER NOT NULL REFERENCES line_item ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES person, points REAL, locked INTEGER NOT NULL,
  PRIMARY KEY (line_item_id, user_id)
);
CREATE TABLE IF NOT EXISTS submission (
  line_item_id INTEGER NOT NULL REFERENCES line_item ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES person, attempt INTEGER NOT NULL,
  type TEXT NOT NULL, data TEXT NOT NULL, submitted_at TEXT NOT NULL,
  PRIMARY KEY (line_item_id, user_id, attempt)
);
CREATE TABLE IF NOT EXISTS attempt_limit (
  line_item_id INTEGER PRIMARY KEY REFERENCES line_item ON DELETE CASCADE, most INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS received_score (
  id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, body TEXT NOT NULL,
  status INTEGER NOT NULL, received_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS launch_hint (
  hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, activity_id TEXT NOT NULL,
  document_target TEXT NOT NULL, expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS access_token (
  hash TEXT PRIMARY KEY, scope TEXT NOT NULL, expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS tool (
  client_id TEXT PRIMARY KEY, deployment_id TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL,
  active INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS registration_token (
  hash TEXT PRIMARY KEY, client_id TEXT NOT NULL, expires_at REAL NOT NULL, used INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS used_assertion (hash TEXT PRIMARY KEY, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS selection (
  ticket_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, course INTEGER NOT NULL, placement TEXT NOT NULL,
  data TEXT, items TEXT, expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS notice_handler (notice_type TEXT PRIMARY KEY, handler TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS used_nonce (hash TEXT PRIMARY KEY, expires_at REAL NOT NULL);
"""


# What files of older versions do not have.
LATER_COLUMNS = (
    ("activity", "course INTEGER NOT NULL DEFAULT 1"),
    ("activity", "published INTEGER NOT NULL DEFAULT 1"),
    ("activity", "dates TEXT NOT NULL DEFAULT '{}'"),
    ("activity", "origin TEXT"),
    ("line_item", "course INTEGER NOT NULL DEFAULT 1"),
)


def _add_column(db: sqlite3.Connection, table: str, column: str) -> None:
    there = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}
    if column.partition(" ")[0] not in there:
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


class Store:
    """Opens a connection for each transaction: cheap for SQLite, and safe among threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # The file holds the signing keys: nobody but its owner may read it.
        path.touch(mode=0o600, exist_ok=True)
        db = self._connect()
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA)
            for table, column in LATER_COLUMNS:
                _add_column(db, table, column)
        finally:
            db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back when anything is raised.

        It takes the write lock at once, so that what is read inside (is this hint unused,
        is this score newer) still holds when it is acted on.
        """
        db = self._connect()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            # Closing an open transaction rolls it back.
            db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        return db
