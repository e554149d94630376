"""What is kept of launches for an admin: bounded against floods, found by reference, without anybody's name."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from config.database import Database
from lti_tool.expiry import forget_expired
from lti_tool.launch_events import COMMAND, KEPT, LET_IN, MOST_AN_HOUR, REFUSED, Entry, note
from lti_tool.launch_reports import PERIODS, UNKNOWN, Wanted, launches, refusals_by_cause
from lti_tool.models import LaunchEvent
from lti_tool.registrations import add_platform, remove_platform
from tests.lti_tool.conftest import Clock

PLATFORM = {
    "issuer": "https://lms.example", "client_id": "client-1", "auth_login_url": "https://lms.example/auth",
    "auth_token_url": "https://lms.example/token", "jwks_url": "https://lms.example/jwks", "name": "Our LMS",
}  # fmt: skip


BOTH = pytest.mark.parametrize("database", ["sqlite_url", "postgres_url"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated one: of both kinds where a test asks for it, else SQLite."""
    opened = Database(request.getfixturevalue(getattr(request, "param", "sqlite_url")))
    yield opened
    opened.dispose()


def keep(database: Database, *entries: Entry) -> None:
    for entry in entries:
        with database.transaction() as session:
            note(session, entry)


def refused(cause: str = "expired", **values: object) -> Entry:
    return Entry(**{"step": "launch", "outcome": REFUSED, "cause": cause, **values})  # type: ignore[arg-type]  # of tests


def count(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        rows, times = session.execute(select(func.count(), func.coalesce(func.sum(LaunchEvent.times), 0))).one()
        return rows, times


@BOTH
def test_a_flood_is_counted_by_cause_and_keeps_nobody_elses_rows_out(database: Database, stopped_clock: Clock) -> None:
    with database.transaction() as session:
        add_platform(session, **PLATFORM)
    stranger = Entry("login", REFUSED, "unknown_registration", issuer="https://x.example", client_id="?")
    with database.transaction() as session:
        for _ in range(MOST_AN_HOUR + 40):
            note(session, stranger)
    keep(database, Entry("login", REFUSED, "state_missing"), refused(registration_id=1, reference="abc"))
    assert count(database) == (MOST_AN_HOUR + 3, MOST_AN_HOUR + 42)
    with database.reading() as session:
        counted = {one.cause: one.times for one in refusals_by_cause(session, PERIODS["day"])}
        assert counted == {"unknown_registration": MOST_AN_HOUR + 40, "state_missing": 1, "expired": 1}
        assert [one.platform for one in launches(session, Wanted(reference=" ABC ")).rows] == ["Our LMS"]
    stopped_clock.advance(hours=1, seconds=1)
    keep(database, Entry("login", REFUSED, "unknown_registration", reference="def"))
    with database.reading() as session:
        assert launches(session, Wanted(reference="def")).rows[0].times == 1


@BOTH
def test_it_outlives_its_platform_and_is_forgotten_after_its_time(database: Database, stopped_clock: Clock) -> None:
    with database.transaction() as session:
        add_platform(session, **PLATFORM)
    keep(database, Entry("launch", LET_IN, registration_id=1, reference="abc"))
    with database.transaction() as session:
        remove_platform(session, issuer=PLATFORM["issuer"], client_id=PLATFORM["client_id"])
    with database.reading() as session:
        (row,) = launches(session, Wanted(platform=UNKNOWN)).rows
        assert (row.platform, row.outcome) == ("", LET_IN)
    stopped_clock.moment += KEPT - timedelta(seconds=1)
    with database.transaction() as session:
        forget_expired(session)
    assert count(database) == (1, 1)
    stopped_clock.moment += timedelta(seconds=2)
    with database.transaction() as session:
        forget_expired(session)
    assert count(database) == (0, 0)


def test_a_reference_brings_back_what_its_page_said(database: Database) -> None:
    told = (("issuer", "https://x.example"), ("client id", "c"), (COMMAND, "coursewright platforms add --issuer …"))
    keep(database, Entry("login", REFUSED, "unknown_registration", details=told, reference="abc"))
    with database.reading() as session:
        refusal = launches(session, Wanted(reference="abc")).rows[0].refusal
    assert refusal is not None
    assert "https://x.example" in refusal.told().message
    assert "coursewright platforms add --issuer" in refusal.told().what_to_do


def test_a_platforms_own_words_about_a_login_are_not_kept(database: Database) -> None:
    keep(database, refused("platform_error", details=(("error", "denied"), ("description", "Ada may not"))))
    with database.reading() as session:
        assert launches(session).rows[0].details == (("error", "denied"),)


def test_launches_are_listed_page_by_page_and_by_platform(database: Database) -> None:
    with database.transaction() as session:
        for client_id in ("client-1", "client-2"):
            add_platform(session, **{**PLATFORM, "client_id": client_id})
    keep(database, *[Entry("launch", LET_IN, registration_id=1 + number % 2) for number in range(5)], refused())
    with database.reading() as session:
        first = launches(session, length=4)
        rest = launches(session, length=4, before=first.before)
        assert (len(first.rows), len(rest.rows), rest.before) == (4, 2, None)
        assert len(launches(session, Wanted(platform=1)).rows) == 3
        assert [one.cause for one in launches(session, Wanted(only_refused=True)).rows] == ["expired"]


def test_a_login_that_leaves_its_client_out_is_its_platforms_where_there_is_one(database: Database) -> None:
    with database.transaction() as session:
        add_platform(session, **PLATFORM)
    for issuer in (PLATFORM["issuer"], "\x00", "\ud800"):
        keep(database, Entry("login", REFUSED, "login_hint_missing", issuer=issuer))
    with database.reading() as session:
        assert sorted(one.platform for one in launches(session).rows) == ["", "", "Our LMS"]
