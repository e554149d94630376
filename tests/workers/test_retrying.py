"""Stuck scores found, explained and let go by an admin: only those that are stuck, and never twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from lti_tool import outbox
from lti_tool.admin.models import AuditEntry
from lti_tool.models import ColumnSearch
from lti_tool.retrying import retry_columns, retry_stuck
from lti_tool.stuck_scores import failing_rows, find_score, owed, retries, stuck_rows
from tests.workers.cells import Cell, delivered, make_cell, must_claim, retry, stick
from tests.workers.conftest import MovedClock


def _stuck(cell: Cell, points: int, cause: str = "service_404") -> int:
    row_id = cell.must_owe(points)
    stick(cell.database, must_claim(cell.database, row_id), cause)
    return row_id


def _let_go(database: Database, **which: object) -> int:
    with database.transaction() as session:
        return retry_stuck(session, "ada", **which)  # type: ignore[arg-type]


def test_what_is_owed_is_counted_by_platform_state_and_cause(database: Database, moved_clock: MovedClock) -> None:
    first = make_cell(database)
    began = clock.now()
    _stuck(first, 3)
    moved_clock.move(60)
    other = make_cell(database, issuer="https://other.example", name="Other")
    waiting = other.must_owe(4)
    retry(database, must_claim(database, waiting))
    with database.reading() as session:
        found = owed(session)
        failing = failing_rows(session)
    here, there = found.platforms
    assert (here.stuck, here.oldest_stuck, here.on_the_way, here.oldest_on_the_way) == (1, began, 0, None)
    assert (there.on_the_way, there.failing, there.stuck, there.oldest_on_the_way) == (1, 1, 0, clock.now())
    assert [(one.registration_id, one.cause, one.count) for one in found.groups] == [
        (first.registration_id, "service_404", 1)
    ]
    assert [(row.id, row.cause) for row in failing] == [(waiting, "service_503")]


def test_a_row_names_its_place_and_nobody(database: Database, moved_clock: MovedClock) -> None:
    cell = make_cell(database, sub="user-77")
    row_id = _stuck(cell, 3)
    with database.reading() as session:
        (row,) = stuck_rows(session, registration_id=cell.registration_id, cause="service_404").rows
        assert stuck_rows(session, cause="locked").rows == ()
    assert (row.id, row.user_id, row.context_title, float(row.points), row.tries) == (row_id, "user-77", "C", 3.0, 1)
    assert not hasattr(row, "name")


def test_one_that_was_let_go_is_due_and_its_fate_is_seen(database: Database, moved_clock: MovedClock) -> None:
    cell = make_cell(database)
    row_id = _stuck(cell, 3)
    moved_clock.move(600)
    assert _let_go(database, score_id=row_id) == 1
    assert _let_go(database, score_id=row_id) == 0, "a double click lets nothing go twice"
    with database.reading() as session:
        assert outbox.due_ids(session) == [row_id]
        assert [(one.count, one.on_the_way, one.is_over) for one in retries(session)] == [(1, 1, False)]
    first = must_claim(database, row_id)
    moved_clock.move(1)
    stick(database, first, "locked")
    with database.reading() as session:
        assert retries(session)[0].refused == {"locked": 1}
    moved_clock.move(60)
    assert _let_go(database, registration_id=cell.registration_id) == 1
    delivered(database, must_claim(database, row_id))
    with database.reading() as session:
        (last,) = retries(session)
        assert (last.delivered, last.delivered_at, last.is_over) == (1, clock.now(), True)
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)).all()
    assert [(one.actor, one.action, one.subject) for one in entries] == [
        ("ada", "score.retry", f"registration {cell.registration_id}"), ("ada", "score.retry", f"score {row_id}"),
    ]  # fmt: skip
    moved_clock.move(timedelta(days=2).total_seconds())
    with database.reading() as session:
        assert retries(session) == []


@pytest.mark.parametrize("state", ["waiting", "leased", "delivered"])
def test_what_is_not_stuck_is_left_as_it_is(database: Database, moved_clock: MovedClock, state: str) -> None:
    cell = make_cell(database)
    row_id = cell.must_owe(3)
    if state != "waiting":
        delivery = must_claim(database, row_id)
        if state == "delivered":
            delivered(database, delivery)
    before = {name: getattr(cell.row(row_id), name) for name in ("state", "next_try_at", "lease_owner", "retried_at")}
    assert _let_go(database, score_id=row_id) == 0
    assert _let_go(database) == 0
    assert {name: getattr(cell.row(row_id), name) for name in before} == before


def test_a_score_that_a_newer_one_replaced_is_never_let_go(database: Database, moved_clock: MovedClock) -> None:
    cell = make_cell(database)
    old = cell.must_owe(3)
    slow = must_claim(database, old)
    moved_clock.move(1)
    new = cell.must_owe(5)
    stick(database, slow)  # it was on its way when the newer one was written, so it is stuck beside it
    assert cell.states() == ["stuck", "pending"]
    assert _let_go(database, score_id=old) == 0
    assert _let_go(database) == 0
    delivered(database, must_claim(database, new))
    assert cell.states() == ["superseded", "delivered"]


def test_a_teachers_grade_is_left_alone_unless_it_is_meant(database: Database, moved_clock: MovedClock) -> None:
    cell = make_cell(database)
    row_id = _stuck(cell, 3, outbox.TEACHERS_GRADE)
    with database.reading() as session:
        found = owed(session)
    assert found.platforms[0].stuck == 0
    assert [one.needs_nobody for one in found.groups] == [True]
    assert _let_go(database, registration_id=cell.registration_id) == 0
    assert _let_go(database, registration_id=cell.registration_id, cause=outbox.TEACHERS_GRADE) == 1
    assert cell.row(row_id).state == outbox.PENDING


def test_other_platforms_and_causes_stay(database: Database, moved_clock: MovedClock) -> None:
    first, other = make_cell(database), make_cell(database, issuer="https://other.example")
    rows = [_stuck(first, 3), _stuck(other, 3, "locked")]
    assert _let_go(database, registration_id=first.registration_id, cause="locked") == 0
    assert _let_go(database, cause="locked") == 1
    assert [first.row(rows[0]).state, other.row(rows[1]).state] == ["stuck", "pending"]


def test_a_column_that_was_not_found_is_looked_for_again(database: Database, moved_clock: MovedClock) -> None:
    cell = make_cell(database, column={"url": None})
    row_id = _stuck(cell, 3, outbox.NO_LINE_ITEM)
    with database.transaction() as session:
        session.add(
            ColumnSearch(line_item_id=cell.line_item_id, wanted={}, next_try_at=None, tries=3, cause="service_403")
        )
    assert _let_go(database, score_id=row_id) == 1
    with database.transaction() as session:
        search = session.get_one(ColumnSearch, cell.line_item_id)
        assert (search.next_try_at, search.tries) == (clock.now(), 0)
        assert retry_columns(session, "ada", cell.registration_id) == 0, "it is being looked for"
        search.next_try_at, search.cause = None, "column_gone"
        session.flush()
        assert retry_columns(session, "ada", cell.registration_id) == 0, "an instructor took it away"
        search.cause = "service_403"
        session.flush()
        assert retry_columns(session, "ada", cell.registration_id) == 1


def test_pages_of_stuck_scores_lead_through_all(sqlite_database: Database, moved_clock: MovedClock) -> None:
    cells = [make_cell(sqlite_database, issuer=f"https://{number}.example") for number in range(5)]
    rows = [_stuck(cell, 3) for cell in cells]
    with sqlite_database.reading() as session:
        first = stuck_rows(session, length=3)
        second = stuck_rows(session, after=first.after, length=3)
        assert [row.id for row in (*first.rows, *second.rows)] == rows
        assert second.after is None
        found = find_score(session, rows[0])
    assert found is not None
    assert found.state == "stuck"
