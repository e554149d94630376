"""An attempt's moves, and what of the course's text it keeps."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from config.database import Database
from course.attempts import (
    attempts_of,
    check_response,
    give_response,
    quiz_of,
    start_attempt,
    submit_attempt,
    unanswered,
)
from course.items import Choice, ItemKind, MultipleChoice, Policy, Quiz, SingleChoice, TrueFalse
from course.models import Attempt, Learner, Placement
from course.placements import home_of
from course.progress import WHOLE_ITEM, State, Work, mark_read, sections_read, state_of
from course.refusals import AttemptClosed, AttemptsExhausted, ResponseNotTaken, UnknownSection
from tests.support.factory import BUILT_IN, make_learner, make_placement


def _choice(name: str, is_key: bool) -> Choice:
    return Choice(id=name, text_html=name, is_key=is_key, feedback_html="why")


QUIZ = Quiz(
    id="quiz-1",
    kind=ItemKind.QUIZ,
    label="Quiz",
    title="A quiz",
    policy=Policy(points=2, attempts=2),
    questions=tuple(
        SingleChoice(id=f"q{n}", type="single", stem_html="?", choices=(_choice("a", True), _choice("b", False)))
        for n in (1, 2)
    ),
)

MIXED = replace(
    QUIZ,
    questions=(
        MultipleChoice(
            id="m", type="multiple", stem_html="?", choices=tuple(_choice(name, name in "ac") for name in "abcd")
        ),
        TrueFalse(id="t", type="true-false", stem_html="?", choices=(_choice("true", False), _choice("false", True))),
    ),
)


@pytest.fixture
def place(database: Database) -> tuple[Placement, Learner]:
    with database.transaction() as session:
        return make_placement(session), make_learner(session)


def test_starting_goes_on_with_the_open_attempt(database: Database, place: tuple[Placement, Learner]) -> None:
    with database.transaction() as session:
        first = start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
        assert start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False).id == first.id


def test_no_attempt_starts_beyond_the_policy_but_previews_are_free(
    database: Database, place: tuple[Placement, Learner]
) -> None:
    with database.transaction() as session:
        for _ in range(2):
            submit_attempt(session, start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False))
        with pytest.raises(AttemptsExhausted):
            start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
        for _ in range(4):
            submit_attempt(session, start_attempt(session, place[0], place[1].id, QUIZ, is_preview=True))
        assert len(attempts_of(session, place[0], place[1].id, QUIZ.id, previews=True)) == 4


def test_an_attempt_keeps_the_quiz_it_was_begun_on(database: Database, place: tuple[Placement, Learner]) -> None:
    with database.transaction() as session:
        start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
    edited = replace(QUIZ, title="Another title", questions=QUIZ.questions[:1])
    with database.transaction() as session:
        again = start_attempt(session, place[0], place[1].id, edited, is_preview=False)
        assert quiz_of(again) == QUIZ
        submit_attempt(session, again)
        fresh = start_attempt(session, place[0], place[1].id, edited, is_preview=False)
        assert quiz_of(fresh) == edited
        assert again.content_hash != fresh.content_hash


def test_the_last_response_given_stands_until_it_is_checked(
    database: Database, place: tuple[Placement, Learner]
) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
        give_response(session, attempt, "q1", ["a"])
        assert _given(session, attempt, "q1", ["b"]) == ["b"]
        checked_at = check_response(attempt, "q1").checked_at
        assert _given(session, attempt, "q1", ["a"]) == ["b"]
        assert check_response(attempt, "q1").checked_at == checked_at
        assert unanswered(attempt) == ("q2",)


def _given(session: Session, attempt: Attempt, question: str, choices: list[str]) -> list[str] | None:
    response = give_response(session, attempt, question, choices)
    return None if response is None else response.choice_ids


def test_several_choices_are_kept_in_the_order_of_the_quiz_and_can_all_be_taken_back(
    database: Database, place: tuple[Placement, Learner]
) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, MIXED, is_preview=False)
        assert _given(session, attempt, "m", ["d", "a"]) == ["a", "d"]
        assert _given(session, attempt, "t", ["false"]) == ["false"]
        assert unanswered(attempt) == ()
        assert _given(session, attempt, "m", []) is None
        assert unanswered(attempt) == ("m",)
        assert _given(session, attempt, "m", []) is None
        assert _given(session, attempt, "m", ["c"]) == ["c"]
    with database.reading() as session:
        (kept,) = attempts_of(session, place[0], place[1].id, QUIZ.id)
        assert {one.question_id: one.choice_ids for one in kept.responses} == {"m": ["c"], "t": ["false"]}


def test_a_checked_answer_cannot_be_taken_back(database: Database, place: tuple[Placement, Learner]) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, MIXED, is_preview=False)
        give_response(session, attempt, "m", ["b"])
        check_response(attempt, "m")
        assert _given(session, attempt, "m", []) == ["b"]
        assert _given(session, attempt, "m", ["a", "c"]) == ["b"]
        with pytest.raises(ResponseNotTaken, match="Choose an answer"):
            check_response(attempt, "t")


@pytest.mark.parametrize(
    ("question", "choices"),
    [("m", ["e"]), ("m", ["a", "e"]), ("m", ["a", "a"]), ("m", ["true"]), ("m", [""]), ("t", []), ("t", ["a"]),
     ("t", ["True"]), ("t", ["true", "false"])],
)  # fmt: skip
def test_a_response_of_the_wrong_shape_is_refused_and_harms_nothing(
    database: Database, place: tuple[Placement, Learner], question: str, choices: list[str]
) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, MIXED, is_preview=False)
        give_response(session, attempt, "m", ["a"])
        with pytest.raises(ResponseNotTaken):
            give_response(session, attempt, question, choices)
        assert [(one.question_id, one.choice_ids) for one in attempt.responses] == [("m", ["a"])]


@pytest.mark.parametrize(
    "choices",
    [
        ["x" * 1_000_000],
        ["a"] * 100_000,
        [1],
        [None],
        [["a"]],
        [{"a": 1}],
        [b"a"],
        ["a\x00"],
        ["A"],
        [" a"],
        ["a", None],
    ],
    ids=lambda choices: repr(choices)[:20],
)  # fmt: skip
def test_nothing_that_can_be_sent_as_an_answer_harms_the_attempt(sqlite_database: Database, choices: list[Any]) -> None:
    with sqlite_database.transaction() as session:
        attempt = start_attempt(session, make_placement(session), make_learner(session).id, MIXED, is_preview=False)
        give_response(session, attempt, "m", ["b"])
        give_response(session, attempt, "t", ["true"])
        for question in ("m", "t", "q" * 1_000_000, "", "\x00"):
            with pytest.raises(ResponseNotTaken) as refused:
                give_response(session, attempt, question, choices)
            assert len(str(refused.value)) < 200
        session.flush()
        assert {one.question_id: one.choice_ids for one in attempt.responses} == {"m": ["b"], "t": ["true"]}


def test_a_question_is_not_checked_before_it_is_answered(database: Database, place: tuple[Placement, Learner]) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
        with pytest.raises(ResponseNotTaken, match="Choose an answer"):
            check_response(attempt, "q1")


@pytest.mark.parametrize(
    ("question", "choices"), [("q9", ["a"]), ("q1", ["c"]), ("q1", []), ("q1", ["a", "b"]), ("q1", ["a", "a"])]
)
def test_a_response_that_does_not_fit_is_refused(
    database: Database, place: tuple[Placement, Learner], question: str, choices: list[str]
) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
        with pytest.raises(ResponseNotTaken):
            give_response(session, attempt, question, choices)
        assert attempt.responses == []


def test_only_the_first_submit_closes_and_a_closed_attempt_takes_nothing(
    database: Database, place: tuple[Placement, Learner]
) -> None:
    with database.transaction() as session:
        attempt = start_attempt(session, place[0], place[1].id, QUIZ, is_preview=False)
        give_response(session, attempt, "q1", ["a"])
        assert submit_attempt(session, attempt)
        closed_at = attempt.submitted_at
        assert not submit_attempt(session, attempt)
        assert attempt.submitted_at == closed_at
        with pytest.raises(AttemptClosed):
            give_response(session, attempt, "q2", ["a"])
        with pytest.raises(AttemptClosed):
            check_response(attempt, "q1")


def test_an_item_is_at_home_where_it_is_placed(database: Database) -> None:
    with database.transaction() as session:
        lesson = make_placement(session, item_id="lesson-1")
        assert home_of(session, lesson, "quiz-1") is None
        quiz = make_placement(session, item_id="quiz-1")
        whole = make_placement(session, item_id=None)
        make_placement(session, item_id="quiz-1", context_key="context-2")
        assert home_of(session, lesson, "quiz-1") is quiz
        twin = make_placement(session, item_id="quiz-1")
        assert home_of(session, lesson, "quiz-1") is twin  # the newer one, until one of them takes grades
        quiz.takes_grades = True
        assert home_of(session, lesson, "quiz-1") is quiz
        assert home_of(session, twin, "quiz-1") is twin
        assert home_of(session, whole, "quiz-1") is quiz  # it takes grades, the link to the whole course does not
        whole.takes_grades = True
        assert home_of(session, whole, "quiz-1") is whole
        assert home_of(session, quiz, "quiz-9") is whole


def test_reading_is_remembered_once_per_context(database: Database, place: tuple[Placement, Learner]) -> None:
    lesson = BUILT_IN.item("lesson-1")
    sections = [section.id for section in lesson.sections]
    with database.transaction() as session:
        for section in (sections[0], sections[0]):
            mark_read(session, place[0], place[1].id, lesson, section)
        assert sections_read(session, place[0], place[1].id) == {"lesson-1": {sections[0]}}
        assert sections_read(session, make_placement(session, context_key="context-2"), place[1].id) == {}
        for wrong in ("no-such-section", WHOLE_ITEM):
            with pytest.raises(UnknownSection):
                mark_read(session, place[0], place[1].id, lesson, wrong)


def test_a_stop_says_how_far_it_is() -> None:
    lesson, introduction = BUILT_IN.item("lesson-1"), BUILT_IN.item("introduction")
    sections = {section.id for section in lesson.sections}
    assert state_of(lesson, {}, {}) == State.NOT_STARTED
    assert state_of(lesson, {"lesson-1": {next(iter(sections))}}, {}) == State.IN_PROGRESS
    assert state_of(lesson, {"lesson-1": sections}, {}) == State.DONE
    assert state_of(introduction, {"introduction": {WHOLE_ITEM}}, {}) == State.DONE
    assert state_of(QUIZ, {}, {}) == State.NOT_STARTED
    assert state_of(QUIZ, {}, {"quiz-1": Work(has_open=True)}) == State.IN_PROGRESS
    assert state_of(QUIZ, {}, {"quiz-1": Work(has_submitted=True)}) == State.DONE
    assert state_of(QUIZ, {}, {"quiz-1": Work(has_submitted=True, is_passed=True)}) == State.PASSED
    assert state_of(QUIZ, {}, {"quiz-1": Work(has_submitted=True, is_not_passed=True)}) == State.NOT_PASSED
    assert (
        state_of(QUIZ, {}, {"quiz-1": Work(has_submitted=True, waits=State.GRADING, is_passed=True)}) == State.GRADING
    )
