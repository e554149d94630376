"""Whose rules hold: the file's, the context's, the learner's own; and what follows for access and for an attempt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from config import clock
from config.database import Database
from course.access import AccessState, access_to
from course.accommodations import (
    AccommodationInvalid,
    accommodated,
    accommodations_for,
    accommodations_in,
    clear_accommodation,
    set_accommodation,
)
from course.attempts import item_of, policy_as_begun, start_attempt
from course.errors import ContentError
from course.items import Counts, Feedback, Graded, Late, Policy
from course.models import Accommodation, Learner, Placement
from course.policies import (
    clear_override,
    course_in_context,
    end_of,
    in_context,
    override_of,
    policy_at,
    rules_of,
    set_override,
)
from course.progress import Work
from course.refusals import AttemptsExhausted, ItemClosed, ItemLocked, NotOpenYet
from tests.support.factory import BUILT_IN, QUIZ, make_learner, make_placement

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
CONTEXT = "context-1"
Place = tuple[Placement, Learner]


@pytest.fixture
def place(database: Database, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    with database.transaction() as session:
        return make_placement(session), make_learner(session)


def iso(**ahead: float) -> str:
    return (NOON + timedelta(**ahead)).isoformat(timespec="minutes")


def override(session: Session, **rules: Any) -> None:
    set_override(session, CONTEXT, BUILT_IN, QUIZ, rules)


def test_an_override_holds_in_its_context_until_it_is_cleared(database: Database, place: Place) -> None:
    with database.transaction() as session:
        override(session, attempts=7, due_at=iso(days=1))
        override(session, counts="last")
    with database.transaction() as session:
        here = in_context(session, CONTEXT, BUILT_IN, QUIZ)
        assert (here.policy.attempts, here.policy.counts) == (7, Counts.LAST)
        assert here.policy.due_at == NOON + timedelta(days=1)
        assert course_in_context(session, CONTEXT, BUILT_IN).item(QUIZ.id) == here
        assert course_in_context(session, "context-2", BUILT_IN) is BUILT_IN
        assert in_context(session, "context-2", BUILT_IN, QUIZ) == QUIZ
        assert clear_override(session, CONTEXT, BUILT_IN, QUIZ, ("due_at",)) == {"attempts": 7, "counts": "last"}
        assert clear_override(session, CONTEXT, BUILT_IN, QUIZ) == {}
        assert in_context(session, CONTEXT, BUILT_IN, QUIZ) == QUIZ


def test_an_override_that_cannot_be_is_refused_and_changes_nothing(database: Database, place: Place) -> None:
    with database.transaction() as session:
        override(session, due_at=iso(days=2), opens_at=iso(days=1))
        for rules in ({"attempts": 0}, {"due_at": iso(hours=1)}, {"no-such-rule": 1}, {"unlock_after": [QUIZ.id]}):
            with pytest.raises(ContentError):
                override(session, **rules)
        assert override_of(session, CONTEXT, BUILT_IN.id, QUIZ.id) == {
            "due_at": iso(days=2), "opens_at": iso(days=1),
        }  # fmt: skip


def test_accommodations_of_all_items_and_of_one_add_to_each_other(database: Database, place: Place) -> None:
    learner = place[1].id
    with database.transaction() as session:
        override(session, attempts=2, time_limit_minutes=25, due_at=iso(days=1), closes_at=iso(days=2))
        set_accommodation(session, CONTEXT, learner, time_percent=150, extra_attempts=1, extra_days=3)
        mine = policy_at(session, place[0], QUIZ, learner)
        assert (mine.attempts, mine.time_limit_minutes) == (3, 38)
        assert (mine.due_at, mine.closes_at) == (NOON + timedelta(days=4), NOON + timedelta(days=5))
        set_accommodation(session, CONTEXT, learner, QUIZ.id, time_percent=120, extra_attempts=2)
        set_accommodation(session, CONTEXT, learner, QUIZ.id, due_at=NOON + timedelta(days=9))
        mine = policy_at(session, place[0], QUIZ, learner)
        assert (mine.attempts, mine.time_limit_minutes) == (4, 38)
        assert mine.due_at == mine.closes_at == NOON + timedelta(days=9)
        assert policy_at(session, place[0], QUIZ, make_learner(session).id).attempts == 2
        assert policy_at(session, make_placement(session, context_key="context-2"), QUIZ, learner) == QUIZ.policy
        assert [row.item_id for row in accommodations_in(session, CONTEXT)] == ["", QUIZ.id]
        assert clear_accommodation(session, CONTEXT, learner, QUIZ.id)
        assert not clear_accommodation(session, CONTEXT, learner, QUIZ.id)
        assert policy_at(session, place[0], QUIZ, learner).attempts == 3


@pytest.mark.parametrize(
    ("item_id", "values", "fault"),
    [
        ("", {"time_percent": 90}, "time_percent must be a whole number from 100 to 1000, not 90."),
        ("", {"extra_attempts": -1}, "extra_attempts must be a whole number from 0 to 1000, not -1."),
        ("", {"extra_days": None}, "extra_days must be a whole number from 0 to 3650, not None."),
        ("", {"due_at": NOON}, "due_at is for one item: name the item."),
        ("quiz-1", {"extra_days": 2},
         "extra_days move the dates of all items: leave the item out, or give it a due_at of its own."),
        ("quiz-1", {"opens_at": NOON, "due_at": NOON - timedelta(days=1)}, "due_at must not be before opens_at."),
        ("quiz-1", {"opens_at": NOON, "closes_at": NOON - timedelta(days=1)}, "closes_at must not be before opens_at."),
        ("quiz-1", {"due_at": NOON.replace(tzinfo=None)}, "due_at needs its zone."),
    ],
)  # fmt: skip
def test_an_accommodation_that_cannot_be_is_refused_and_changes_nothing(
    sqlite_database: Database, item_id: str, values: dict[str, Any], fault: str
) -> None:
    with sqlite_database.transaction() as session:
        learner = make_learner(session).id
        with pytest.raises(AccommodationInvalid) as refused:
            set_accommodation(session, CONTEXT, learner, item_id, **values)
        assert refused.value.faults == (fault,)
        assert accommodations_for(session, CONTEXT, learner) == {}


def test_no_item_loses_the_pass_mark_that_another_one_waits_for(sqlite_database: Database) -> None:
    test = BUILT_IN.item("module-test")
    assert isinstance(test, Graded)
    waits = "`module-test` unlocks once `quiz-1` is passed, which nobody could without a pass mark."
    with sqlite_database.transaction() as session:
        override(session, pass_percent=50, attempts=7)
        set_override(session, CONTEXT, BUILT_IN, test, {"unlock_after": [QUIZ.id], "unlock_when": "passed"})
        for change in (
            lambda: override(session, pass_percent=None),
            lambda: clear_override(session, CONTEXT, BUILT_IN, QUIZ),
            lambda: clear_override(session, CONTEXT, BUILT_IN, QUIZ, ("pass_percent",)),
        ):
            with pytest.raises(ContentError, match=waits):
                change()
            assert override_of(session, CONTEXT, BUILT_IN.id, QUIZ.id) == {"pass_percent": 50, "attempts": 7}
        assert clear_override(session, CONTEXT, BUILT_IN, QUIZ, ("attempts",)) == {"pass_percent": 50}
        set_override(session, CONTEXT, BUILT_IN, test, {"unlock_when": "done"})
        assert clear_override(session, CONTEXT, BUILT_IN, QUIZ) == {}


def test_an_attempt_counts_as_it_was_begun_and_runs_by_the_rules_of_today(database: Database, place: Place) -> None:
    placement, learner = place
    with database.transaction() as session:
        override(session, points=50, counts="first", due_at=iso(days=1), time_limit_minutes=60)
        attempt = start_attempt(session, placement, learner.id, QUIZ, is_preview=False)
        assert attempt.ends_at == NOON + timedelta(hours=1)
    with database.transaction() as session:
        attempt = session.merge(attempt)
        override(session, points=10, counts="last", due_at=iso(days=2))
        assert (item_of(attempt).policy.points, policy_as_begun(attempt).counts) == (50.0, Counts.FIRST)
        assert rules_of(session, attempt).due_at == NOON + timedelta(days=2)
        clear_override(session, CONTEXT, BUILT_IN, QUIZ)
        assert rules_of(session, attempt) == QUIZ.policy
        set_accommodation(session, CONTEXT, learner.id, QUIZ.id, due_at=NOON)
        assert rules_of(session, attempt).due_at == NOON


def test_a_start_is_refused_for_each_reason_in_its_own_words(database: Database, place: Place) -> None:
    placement, learner = place
    for rules, refusal, words in (
        ({"opens_at": iso(days=1)}, NotOpenYet, "from 1 October 2026, 12:00 UTC"),
        ({"closes_at": iso(hours=-1)}, ItemClosed, "closed since 30 September 2026, 11:00 UTC"),
        ({"due_at": iso(hours=-1), "late": "refuse"}, ItemClosed, "closed since 30 September"),
        ({"unlock_after": ["quiz-2"]}, ItemLocked, "once you have handed in: quiz-2"),
    ):
        with database.transaction() as session:
            override(session, **rules)
            with pytest.raises(refusal, match=words) as refused:
                start_attempt(session, placement, learner.id, QUIZ, is_preview=False)
            assert refused.value.for_instructors
            start_attempt(session, placement, learner.id, QUIZ, is_preview=True)
            clear_override(session, CONTEXT, BUILT_IN, QUIZ)


def test_access_names_what_is_missing_and_opens_once_it_is_done(database: Database, place: Place) -> None:
    placement, learner = place
    done, passed = Work(has_submitted=True), Work(has_submitted=True, is_passed=True)
    with database.transaction() as session:
        override(session, unlock_after=["quiz-3", "quiz-2"])
        locked = access_to(session, placement, BUILT_IN, QUIZ, learner.id, work={"quiz-3": done})
        assert locked.state == AccessState.LOCKED
        assert [item.id for item in locked.missing] == ["quiz-2"]
        with pytest.raises(ItemLocked, match="handed in: " + BUILT_IN.item("quiz-2").title[:10]):
            start_attempt(session, placement, learner.id, QUIZ, is_preview=False, access=locked)
        work = {"quiz-2": done, "quiz-3": passed}
        open_now = access_to(session, placement, BUILT_IN, QUIZ, learner.id, work=work)
        assert (open_now.state, open_now.refusal) == (AccessState.OPEN, None)
        start_attempt(session, placement, learner.id, QUIZ, is_preview=False, access=open_now)
        strict = replace(QUIZ, policy=replace(QUIZ.policy, unlock_after=("quiz-2",), unlock_when="passed"))
        clear_override(session, CONTEXT, BUILT_IN, QUIZ)
        assert access_to(session, placement, BUILT_IN, strict, learner.id, work=work).state == AccessState.LOCKED
        assert access_to(session, placement, BUILT_IN, strict, learner.id, work={"quiz-2": passed}).missing == ()


def test_an_extra_attempt_opens_what_was_used_up(database: Database, place: Place) -> None:
    placement, learner = place
    with database.transaction() as session:
        override(session, attempts=1)
        start_attempt(session, placement, learner.id, QUIZ, is_preview=False).submitted_at = NOON
        session.flush()
        access = access_to(session, placement, BUILT_IN, QUIZ, learner.id, work={})
        assert (access.state, access.attempts_used, access.attempts_left) == (AccessState.NO_ATTEMPTS_LEFT, 1, 0)
        assert isinstance(access.refusal, AttemptsExhausted)
        set_accommodation(session, CONTEXT, learner.id, extra_attempts=1)
        access = access_to(session, placement, BUILT_IN, QUIZ, learner.id, work={})
        assert (access.state, access.attempts_left) == (AccessState.OPEN, 1)
        start_attempt(session, placement, learner.id, QUIZ, is_preview=False)


# Properties

moments = st.none() | st.integers(-500, 500).map(lambda hours: NOON + timedelta(hours=hours))
policies = st.builds(
    Policy,
    points=st.just(5.0),
    attempts=st.none() | st.integers(1, 5),
    feedback=st.sampled_from(Feedback),
    time_limit_minutes=st.none() | st.integers(1, 600),
    opens_at=moments,
    due_at=moments,
    closes_at=moments,
    late=st.sampled_from(Late),
)
general = st.builds(
    Accommodation,
    item_id=st.just(""),
    time_percent=st.integers(100, 400),
    extra_attempts=st.integers(0, 3),
    extra_days=st.integers(0, 20),
)
of_one_item = st.builds(
    Accommodation,
    item_id=st.just("quiz-1"),
    time_percent=st.integers(100, 400),
    extra_attempts=st.integers(0, 3),
    extra_days=st.just(0),
    due_at=moments,
    closes_at=moments,
)


@given(policies, st.lists(general, max_size=1), st.lists(of_one_item, max_size=1), st.integers(-400, 400))
def test_no_attempt_ends_later_than_the_item_closes(
    policy: Policy, all_items: list[Accommodation], one_item: list[Accommodation], hours: int
) -> None:
    mine = accommodated(policy, [*all_items, *one_item])
    started = NOON + timedelta(hours=hours)
    end = end_of(mine, started)
    for limit in (mine.closes_at, mine.due_at if mine.late == Late.REFUSE else None):
        assert limit is None or (end is not None and end <= limit)
    if mine.time_limit_minutes is not None:
        assert end is not None
        assert end <= started + timedelta(minutes=mine.time_limit_minutes)
    if mine.due_at and mine.closes_at and not any(row.closes_at for row in one_item):
        assert (
            policy.due_at is None
            or policy.closes_at is None
            or policy.closes_at < policy.due_at
            or (mine.due_at <= mine.closes_at)
        )


@given(policies, general, st.integers(0, 300), st.integers(0, 20), st.integers(0, 3))
def test_more_is_never_less(
    policy: Policy, row: Accommodation, more_percent: int, more_days: int, more_attempts: int
) -> None:
    """Any accommodation gives at least what everyone has, and a higher one at least what a lower one gives."""
    higher = Accommodation(
        item_id="",
        time_percent=row.time_percent + more_percent,
        extra_attempts=row.extra_attempts + more_attempts,
        extra_days=row.extra_days + more_days,
    )
    nobody, lower, upper = policy, accommodated(policy, [row]), accommodated(policy, [higher])
    both = accommodated(policy, [row, higher])
    assert both == upper
    for less, more in ((nobody, lower), (lower, upper)):
        for name in ("attempts", "time_limit_minutes", "due_at", "closes_at", "ends_at"):
            small, large = getattr(less, name), getattr(more, name)
            assert (small is None) == (large is None)
            assert small is None or small <= large
        small, large = end_of(less, NOON), end_of(more, NOON)
        assert (small is None) == (large is None)
        assert small is None or small <= large


@given(policies, st.integers(100, 1000))
def test_extra_time_is_exact_and_rounded_in_the_learners_favour(policy: Policy, percent: int) -> None:
    row = Accommodation(item_id="", time_percent=percent, extra_attempts=0, extra_days=0)
    minutes, mine = policy.time_limit_minutes, accommodated(policy, [row]).time_limit_minutes
    if minutes is None:
        assert mine is None
    else:
        assert mine is not None
        assert 0 <= mine * 100 - minutes * percent < 100
