"""The console's services on both databases: the log that nobody changes, and tries that many processes count."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from config import clock
from config.database import Database
from lti_tool.admin import audit, passwords, sessions, tries
from lti_tool.admin.audit import Wanted
from lti_tool.admin.models import AdminAccount, AdminSession, AuditEntry, SignInTries
from lti_tool.admin.passwords import PasswordRefused
from lti_tool.admin.tries import TooManyTries
from lti_tool.expiry import forget_expired


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Made by the migrations, which have what models do not say."""
    opened = Database(request.getfixturevalue(request.param))
    yield opened
    opened.dispose()


def test_the_log_is_read_in_pages_by_what_is_wanted(database: Database) -> None:
    with database.transaction() as session:
        for number in range(5):
            audit.note(session, "grace", "registration.disable", f"registration {number}", was="enabled")
        audit.note(session, audit.CLI, "key.rotate", "key 100%")
    with database.reading() as session:
        first = audit.listing(session, length=4)
        assert [entry.subject for entry in first.entries][:2] == ["key 100%", "registration 4"]
        last = audit.listing(session, before=first.before, length=4)
        assert [entry.subject for entry in last.entries] == ["registration 1", "registration 0"]
        assert last.before is None
        for wanted, count in ((Wanted(actor="grace"), 5), (Wanted(action="key.rotate"), 1), (Wanted(subject="%"), 0)):
            assert len(audit.listing(session, wanted).entries) == count
        assert audit.actions(session) == ["key.rotate", "registration.disable"]
        assert audit.actors(session) == ["cli", "grace"]


def test_the_database_itself_keeps_the_log_as_it_was_written(database: Database) -> None:
    with database.transaction() as session:
        audit.note(session, "grace", "registration.disable", "registration 3")
    for change in (update(AuditEntry).values(actor="nobody"), delete(AuditEntry)):
        with pytest.raises(DBAPIError, match="never changed"), database.transaction() as session:
            session.execute(change)
    with database.reading() as session:
        assert [entry.actor for entry in audit.listing(session).entries] == ["grace"]


def test_of_many_tries_at_once_no_more_pass_than_one_after_the_other(database: Database) -> None:
    limits = tries.buckets("grace", "192.0.2.1", "")

    def attempt(_: int) -> bool:
        try:
            with database.transaction() as session:
                tries.count(session, limits)
        except TooManyTries:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(25))) == tries.BY_ADDRESS


def test_sessions_and_tries_are_forgotten_once_their_time_is_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> int:
        with database.transaction() as session:
            forget_expired(session)
            return sum(len(session.scalars(select(table)).all()) for table in (AdminSession, SignInTries))

    with database.transaction() as session:
        account = AdminAccount(name="grace", password_hash="-", created_at=clock.now())
        session.add(account)
        session.flush()
        sessions.begin(session, account.id)
        tries.count(session, tries.buckets("grace", "192.0.2.1", "known"))
    start = clock.now()
    assert kept() == 2
    for passed, left in ((tries.WINDOW, 1), (sessions.LIFETIME, 0)):
        monkeypatch.setattr(clock, "now", lambda passed=passed: start + passed)
        assert kept() == left


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("eleven char", "at least 12 characters"),
        ("x" * 201, "at most 200"),
        ("GraceHopper1", "the name"),
        ("Password1234!", "everybody tries"),
        ("aaaaaaaaaaaaaaa", "repeats or counts"),
        ("abcdeabcdeabcde", "repeats or counts"),
        ("890123456789012345", "repeats or counts"),
        ("lkjhgfdsapoiuytrewq", "repeats or counts"),
    ],
)
def test_passwords_that_are_guessed_early_are_not_taken(password: str, told: str) -> None:
    with pytest.raises(PasswordRefused, match=told):
        passwords.check_new(password, "gracehopper")
    passwords.check_new(f"{password[:30]} and a lamp", "gracehopper")


def test_a_password_is_the_same_on_every_keyboard_and_kept_with_argon2id() -> None:
    kept = passwords.hashed("vier schöne Wörter")  # the letters in one piece
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.is_right(kept, "vier scho\u0308ne Wo\u0308rter")  # and in two
    assert not passwords.is_right(kept, "vier schoene Woerter")
    assert not passwords.is_right("no hash", "anything")
