"""Any history of an outbox: owing, sending, failing, dying, pausing, launching, clocks that jump. Nothing is lost."""

import itertools
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from config import clock
from config.database import Database
from lti_tool import outbox
from lti_tool.models import OutboxScore
from lti_tool.outbox import Delivery
from lti_tool.retrying import retry_stuck
from tests.support.factory import Classroom
from tests.workers.cells import Cell, claim, delivered, restamp, retry, stick
from tests.workers.conftest import MovedClock

LEARNERS = ("ada",)
OF_CELL = st.sampled_from(LEARNERS)
ANY = st.integers(0, 20)
START = datetime(2026, 9, 1, 8, 0, 0, 250_000, tzinfo=UTC)
_numbers = itertools.count()


@dataclass
class Flight:
    """A worker with a claimed row: what it was told to send, and what the platform has answered by now."""

    cell: str
    delivery: Delivery
    lease_until: datetime
    has_lease: bool = True
    answer: int | None = None


@dataclass
class Held:
    """A cell of the platform's gradebook, which takes only scores with a later whole second."""

    second: str = ""
    points: float | None = None
    is_ours: bool = True


class Histories(RuleBasedStateMachine):
    """Each step is one thing that can happen. The invariants are checked after every one."""

    def __init__(self, database: Database, moved: MovedClock) -> None:
        super().__init__()
        self.database, self.clock = database, moved
        moved.moment = START  # every history begins alike, so that one that fails can be told again
        with database.transaction() as session:
            room = Classroom(session, issuer=f"https://lms-{next(_numbers)}.example")
            self.cells = {learner: Cell(database, room, learner) for learner in LEARNERS}
        self.wanted: dict[str, float] = {}
        self.held = {learner: Held() for learner in LEARNERS}
        self.flights: list[Flight] = []
        self.bodies: dict[int, str] = {}
        self.restamped: set[int] = set()

    # What happens

    @rule(learner=OF_CELL, points=st.sampled_from([0, 1, 2.5, 5]))
    def owe(self, learner: str, points: float) -> None:
        self.cells[learner].owe(points)
        self.wanted[learner] = points

    @rule(learner=OF_CELL, which=st.integers(-2, -1), later=st.sampled_from([0, 1, 1, 6]))
    def a_worker_takes_one_up(self, learner: str, which: int, later: int) -> None:
        self.time_passes(later)
        rows = self.cells[learner].rows()
        if not rows:
            return
        row = rows[max(which, -len(rows))]
        delivery = claim(self.database, row.id)
        if delivery is not None:
            assert row.next_try_at <= clock.now()
            assert row.timestamp <= clock.now()
            self.flights.append(Flight(learner, delivery, clock.now() + outbox.LEASE))

    @precondition(lambda self: self.flights)
    @rule(which=ANY)
    def the_post_reaches_the_platform(self, which: int) -> None:
        flight = self.flight(which)
        score, held = json.loads(flight.delivery.body), self.held[flight.cell]
        second = score["timestamp"][:19]
        flight.answer = 409 if second <= held.second else 200
        if flight.answer == 200:
            held.second, held.points, held.is_ours = second, score["scoreGiven"], True

    @precondition(lambda self: self.flights)
    @rule(which=ANY)
    def the_answer_reaches_the_worker(self, which: int) -> None:
        flight = self.flight(which)
        if flight.answer is None:
            self.the_post_reaches_the_platform(which)
        self.flights.remove(flight)
        ours = json.loads(flight.delivery.body)["scoreGiven"]
        if flight.answer == 200 or self.held[flight.cell].points == ours:
            delivered(self.database, flight.delivery)
        else:
            restamp(self.database, flight.delivery)
            self.restamped.add(flight.delivery.outbox_id)

    @precondition(lambda self: self.flights)
    @rule(which=ANY)
    def the_answer_is_lost(self, which: int) -> None:
        flight = self.flight(which)
        self.flights.remove(flight)
        retry(self.database, flight.delivery)

    @precondition(lambda self: self.flights)
    @rule(which=ANY)
    def the_platform_refuses(self, which: int) -> None:
        flight = self.flight(which)
        self.flights.remove(flight)
        stick(self.database, flight.delivery)

    @precondition(lambda self: self.flights)
    @rule(which=ANY)
    def the_worker_dies(self, which: int) -> None:
        self.flights.remove(self.flight(which))

    @precondition(lambda self: self.flights)
    @rule(which=ANY)
    def the_lease_is_renewed(self, which: int) -> None:
        flight = self.flight(which)
        with self.database.transaction() as session:
            outbox.renew_leases(session, [flight.delivery.owner])
        row = self.cells[flight.cell].row(flight.delivery.outbox_id)
        flight.has_lease = row.state == outbox.PENDING and row.lease_owner == flight.delivery.owner
        flight.lease_until = clock.now() + outbox.LEASE

    @rule(seconds=st.sampled_from([-90, -1, 0.3, 40, 1000]))
    def time_passes(self, seconds: float) -> None:
        self.clock.move(seconds)
        for flight in self.flights:
            flight.has_lease = flight.has_lease and flight.lease_until > clock.now()

    @rule(learner=OF_CELL, with_column=st.booleans())
    def somebody_launches(self, learner: str, with_column: bool) -> None:
        self.cells[learner].wake(with_column=with_column)

    @rule(learner=OF_CELL, which=st.integers(-2, -1), only_that=st.booleans())
    def an_admin_lets_it_be_tried_again(self, learner: str, which: int, only_that: bool) -> None:
        rows = self.cells[learner].rows()
        if not rows:
            return
        row = rows[max(which, -len(rows))]
        with self.database.transaction() as session:
            retry_stuck(session, "ada", score_id=row.id if only_that else None)
        after = {one.id: one for one in self.cells[learner].rows()}
        for one in rows:
            is_stuck_no_more = one.state == outbox.STUCK and after[one.id].state == outbox.PENDING
            assert after[one.id].state == one.state or (is_stuck_no_more and one.id == self.newest(rows).id)

    @rule(learner=OF_CELL, ahead=st.sampled_from([0, 2, 30]))
    def a_teacher_types_a_grade(self, learner: str, ahead: int) -> None:
        stamp = clock.isoformat(clock.now() + timedelta(seconds=ahead))[:19]
        held = self.held[learner]
        held.second, held.points, held.is_ours = max(stamp, held.second), 9.0, False

    def flight(self, which: int) -> Flight:
        return self.flights[which % len(self.flights)]

    # What always holds

    @invariant()
    def all_is_well(self) -> None:
        for learner, cell in self.cells.items():
            rows = cell.rows()
            if rows:
                self.nothing_is_lost(learner, rows)
                self.one_worker_at_most_has_it(learner, rows)
                self.stamps_are_whole_seconds_and_rise(rows)
                self.bodies_stay_as_they_were_written(rows)

    def nothing_is_lost(self, learner: str, rows: list[OutboxScore]) -> None:
        newest, points, held = self.newest(rows), self.wanted[learner], self.held[learner]
        assert float(newest.score_given) == points
        assert newest.state in {outbox.PENDING, outbox.DELIVERED, outbox.STUCK}
        if newest.state == outbox.DELIVERED and held.is_ours:
            assert held.points == points, "said to be delivered, and the gradebook holds another score"

    def one_worker_at_most_has_it(self, learner: str, rows: list[OutboxScore]) -> None:
        leases = [row.lease_until for row in rows if row.state == outbox.PENDING and row.lease_until]
        assert len([until for until in leases if until > clock.now()]) <= 1
        assert len([flight for flight in self.flights if flight.cell == learner and flight.has_lease]) <= 1

    @staticmethod
    def stamps_are_whole_seconds_and_rise(rows: list[OutboxScore]) -> None:
        stamps = [row.timestamp for row in rows]
        assert all(stamp.microsecond == 0 for stamp in stamps)
        assert stamps == sorted(set(stamps))

    def bodies_stay_as_they_were_written(self, rows: list[OutboxScore]) -> None:
        for row in rows:
            before = self.bodies.get(row.id, row.body)
            self.bodies[row.id] = row.body
            if row.body != before:
                assert row.id in self.restamped
                self.restamped.remove(row.id)
                self.same_but_for_the_stamp(before, row.body)
            assert json.loads(row.body)["timestamp"] == clock.isoformat(row.timestamp)

    @staticmethod
    def same_but_for_the_stamp(before: str, after: str) -> None:
        old, new = json.loads(before), json.loads(after)
        assert old.pop("timestamp") < new.pop("timestamp")
        assert json.dumps(old) == json.dumps(new)

    @staticmethod
    def newest(rows: list[OutboxScore]) -> OutboxScore:
        return max(rows, key=lambda row: row.timestamp)

    # And in the end

    def teardown(self) -> None:
        """All workers die, the platform is well, somebody launches: every newest score arrives."""
        self.flights.clear()
        for learner, points in self.wanted.items():
            for _ in range(3):
                self.clock.move(2000)
                self.cells[learner].wake()
                for row in self.cells[learner].rows():
                    if row.state == outbox.PENDING:
                        self.send(learner, row.id)
            rows = self.cells[learner].rows()
            assert self.newest(rows).state == outbox.DELIVERED
            assert all(row.state in {outbox.DELIVERED, outbox.SUPERSEDED} for row in rows)
            if self.held[learner].is_ours:
                assert self.held[learner].points == points

    def send(self, learner: str, row_id: int) -> None:
        delivery = claim(self.database, row_id)
        if delivery is not None:
            self.flights.append(Flight(learner, delivery, clock.now() + outbox.LEASE))
            self.the_answer_reaches_the_worker(len(self.flights) - 1)


@pytest.mark.timeout(120)
def test_nothing_is_lost_in_any_history(
    database: Database, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: below // 2)
    is_sqlite = database.engine.dialect.name == "sqlite"
    run_state_machine_as_test(
        lambda: Histories(database, moved_clock),
        settings=settings(
            max_examples=40 if is_sqlite else 12,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
