"""A platform that is switched off is told nothing, and loses nothing: what it is owed waits and then sets out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from lti_tool import column_searches, outbox, rosters
from lti_tool.models import ColumnSearch, Context, Deployment, LineItem, Registration, Roster
from lti_tool.permission import ACTIVE, DISABLED, PENDING
from lti_tool.switching import switch
from tests.workers.cells import Cell, claim, make_cell, must_claim, retry
from tests.workers.conftest import MovedClock


@pytest.fixture
def cell(database: Database, moved_clock: MovedClock) -> Cell:
    return make_cell(database)


def put(cell: Cell, table: type[Any], state: str) -> None:
    with cell.database.transaction() as session:
        own = table.id if table is Registration else table.registration_id
        switch(session, session.scalars(select(table).where(own == cell.registration_id)).one(), state)


def due(cell: Cell) -> list[int]:
    with cell.database.reading() as session:
        return outbox.due_ids(session)


@pytest.mark.parametrize("table", [Registration, Deployment])
@pytest.mark.parametrize("state", [DISABLED, PENDING])
def test_a_score_waits_while_it_is_off_and_is_due_when_it_is_on(cell: Cell, table: type[Any], state: str) -> None:
    put(cell, table, state)
    row_id = cell.must_owe(3)  # work that was handed in by a sweep, say
    assert due(cell) == []
    assert claim(cell.database, row_id) is None
    assert (cell.row(row_id).state, cell.row(row_id).tries) == (outbox.PENDING, 0)
    put(cell, table, ACTIVE)
    assert due(cell) == [row_id]
    assert must_claim(cell.database, row_id).score == 3


def test_one_that_was_to_be_tried_again_later_is_due_at_once_when_it_is_on(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(3)
    for _ in range(6):
        moved_clock.move_to(retry(cell.database, must_claim(cell.database, row_id)))
    retry(cell.database, must_claim(cell.database, row_id))
    put(cell, Registration, DISABLED)
    moved_clock.move(20)
    put(cell, Registration, ACTIVE)
    assert due(cell) == [row_id]


def test_the_time_in_which_it_was_off_counts_for_no_waiting(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(3)
    put(cell, Deployment, DISABLED)
    moved_clock.move((outbox.GIVE_UP_AFTER + timedelta(days=1)).total_seconds())
    put(cell, Deployment, ACTIVE)
    retry(cell.database, must_claim(cell.database, row_id))
    assert cell.row(row_id).state == outbox.PENDING
    moved_clock.move((outbox.GIVE_UP_AFTER + timedelta(days=1)).total_seconds())
    retry(cell.database, must_claim(cell.database, row_id))
    assert cell.row(row_id).state == outbox.STUCK


def test_another_platforms_scores_go_on(cell: Cell) -> None:
    other = make_cell(cell.database, client_id="client-2")
    put(cell, Registration, DISABLED)
    cell.must_owe(3)
    theirs = other.must_owe(4)
    assert due(cell) == [theirs]


@pytest.mark.parametrize("table", [Registration, Deployment])
def test_neither_columns_nor_rosters_are_asked_for_meanwhile(cell: Cell, table: type[Any]) -> None:
    with cell.database.transaction() as session:
        column = session.get_one(LineItem, cell.line_item_id)
        column.container_url = "https://lms.example.org/lineitems"
        session.add(ColumnSearch(line_item_id=column.id, wanted={"resourceId": "quiz-1"}, next_try_at=clock.now()))
        context = session.scalars(select(Context)).one()
        session.add(Roster(context_id=context.id, url="https://lms.example.org/members"))
    put(cell, table, DISABLED)
    with cell.database.transaction() as session:
        assert column_searches.due_ids(session) == []
        assert column_searches.claim(session, cell.line_item_id) is None
        assert rosters.claim(session, context.id) is None
    put(cell, table, ACTIVE)
    with cell.database.transaction() as session:
        assert column_searches.due_ids(session) == [cell.line_item_id]
        assert column_searches.claim(session, cell.line_item_id) is not None
        assert rosters.claim(session, context.id) is not None
