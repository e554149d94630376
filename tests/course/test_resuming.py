"""Continue where you left off."""

from datetime import timedelta

from config import clock
from config.database import Database
from course.attempts import give_response, start_attempt
from course.items import Page
from course.models import SectionRead
from course.progress import State
from course.resuming import last_worked_at, next_section, where_to_go_on
from tests.support.factory import BUILT_IN, QUIZ, answers, make_learner, make_placement

ITEMS = BUILT_IN.items
LESSON = next(item for item in ITEMS if isinstance(item, Page) and item.sections)
NOW = clock.now()


def _states(**known: State) -> dict[str, State]:
    return {item.id: known.get(item.id.replace("-", "_"), State.NOT_STARTED) for item in ITEMS}


def test_a_learner_begins_at_the_first_item_and_goes_on_at_the_first_unfinished_one() -> None:
    assert where_to_go_on(BUILT_IN, _states(), {}) is ITEMS[0]
    later = _states(introduction=State.DONE, lesson_1=State.DONE, quiz_1=State.PASSED, lab_1=State.WAITING)
    assert where_to_go_on(BUILT_IN, later, {}) is BUILT_IN.item("lesson-2")


def test_what_was_worked_on_last_comes_before_what_was_begun_earlier() -> None:
    states = _states(lesson_1=State.IN_PROGRESS, lesson_3=State.IN_PROGRESS)
    last = {"lesson-1": NOW, "lesson-3": NOW - timedelta(hours=1)}
    assert where_to_go_on(BUILT_IN, states, last) is BUILT_IN.item("lesson-1")
    last["lesson-3"] = NOW + timedelta(hours=1)
    assert where_to_go_on(BUILT_IN, states, last) is BUILT_IN.item("lesson-3")


def test_what_waits_for_a_person_is_finished_and_what_is_closed_is_passed_over() -> None:
    states = _states(introduction=State.DONE, lesson_1=State.WAITING, lesson_2=State.IN_PROGRESS)
    assert where_to_go_on(BUILT_IN, states, {}, closed={"lesson-2", "quiz-1", "lab-1"}) is BUILT_IN.item("quiz-2")


def test_nothing_is_left_when_all_is_finished() -> None:
    assert where_to_go_on(BUILT_IN, dict.fromkeys((item.id for item in ITEMS), State.DONE), {}) is None


def test_a_lesson_goes_on_at_its_first_unread_section_and_neither_before_nor_after() -> None:
    ids = [section.id for section in LESSON.sections]
    assert next_section(LESSON, set()) is None
    assert next_section(LESSON, {ids[0], ids[2]}) is LESSON.sections[1]
    assert next_section(LESSON, set(ids)) is None


def test_work_is_dated_by_reading_and_by_answers_of_this_context_and_role(database: Database) -> None:
    with database.transaction() as session:
        here, elsewhere = make_placement(session), make_placement(session, context_key="context-2")
        learner = make_learner(session)
        for context_key, days in (("context-1", 3), ("context-2", 0)):
            session.add(
                SectionRead(
                    learner_id=learner.id,
                    context_key=context_key,
                    course_id=BUILT_IN.id,
                    item_id=LESSON.id,
                    section_id=LESSON.sections[0].id,
                    read_at=NOW - timedelta(days=days),
                )
            )
        attempt = start_attempt(session, here, learner.id, QUIZ, is_preview=False)
        start_attempt(session, elsewhere, learner.id, QUIZ, is_preview=False)
        start_attempt(session, here, learner.id, BUILT_IN.item("quiz-2"), is_preview=True)  # type: ignore[arg-type]
        question, choice = next(iter(answers(1).items()))
        response = give_response(session, attempt, question, [choice])
        assert response is not None
        response.given_at = NOW + timedelta(days=1)
    with database.reading() as session:
        last = last_worked_at(session, here, learner.id, previews=False)
        previews = last_worked_at(session, here, learner.id, previews=True)
    assert last == {LESSON.id: NOW - timedelta(days=3), QUIZ.id: NOW + timedelta(days=1)}
    assert previews.keys() == {LESSON.id, "quiz-2"}
