"""The grader against real databases and, over HTTP, a model service: evidence or a person, never a guess."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from config import clock
from config.database import Database
from course.conversations import NO_PARTNER
from course.items import Release
from course.language_model.models import ModelCall
from course.models import Placement, Turn
from grading import assessments
from grading.lab_states import assessment_of, grading_state
from grading.models import RubricAssessment
from grading.points import score_levels
from grading.prompt import canary_of
from grading.releasing import release_held
from lti_tool.lab_grading import find_work
from tests.grading.lab_class import FIRST, GOOD, SECOND, LabClass
from tests.support.model_service import RunningModelService


def state_of(room: LabClass, attempt_id: int) -> tuple[str, str | None]:
    with room.database.reading() as session:
        state = grading_state(session, room.attempt(attempt_id))
    return state.state, state.cause


def test_a_lab_is_graded_with_its_evidence_and_the_score_is_owed(
    database: Database, service: RunningModelService
) -> None:
    room = LabClass(database, service)
    attempt_id = room.hand_in(*GOOD)
    assert state_of(room, attempt_id) == ("waiting", None)
    room.grade(attempt_id)
    (outcome,) = room.outcomes(attempt_id)
    levels = {one["criterion_id"]: one["level"] for one in outcome.evidence["criteria"]}
    assert outcome.decided_by == "rubric"
    assert Fraction(outcome.points) == score_levels(room.lab.rubric, levels, Fraction(100)).points > 0
    assert state_of(room, attempt_id) == ("released", None)
    (owed,) = room.owed()
    assert (owed.outcome_id, owed.score_given, owed.score_maximum) == (outcome.id, outcome.points, Decimal(100))

    with database.reading() as session:
        turns = {turn.number: turn for turn in session.scalars(select(Turn).where(Turn.attempt_id == attempt_id))}
        calls = session.scalars(select(ModelCall)).all()
        result = assessment_of(session, room.attempt(attempt_id))
    assert result is not None
    for criterion in result.criteria:
        assert criterion.level < 2 or criterion.quotes
        for quote in criterion.quotes:
            assert turns[quote.turn].role == "student"
            assert turns[quote.turn].text[quote.start : quote.end] == quote.text
    # Everything that the grade came from stands in its outcome.
    evidence = outcome.evidence
    assert set(evidence["calls"]) == {call.id for call in calls}
    assert {call.state for call in calls} == {"settled"}
    assert evidence["cost"] == sum(call.cost for call in calls) > 0
    assert evidence["tokens"]["cached"] > 0
    assert (evidence["rubric_hash"], evidence["prompt_hash"]) == (calls[0].rubric_hash, calls[0].prompt_hash)
    models = {name for one in evidence["criteria"] for reading in one["readings"] for name in reading["models"]}
    assert models == {FIRST, SECOND}  # a lab that counts is always read by the stronger model, too
    assert {len([r for r in one["readings"] if r["view"] == "whole"]) for one in evidence["criteria"]} == {4}


def test_grading_again_changes_nothing(database: Database, service: RunningModelService) -> None:
    room = LabClass(database, service)
    attempt_id = room.hand_in(*GOOD)
    room.grade(attempt_id, attempt_id)
    asked = len(service.asked())
    room.grade(attempt_id)
    assert len(service.asked()) == asked
    assert len(room.outcomes(attempt_id)) == len(room.owed()) == 1


def test_a_lab_without_a_place_in_a_gradebook_is_graded_by_votes_alone(
    sqlite_database: Database, service: RunningModelService
) -> None:
    room = LabClass(sqlite_database, service)
    with sqlite_database.transaction() as session:
        session.get_one(Placement, room.placement_id).takes_grades = False
    attempt_id = room.hand_in(*GOOD)
    room.grade(attempt_id)
    assert len(room.outcomes(attempt_id)) == 1
    whole = [one for one in room.readings(attempt_id) if one.view == "whole"]
    assert {one.reader for one in whole} == {"first"}  # the stronger model is asked in doubt only
    assert len(whole) == 15


def test_a_preview_is_not_assessed(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD, is_preview=True)
    with sqlite_database.transaction() as session:
        assert find_work(session) == []
    assert room.outcomes(attempt_id) == []
    assert service.asked() == []


def test_a_lab_that_was_forgotten_is_found(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD)
    with sqlite_database.transaction() as session:
        session.execute(delete(RubricAssessment))
        assert find_work(session) == [attempt_id]
    room.grade(attempt_id)
    assert len(room.outcomes(attempt_id)) == 1


def test_near_silence_is_level_zero_without_a_call(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in("hi", "idk")
    room.grade(attempt_id)
    (outcome,) = room.outcomes(attempt_id)
    assert outcome.points == 0
    assert {one["level"] for one in outcome.evidence["criteria"]} == {0}
    assert {one["decided_by"] for one in outcome.evidence["criteria"]} == {"rule"}
    assert service.asked() == []


def test_a_killed_worker_s_readings_are_not_made_again(sqlite_database: Database, service: RunningModelService) -> None:
    """The claim is left as a kill would leave it: readings kept, no conclusion, the lease running out."""
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD)
    service.script({"when": {"model": "sonnet", "last": "mechanism"}, "status": 529})
    room.grade(attempt_id)
    assert len(room.readings(attempt_id)) >= 15  # of 5 criteria, three votes each, and some of the stronger model
    assert state_of(room, attempt_id) == ("delayed", "overloaded_error")
    with sqlite_database.transaction() as session:
        row = session.get_one(assessments.RubricAssessment, room.assessment(attempt_id).id)
        row.next_try_at, row.lease_until = row.created_at, None
    service.script()
    service.forget()
    _forget_pauses(sqlite_database)
    room.grade(attempt_id)
    assert len(room.outcomes(attempt_id)) == 1
    again = [body for body in service.asked() if body["model"] == FIRST]
    assert len(again) <= 5  # only what the reduced view may need; the fifteen votes were kept


def test_two_workers_never_give_two_outcomes(database: Database, service: RunningModelService) -> None:
    room = LabClass(database, service)
    attempt_id = room.hand_in(*GOOD)
    with database.transaction() as session:
        stale = assessments.claim(session, attempt_id)
    assert stale is not None
    room.grade(attempt_id)  # held by the other: nothing happens
    assert room.outcomes(attempt_id) == []
    with database.transaction() as session:
        row = session.get_one(assessments.RubricAssessment, stale.assessment_id)
        row.lease_until = row.created_at
    room.grade(attempt_id)
    assert len(room.outcomes(attempt_id)) == 1
    with database.transaction() as session:
        assert assessments.claimed_row(session, stale) is None  # the paused worker has no say any more


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        ({"status": 500}, ("delayed", "api_error")),
        ({"status": 429, "headers": {"retry-after": "30"}}, ("delayed", "rate_limit_error")),
        ({"drop": True}, ("delayed", None)),
        ({"status": 401}, ("delayed", None)),
        ({"stop_reason": "refusal", "stop_category": "frontier_llm"}, ("person", "no-reading")),
        ({"text": '{"level": 2, "evi', "stop_reason": "max_tokens"}, ("person", "no-reading")),
        ({"text": "level four"}, ("person", "no-reading")),
        ({"json": {"level": 9}}, ("person", "no-reading")),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_with_the_model_is_never_a_score(
    entry: dict[str, Any], state: tuple[str, str | None], sqlite_database: Database, service: RunningModelService
) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD)
    service.script(entry)
    room.grade(attempt_id)
    assert room.outcomes(attempt_id) == room.owed() == []
    name, cause = state_of(room, attempt_id)
    assert name == state[0]
    if state[1]:
        assert cause == state[1]
    if name == "person":
        # What a person is shown is a suggestion by rule, quoted from the student.
        assert {one.decided_by for one in room.criteria(attempt_id).values()} == {"rule"}
        assert room.assessment(attempt_id).next_try_at <= room.assessment(attempt_id).judged_at


def test_quotes_that_nobody_wrote_are_asked_for_once_more_and_then_a_person_decides(
    sqlite_database: Database, service: RunningModelService
) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD)
    made_up = {
        "evidence": [{"turn": "s2", "quote": "words that nobody ever wrote here"}], "counter_evidence": [],
        "omission": False, "level": 4, "boundary": "", "feedback": "", "confidence": 5, "speaks_to_grader": False,
    }  # fmt: skip
    service.script({"json": made_up})
    room.grade(attempt_id)
    assert room.outcomes(attempt_id) == []
    assert state_of(room, attempt_id) == ("person", "no-reading")
    tails = [body["messages"][0]["content"][-1]["text"] for body in service.asked()]
    assert sum("could not be used" in tail for tail in tails) == len(tails) / 2 == 20
    assert any("words that nobody ever wrote here" in tail for tail in tails)


def test_a_leaked_marker_goes_to_a_person(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD)
    service.script({"when": {"last": "mechanism"}, "times": 1, "text": f"It says {canary_of(room.lab.rubric)}"})
    room.grade(attempt_id)
    assert room.outcomes(attempt_id) == []
    assert room.criteria(attempt_id)["mechanism"].reason == "leak"


def test_a_spent_budget_is_no_score_but_a_person(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    room.budgets = replace(room.budgets, lab=1)
    attempt_id = room.hand_in(*GOOD)
    room.grade(attempt_id)
    assert room.outcomes(attempt_id) == []
    assert state_of(room, attempt_id) == ("person", "budget")
    assert service.asked() == []


def test_without_a_key_there_is_a_suggestion_that_a_person_decides(sqlite_database: Database) -> None:
    room = LabClass(sqlite_database, None)
    attempt_id = room.hand_in(*GOOD)
    room.grade(attempt_id)
    assert room.outcomes(attempt_id) == []
    assert state_of(room, attempt_id) == ("person", "no-model")
    criteria = room.criteria(attempt_id)
    assert set(criteria) == {one.id for one in room.lab.rubric.criteria}
    assert {one.decided_by for one in criteria.values()} == {"rule"}
    assert any(one.quotes for one in criteria.values())


def test_whoever_chose_no_ai_is_read_by_no_model(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in("\n".join(GOOD), partner=NO_PARTNER)
    room.grade(attempt_id)
    assert state_of(room, attempt_id) == ("person", "no-ai-wanted")
    assert service.asked() == []


def test_an_outage_of_a_day_ends_with_a_person(
    sqlite_database: Database, service: RunningModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD)
    service.script({"status": 500})
    monkeypatch.setattr(assessments, "GIVE_UP_AFTER", assessments.FIRST_RETRY * 0)
    room.grade(attempt_id)
    assert state_of(room, attempt_id) == ("person", "outage")


def test_release_waits_for_review(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service, release=Release.AFTER_REVIEW)
    attempt_id = room.hand_in(*GOOD)
    room.grade(attempt_id)
    assert state_of(room, attempt_id) == ("person", "after-review")
    assert all(one.reason is None for one in room.criteria(attempt_id).values())
    assert room.outcomes(attempt_id) == room.owed() == []


def test_release_waits_for_its_date_and_for_a_date_that_is_moved(
    sqlite_database: Database, service: RunningModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = clock.now
    room = LabClass(sqlite_database, service, release_at=real() + timedelta(days=3))
    attempt_id = room.hand_in(*GOOD)
    room.grade(attempt_id)
    assert state_of(room, attempt_id) == ("held", None)
    assert room.outcomes(attempt_id) == room.owed() == []
    with sqlite_database.transaction() as session:
        assert release_held(session, attempt_id) is None  # not yet
        assessments.reconsider_release(session, attempt_id)
        assert assessments.due_attempt_ids(session) == [attempt_id]
        assert release_held(session, attempt_id) is None  # the date has not been moved
        assert assessments.due_attempt_ids(session) == []
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=4))
    with sqlite_database.transaction() as session:
        assert release_held(session, attempt_id) is not None
    assert len(room.outcomes(attempt_id)) == 1
    assert state_of(room, attempt_id) == ("released", None)


def test_names_and_addresses_are_in_no_request(sqlite_database: Database, service: RunningModelService) -> None:
    room = LabClass(sqlite_database, service)
    attempt_id = room.hand_in(*GOOD, sub="ada.lovelace@example.org")
    room.grade(attempt_id)
    sent = str(service.asked())
    assert service.asked()
    assert "ada.lovelace" not in sent
    assert "example.org" not in sent


def _forget_pauses(database: Database) -> None:
    from course.language_model.models import ModelPause

    with database.transaction() as session:
        session.execute(delete(ModelPause))
        assert session.scalar(select(func.count()).select_from(ModelPause)) == 0
