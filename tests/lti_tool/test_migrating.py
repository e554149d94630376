"""An older database is brought up to date with what is in it, on both kinds."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from config.database import Database
from lti_tool.migrating import upgrade

ROWS = """
INSERT INTO learner (id, key, created_at) VALUES (1, 'abc', '2026-01-01 00:00:00');
INSERT INTO placement (id, key, course_id, context_key, takes_grades, created_at)
  VALUES (1, 'abc', 'c', 'context-1', TRUE, '2026-01-01 00:00:00');
INSERT INTO section_read (learner_id, context_key, item_id, section_id, read_at)
  VALUES (1, 'context-1', 'lesson-1', 's', '2026-01-01 00:00:00');
INSERT INTO snapshot (content_hash, body, created_at) VALUES ('h', '{}', '2026-01-01 00:00:00');
INSERT INTO attempt (id, key, placement_id, learner_id, item_id, number, is_preview, started_at, content_hash)
  VALUES (1, 'abc', 1, 1, 'quiz-1', 1, FALSE, '2026-01-01 00:00:00', 'h');
INSERT INTO outcome (id, attempt_id, decided_by, points, points_possible, evidence, decided_at)
  VALUES (1, 1, 'key', 4, 5, '{}', '2026-01-01 00:00:00');
INSERT INTO registration
  (id, name, issuer, client_id, auth_login_url, auth_token_url, jwks_url, created_at)
  VALUES (1, 'n', 'i', 'c', 'a', 't', 'j', '2026-01-01 00:00:00');
INSERT INTO deployment (id, registration_id, deployment_id, created_at) VALUES (1, 1, '1', '2026-01-01 00:00:00');
INSERT INTO context (id, deployment_id, lti_context_id, title, created_at)
  VALUES (1, 1, 'c', '', '2026-01-01 00:00:00');
INSERT INTO resource_link (id, context_id, lti_resource_link_id, title, placement_id, created_at)
  VALUES (1, 1, 'l', '', 1, '2026-01-01 00:00:00');
INSERT INTO line_item (id, resource_link_id, item_id, scopes, updated_at)
  VALUES (1, 1, 'quiz-1', '[]', '2026-01-01 00:00:00');
INSERT INTO lti_user (id, registration_id, sub, name, learner_id, created_at)
  VALUES (1, 1, 's', '', 1, '2026-01-01 00:00:00');
INSERT INTO outbox_score (id, line_item_id, lti_user_id, outcome_id, score_given, score_maximum, timestamp, body,
  state, tries, may_have_arrived, next_try_at, created_at)
  VALUES (1, 1, 1, 1, 4, 5, '2026-01-01 00:00:00', '', 'pending', 0, FALSE, '2026-01-01 00:00:00',
  '2026-01-01 00:00:00');
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}"
    address = str(request.getfixturevalue("postgres"))
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS an_old_one WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE an_old_one"))
    engine.dispose()
    return address.replace("/postgres?", "/an_old_one?", 1)


def test_grades_and_what_points_to_them_survive_every_migration(empty_url: str) -> None:
    database = Database(empty_url)
    upgrade(database.engine, "0001")
    with database.transaction() as session:
        for statement in filter(str.strip, ROWS.split(";\n")):
            session.execute(text(statement))
    upgrade(database.engine)
    with database.transaction() as session:
        assert session.execute(text("SELECT id, attempt_id, number, points FROM outcome")).all() == [(1, 1, 1, 4)]
        assert session.execute(text("SELECT outcome_id FROM outbox_score")).all() == [(1,)]
        assert session.scalar(text("SELECT override FROM attempt")) in ("{}", {})
        assert session.execute(text("SELECT course_id, item_id FROM section_read")).all() == [("c", "lesson-1")]
        if empty_url.startswith("sqlite"):
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.dispose()
