"""The outbox by itself: what is owed, who may send it, and that nothing owed is ever lost."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from config import clock
from config.database import Database
from course.attempts import start_attempt, submit_attempt
from grading.service import record_quiz_outcome
from lti_tool import outbox
from lti_tool.gradebook import owe_missing_scores, owe_score
from lti_tool.models import LineItem
from lti_tool.waking import AT_MOST_EVERY
from tests.support.factory import QUIZ, Classroom, answer_quiz
from tests.workers.cells import (
    Cell,
    claim,
    delivered,
    make_cell,
    must_claim,
    restamp,
    retry,
    stick,
)
from tests.workers.conftest import MovedClock

THREADS = 8


@pytest.fixture
def cell(database: Database, moved_clock: MovedClock) -> Cell:
    return make_cell(database)


def _at_once(work: Callable[[int], Any], times: int = THREADS) -> list[Any]:
    barrier = threading.Barrier(times)

    def wait_and_work(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(wait_and_work, range(times)))


# What is owed


def test_the_same_score_is_owed_once_whatever_became_of_it(cell: Cell) -> None:
    row_id = cell.must_owe(3)
    assert cell.owe(3) is None
    delivered(cell.database, must_claim(cell.database, row_id))
    assert cell.owe(3) is None
    assert cell.owe("3.0000") is None
    assert cell.owe(4) is not None


def test_a_score_that_comes_back_is_owed_again(cell: Cell) -> None:
    for points in (3, 4, 3):
        cell.must_owe(points)
    assert cell.states() == ["superseded", "superseded", "pending"]


def test_a_stuck_score_is_owed_anew_when_it_is_earned_again(cell: Cell) -> None:
    stick(cell.database, must_claim(cell.database, cell.must_owe(3)))
    assert cell.owe(3) is not None
    assert cell.states() == ["superseded", "pending"]


def test_many_scores_in_one_second_get_rising_whole_seconds_and_wait_for_them(
    cell: Cell, moved_clock: MovedClock
) -> None:
    began = clock.whole_second(moved_clock.now())
    for points in range(6):
        cell.must_owe(points)
    stamps = [row.timestamp for row in cell.rows()]
    assert stamps == [began + timedelta(seconds=number) for number in range(6)]
    newest = cell.rows()[-1]
    assert newest.next_try_at == newest.timestamp
    assert claim(cell.database, newest.id) is None, "sent with a stamp that lies in the platform's future"
    moved_clock.move_to(newest.timestamp)
    assert claim(cell.database, newest.id) is not None


def test_timestamps_rise_even_when_the_clock_was_put_back(cell: Cell, moved_clock: MovedClock) -> None:
    first = cell.must_owe(1)
    moved_clock.move(-3600)
    second = cell.must_owe(2)
    assert cell.row(second).timestamp == cell.row(first).timestamp + timedelta(seconds=1)


def test_cells_have_timestamps_of_their_own(database: Database, moved_clock: MovedClock) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        ada, alan = Cell(database, room, "ada"), Cell(database, room, "alan")
    ada.owe(1)
    alan.owe(1)
    assert ada.rows()[0].timestamp == alan.rows()[0].timestamp == clock.whole_second(moved_clock.now())


def test_threads_that_owe_at_once_all_succeed_and_lose_nothing(cell: Cell) -> None:
    row_ids = _at_once(cell.owe)
    rows = cell.rows()
    assert sorted(row.id for row in rows) == sorted(row_ids)
    assert len({row.timestamp for row in rows}) == THREADS
    newest = max(rows, key=lambda row: row.timestamp)
    assert newest.state == "pending"
    assert [row.state for row in rows if row is not newest] == ["superseded"] * (THREADS - 1)


def test_threads_that_owe_the_same_at_once_owe_it_once(cell: Cell) -> None:
    assert len([row_id for row_id in _at_once(lambda _: cell.owe(4)) if row_id is not None]) == 1
    assert cell.states() == ["pending"]


@pytest.mark.parametrize("family", ["", "moodle", "canvas"])
@pytest.mark.parametrize("given", ["0", "0.0001", "3.3333", "5", "7.5"])
def test_only_final_scores_with_points_are_ever_written(
    sqlite_database: Database, moved_clock: MovedClock, given: str, family: str
) -> None:
    cell = make_cell(sqlite_database, product_family=family)
    cell.owe(2)
    cell.owe(given)
    for row, points in zip(cell.rows(), ("2", given), strict=True):
        body = json.loads(row.body)
        assert body["gradingProgress"] == "FullyGraded"
        assert body["activityProgress"] == "Completed"
        assert isinstance(body["scoreGiven"], int | float)
        assert Decimal(str(body["scoreGiven"])) == Decimal(points)
        assert body["scoreMaximum"] == 5
        assert body["timestamp"] == clock.isoformat(row.timestamp)
        assert body["submission"]["startedAt"] <= body["submission"]["submittedAt"]
        assert "comment" not in body


def test_only_the_first_score_on_canvas_is_a_new_submission(sqlite_database: Database, moved_clock: MovedClock) -> None:
    cell = make_cell(sqlite_database, product_family="canvas")
    for points in (1, 2, 3):
        cell.owe(points)
    extension = "https://canvas.instructure.com/lti/submission"
    assert [json.loads(row.body)[extension]["new_submission"] for row in cell.rows()] == [True, False, False]


# What a learner's work owes


def test_nothing_right_owes_a_zero_and_nothing_handed_in_owes_nothing(
    database: Database, moved_clock: MovedClock
) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        zero, idle, busy = room.person("zero"), room.person("idle"), room.person("busy")
        room.handed_in(zero, right=0)
        answer_quiz(session, start_attempt(session, room.placement, busy.learner_id, QUIZ, is_preview=False), right=5)
        owed = owe_score(session, room.placement, zero.learner_id, QUIZ.id)
        assert owed is not None
        assert json.loads(owed.body)["scoreGiven"] == 0
        for person in (idle, busy):
            assert owe_score(session, room.placement, person.learner_id, QUIZ.id) is None
        assert owe_missing_scores(session, room.line_item) == []


def test_an_instructors_preview_owes_nothing_by_any_way(database: Database, moved_clock: MovedClock) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        grace = room.person("grace")
        attempt = start_attempt(session, room.placement, grace.learner_id, QUIZ, is_preview=True)
        answer_quiz(session, attempt, right=5)
        submit_attempt(session, attempt)
        record_quiz_outcome(session, attempt)
        assert owe_score(session, room.placement, grace.learner_id, QUIZ.id) is None
        assert owe_missing_scores(session, room.line_item) == []


def test_a_worse_attempt_owes_nothing_when_the_best_one_counts(database: Database, moved_clock: MovedClock) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        ada = room.person()
        owed = []
        for right in (3, 1, 4):
            room.handed_in(ada, right)
            row = owe_score(session, room.placement, ada.learner_id, QUIZ.id)
            owed.append(row and int(row.score_given))
        assert owed == [3, None, 4]


def test_a_column_that_appears_late_is_owed_everyones_work_once(database: Database, moved_clock: MovedClock) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        people = [room.person(f"learner-{number}") for number in range(3)]
        for right, person in enumerate(people):
            room.handed_in(person, right)
        owed = owe_missing_scores(session, room.line_item)
        assert sorted(json.loads(row.body)["scoreGiven"] for row in owed) == [0, 1, 2]
        assert owe_missing_scores(session, room.line_item) == []


# Who may send


def test_only_one_of_eight_threads_gets_a_row(cell: Cell) -> None:
    row_id = cell.must_owe(3)
    claimed = [one for one in _at_once(lambda _: claim(cell.database, row_id)) if one is not None]
    assert len(claimed) == 1
    assert cell.row(row_id).tries == 1


def test_eight_threads_at_many_rows_get_each_once(database: Database, moved_clock: MovedClock) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        cells = [Cell(database, room, f"learner-{number}") for number in range(6)]
    row_ids = [cell.must_owe(3) for cell in cells]
    claimed = _at_once(lambda _: [one.outbox_id for row in row_ids if (one := claim(database, row))])
    assert sorted(row_id for one in claimed for row_id in one) == sorted(row_ids)


def test_a_claim_says_all_that_is_needed_to_send(database: Database, moved_clock: MovedClock) -> None:
    scopes = ["https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"]
    cell = make_cell(database, column={"scopes": scopes, "url": "https://lms.example.org/1?a=b"})
    row_id = cell.must_owe("2.5")
    delivery = must_claim(database, row_id)
    assert (delivery.outbox_id, delivery.registration_id) == (row_id, cell.registration_id)
    assert (delivery.line_item_url, delivery.user_id) == ("https://lms.example.org/1?a=b", "ada")
    assert delivery.body == cell.row(row_id).body
    assert (delivery.share, delivery.tries, delivery.reads_results) == (0.5, 0, True)


def test_a_lease_frees_its_row_when_it_ends_and_not_before(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(3)
    first = must_claim(cell.database, row_id)
    moved_clock.move(outbox.LEASE.total_seconds() - 0.1)
    assert claim(cell.database, row_id) is None
    moved_clock.move(0.1)
    second = must_claim(cell.database, row_id)
    assert (second.body, second.tries) == (first.body, 1)
    assert second.owner != first.owner


def test_a_renewed_lease_goes_on(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(3)
    first = must_claim(cell.database, row_id)
    moved_clock.move(4)
    with cell.database.transaction() as session:
        outbox.renew_leases(session, [first.owner])
    moved_clock.move(4)
    assert claim(cell.database, row_id) is None
    moved_clock.move(1)
    assert claim(cell.database, row_id) is not None


def test_a_row_is_due_only_while_it_can_be_claimed(cell: Cell, moved_clock: MovedClock) -> None:
    def due() -> list[int]:
        with cell.database.reading() as session:
            return outbox.due_ids(session)

    row_id = cell.must_owe(3)
    assert due() == [row_id]
    delivery = must_claim(cell.database, row_id)
    assert due() == []
    moved_clock.move_to(retry(cell.database, delivery) - timedelta(milliseconds=1))
    assert due() == []
    moved_clock.move(0.001)
    assert due() == [row_id]


def test_the_most_overdue_are_found_first_and_only_so_many(database: Database, moved_clock: MovedClock) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        cells = [Cell(database, room, f"learner-{number}") for number in range(4)]
    row_ids = []
    for cell in cells:
        row_ids.append(cell.must_owe(1))
        moved_clock.move(1)
    with database.reading() as session:
        assert outbox.due_ids(session) == row_ids
        assert outbox.due_ids(session, limit=2) == row_ids[:2]


# A newer score takes an older one's place


def test_a_newer_score_supersedes_one_that_has_not_gone_out(cell: Cell) -> None:
    older = cell.must_owe(1)
    cell.must_owe(2)
    assert cell.states() == ["superseded", "pending"]
    assert claim(cell.database, older) is None


def test_a_newer_score_waits_while_an_older_one_is_on_its_way(cell: Cell, moved_clock: MovedClock) -> None:
    first = must_claim(cell.database, cell.must_owe(1))
    newer = cell.must_owe(2)
    moved_clock.move(2)
    assert cell.states() == ["pending", "pending"]
    assert claim(cell.database, newer) is None
    delivered(cell.database, first)
    assert claim(cell.database, newer) is not None


def test_an_older_score_that_failed_gives_way_to_a_newer(cell: Cell, moved_clock: MovedClock) -> None:
    first = must_claim(cell.database, cell.must_owe(1))
    newer = cell.must_owe(2)
    moved_clock.move_to(retry(cell.database, first))
    assert claim(cell.database, first.outbox_id) is None
    assert cell.states() == ["superseded", "pending"]
    assert claim(cell.database, newer) is not None


def test_an_older_score_that_got_stuck_is_done_with_once_a_newer_goes_out(cell: Cell, moved_clock: MovedClock) -> None:
    first = must_claim(cell.database, cell.must_owe(1))
    newer = cell.must_owe(2)
    stick(cell.database, first)
    moved_clock.move(2)
    delivered(cell.database, must_claim(cell.database, newer))
    assert cell.states() == ["superseded", "delivered"]
    with cell.database.reading() as session:
        assert outbox.count_owed(session, cell.registration_id) == 0


# After a lease was lost


@pytest.mark.parametrize("late", [retry, stick, restamp])
def test_a_worker_that_lost_its_lease_does_not_end_anothers(
    cell: Cell, moved_clock: MovedClock, late: Callable[[Database, outbox.Delivery], Any]
) -> None:
    row_id = cell.must_owe(1)
    paused = must_claim(cell.database, row_id)
    moved_clock.move(6)
    must_claim(cell.database, row_id)
    before = cell.row(row_id)
    late(cell.database, paused)
    after = cell.row(row_id)
    assert (after.state, after.lease_owner, after.lease_until) == ("pending", before.lease_owner, before.lease_until)
    assert after.body == before.body


def test_an_answer_is_believed_even_when_the_lease_was_lost(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(1)
    paused = must_claim(cell.database, row_id)
    moved_clock.move(6)
    must_claim(cell.database, row_id)
    delivered(cell.database, paused)
    assert cell.states() == ["delivered"]


# Retries


def test_retries_wait_ever_longer_up_to_a_limit_and_not_in_step(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(3)
    waits = []
    for _ in range(14):
        delivery = must_claim(cell.database, row_id)
        next_try = retry(cell.database, delivery)
        waits.append((next_try - moved_clock.now()).total_seconds())
        moved_clock.move_to(next_try)
    limit = outbox.LONGEST_RETRY.total_seconds()
    for number, wait in enumerate(waits):
        expected = min(5 * 2**number, limit)
        assert 0.8 * expected <= wait <= 1.2 * expected
    assert len({round(wait / limit, 6) for wait in waits[-6:]}) > 1, "no jitter"
    assert cell.row(row_id).cause == "service_503"
    assert cell.states() == ["pending"]


def test_a_platform_that_names_a_longer_wait_gets_it_and_a_shorter_one_is_not_hurried(
    cell: Cell, moved_clock: MovedClock
) -> None:
    row_id = cell.must_owe(3)
    next_try = retry(cell.database, must_claim(cell.database, row_id), after=timedelta(minutes=30))
    assert next_try == moved_clock.now() + timedelta(minutes=30)
    moved_clock.move_to(next_try)
    next_try = retry(cell.database, must_claim(cell.database, row_id), after=timedelta(seconds=1))
    assert next_try >= moved_clock.now() + timedelta(seconds=8)


def test_after_fourteen_days_a_score_is_set_aside_and_a_launch_tries_it_again(
    cell: Cell, moved_clock: MovedClock
) -> None:
    row_id = cell.must_owe(3)
    moved_clock.move(timedelta(days=13, hours=23).total_seconds())
    retry(cell.database, must_claim(cell.database, row_id))
    assert cell.states() == ["pending"]
    moved_clock.move(timedelta(days=1).total_seconds())
    retry(cell.database, must_claim(cell.database, row_id))
    row = cell.row(row_id)
    assert row.state == "stuck"
    assert row.cause is not None
    assert "service_503" in row.cause
    assert claim(cell.database, row_id) is None
    with cell.database.reading() as session:
        assert outbox.count_owed(session, cell.registration_id) == 1
    body = row.body
    moved_clock.move(outbox.LONGEST_RETRY.total_seconds())
    assert cell.wake(with_column=False), "the platform is back, and yet the score stays where it is"
    retry(cell.database, must_claim(cell.database, row_id))
    assert cell.states() == ["stuck"]
    assert not cell.wake(with_column=False), "every launch of a class tries it anew"
    moved_clock.move(outbox.LONGEST_RETRY.total_seconds())
    assert cell.wake(with_column=False)
    assert must_claim(cell.database, row_id).body == body


# Launches


def test_a_launch_sends_what_is_waiting_now(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe(3)
    retry(cell.database, must_claim(cell.database, row_id), after=timedelta(hours=1))
    assert claim(cell.database, row_id) is None
    assert not cell.wake(with_column=False), "every launch of a class makes it knock again"
    moved_clock.move(AT_MOST_EVERY.total_seconds() + 1)
    assert cell.wake(with_column=False)
    assert claim(cell.database, row_id) is not None


def test_a_launch_has_nothing_to_send_when_nothing_waits(cell: Cell) -> None:
    assert not cell.wake()
    delivered(cell.database, must_claim(cell.database, cell.must_owe(3)))
    assert not cell.wake()


def test_a_launch_wakes_nothing_of_another_platform(database: Database, moved_clock: MovedClock) -> None:
    ours = make_cell(database)
    theirs = make_cell(database, issuer="https://other.example.org")
    row_id = theirs.must_owe(3)
    retry(database, must_claim(database, row_id), after=timedelta(hours=1))
    stuck = theirs.row(row_id).next_try_at
    assert not ours.wake()
    assert theirs.row(row_id).next_try_at == stuck


def test_a_launch_does_not_send_what_is_stamped_in_the_future(cell: Cell) -> None:
    for points in (1, 2, 3):
        cell.must_owe(points)
    assert not cell.wake()
    assert claim(cell.database, cell.rows()[-1].id) is None


@pytest.mark.parametrize(
    "cause", ["no_line_item", "conflict", "service_400", "service_404", "service_405", "service_422"]
)
def test_a_launch_that_brings_the_column_revives_a_stuck_score(
    sqlite_database: Database, moved_clock: MovedClock, cause: str
) -> None:
    cell = make_cell(sqlite_database, column={"url": None})
    row_id = cell.must_owe(3)
    body = cell.row(row_id).body
    stick(cell.database, must_claim(cell.database, row_id), cause)
    assert not cell.wake(), "a launch that names no column mends nothing"
    assert cell.states() == ["stuck"]
    with cell.database.transaction() as session:
        session.get_one(LineItem, cell.line_item_id).url = "https://lms.example.org/2"
    moved_clock.move(AT_MOST_EVERY.total_seconds() + 1)
    assert cell.wake()
    delivery = must_claim(cell.database, row_id)
    assert (delivery.line_item_url, delivery.body) == ("https://lms.example.org/2", body)


def test_a_column_found_while_its_score_was_looked_at_leaves_the_score_due(
    database: Database, moved_clock: MovedClock
) -> None:
    cell = make_cell(database, column={"url": None})
    row_id = cell.must_owe(3)
    looked_at = must_claim(database, row_id)
    with database.transaction() as session:
        session.get_one(LineItem, cell.line_item_id).url = "https://lms.example.org/2"
    stick(database, looked_at, "no_line_item")
    assert cell.states() == ["pending"]
    assert must_claim(database, row_id).line_item_url == "https://lms.example.org/2"


def test_a_launch_elsewhere_leaves_a_stuck_score_alone(database: Database, moved_clock: MovedClock) -> None:
    ours = make_cell(database)
    theirs = make_cell(database, issuer="https://other.example.org")
    stick(database, must_claim(database, theirs.must_owe(3)))
    assert not ours.wake()
    assert theirs.states() == ["stuck"]


def test_a_revived_score_gives_way_to_one_that_is_newer(cell: Cell, moved_clock: MovedClock) -> None:
    first = must_claim(cell.database, cell.must_owe(1))
    newer = cell.must_owe(2)
    stick(cell.database, first)
    moved_clock.move(AT_MOST_EVERY.total_seconds() + 1)
    cell.wake()
    moved_clock.move(2)
    assert claim(cell.database, first.outbox_id) is None
    assert claim(cell.database, newer) is not None
    assert cell.states() == ["superseded", "pending"]


# Stamping anew


def test_a_score_stamped_anew_differs_in_nothing_else(cell: Cell, moved_clock: MovedClock) -> None:
    row_id = cell.must_owe("3.3333")
    before = cell.row(row_id)
    restamp(cell.database, must_claim(cell.database, row_id))
    after = cell.row(row_id)
    assert after.timestamp == before.timestamp + timedelta(seconds=1)
    assert after.body == before.body.replace(clock.isoformat(before.timestamp), clock.isoformat(after.timestamp), 1)
    assert after.next_try_at == after.timestamp
    moved_clock.move_to(after.timestamp)
    assert must_claim(cell.database, row_id).body == after.body


def test_a_score_is_not_stamped_anew_over_a_newer_one(cell: Cell) -> None:
    first = must_claim(cell.database, cell.must_owe(1))
    newer = cell.must_owe(2)
    stamp = cell.row(newer).timestamp
    restamp(cell.database, first)
    assert cell.states() == ["superseded", "pending"]
    assert cell.row(newer).timestamp == stamp
