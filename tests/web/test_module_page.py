"""The page that sums a course up: where one stands, what the gradebook has of it, and a copy to keep."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config import clock
from config.database import Database
from config.settings import Settings
from course.accommodations import set_accommodation
from course.items import Page
from course.models import SectionRead
from course.policies import set_override
from course.progress import section_ids
from grading.service import BY_KEY, BY_PERSON, BY_RUBRIC, BY_RULES
from lti_tool.models import LineItem, OutboxScore
from lti_tool.outbox import DELIVERED, STUCK
from lti_tool.reading import BY_READING
from lti_tool.web.results_file import DECIDED_TEXTS
from tests.support.factory import BUILT_IN, QUIZ
from tests.support.visit import Browser
from tests.web.test_reading import LESSON, Library

ALL = len(BUILT_IN.items)


@pytest.fixture
def library(settings: Settings, sqlite_database: Database) -> Library:
    return Library(settings, sqlite_database)


def _row(page: str, title: str) -> str:
    """The words of one part's row."""
    rows = re.findall(r"<tr role=\"row\">.*?</tr>", page, re.DOTALL)
    row = next(row for row in rows if f">{title}</span></a>" in row)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()


def _quiz_row(ada: Browser) -> str:
    return _row(ada.get("/module").text, QUIZ.title)


def _rule(library: Library, item_id: str = QUIZ.id, **rules: Any) -> None:
    item = BUILT_IN.item(item_id)
    with library.database.transaction() as session:
        set_override(session, library.classroom.placement.context_key, BUILT_IN, item, rules)  # type: ignore[arg-type]


def _hand_in(ada: Browser, right: int) -> None:
    assert ada.hand_in(ada.start(), right=right).status_code == 303


def _newest_score(library: Library, **values: Any) -> None:
    with library.database.transaction() as session:
        row = session.scalars(select(OutboxScore).order_by(OutboxScore.timestamp.desc())).first()
        for name, value in values.items():
            setattr(row, name, value)


def _iso(**parts: float) -> str:
    return (clock.now() + timedelta(**parts)).isoformat(timespec="seconds")


def test_before_anything_is_done_it_says_where_to_begin(library: Library) -> None:
    page = library.visit(None).get("/module").text
    assert f"0 of {ALL} parts done." in page
    assert f"Begin with {BUILT_IN.items[0].title}" in page
    assert "not started" in _row(page, LESSON.title)
    assert f"0 of {len(LESSON.sections)} sections read" in _row(page, LESSON.title)


def test_a_sentence_sums_it_up_and_leads_to_where_the_learner_goes_on(library: Library) -> None:
    ada = library.visit(None)
    _hand_in(ada, 4)
    ada.post(f"/items/{LESSON.id}/read", section=LESSON.sections[0].id)
    page = ada.get("/module").text
    assert f"1 of {ALL} parts done." in page
    link = re.search(r'class="button button-main" href="([^"]+)">([^<]+)<', page)
    assert link
    assert link[1] == f"{ada.base}/items/{LESSON.id}#{LESSON.sections[1].id}"
    assert f"1 of {len(LESSON.sections)} sections read" in _row(page, LESSON.title)
    assert "4 of 5 (80%)" in _row(page, QUIZ.title)
    assert "2 of 3 attempts left" in _row(page, QUIZ.title)


def test_when_all_is_done_the_course_opens_with_the_summary(library: Library) -> None:
    ada = library.visit(None)
    with library.database.transaction() as session:
        context_key = library.classroom.placement.context_key
        for page in BUILT_IN.items:
            for section in section_ids(page) if isinstance(page, Page) else ():
                session.add(
                    SectionRead(
                        learner_id=library.ada.learner_id,
                        context_key=context_key,
                        course_id=BUILT_IN.id,
                        item_id=page.id,
                        section_id=section,
                        read_at=clock.now(),
                    )
                )
    closed = [item for item in BUILT_IN.items if not isinstance(item, Page)]
    for item in closed:
        _rule(library, item.id, closes_at=_iso(days=-1))
    assert ada.get("").location.endswith("/module")  # nothing is left that could be done


def test_what_no_link_of_the_course_opens_is_not_where_to_go_on(library: Library) -> None:
    ada = library.visit(QUIZ.id)
    _hand_in(ada, 5)
    csrf = ada.csrf()
    pages = [item for item in BUILT_IN.items if isinstance(item, Page)]
    intro, first, second, third = pages[:4]
    for page in (intro, first, second):
        for section in section_ids(page):
            ada.post(f"/items/{page.id}/read", csrf=csrf, section=section)
    shown = ada.get("/module").text
    between = BUILT_IN.items[BUILT_IN.items.index(first) + 1 : BUILT_IN.items.index(third)]
    assert any(not isinstance(item, Page) and item != QUIZ for item in between)
    for item in between:
        assert f"Go on with {item.title}" not in shown
    assert f"Go on with {third.title}" in shown


def test_a_grade_is_told_as_it_was_last_delivered_and_the_newer_one_beside_it(library: Library) -> None:
    ada = library.visit(QUIZ.id)
    _hand_in(ada, 3)
    assert "Saved, on its way to your gradebook." in _quiz_row(ada)
    _newest_score(library, state=DELIVERED, delivered_at=clock.now())
    assert "3 of 5 in your gradebook since" in _quiz_row(ada)
    _hand_in(ada, 5)
    assert "3 of 5 in your gradebook since" in _quiz_row(ada)
    assert "Your newer result, 5 of 5, is on its way." in _quiz_row(ada)
    _newest_score(library, state=STUCK, cause="no_line_item")
    assert "5 of 5, has not been taken yet; nothing is lost." in _quiz_row(ada)


def test_a_grade_that_never_arrived_says_that_it_is_kept(library: Library) -> None:
    ada = library.visit(QUIZ.id)
    _hand_in(ada, 3)
    _newest_score(library, state=STUCK, cause="no_line_item")
    assert "has not taken it yet; nothing is lost" in _quiz_row(ada)


def test_a_result_without_a_column_says_that_it_stays_here(library: Library) -> None:
    with library.database.transaction() as session:
        session.delete(session.merge(library.classroom.line_item))
    ada = library.visit(QUIZ.id)
    assert "gradebook" not in _quiz_row(ada)
    _hand_in(ada, 3)
    assert "No gradebook column belongs to it" in _quiz_row(ada)


def test_a_passed_quiz_says_so_and_one_below_the_mark_says_what_passes(library: Library) -> None:
    _rule(library, pass_percent=80)
    ada = library.visit(QUIZ.id)
    _hand_in(ada, 3)
    assert "done, not passed" in _quiz_row(ada)
    assert "To pass: 80%" in _quiz_row(ada)
    assert "#icon-not-passed" in ada.get("/module").text
    _hand_in(ada, 4)
    assert "passed" in _quiz_row(ada)
    assert "To pass: 80%" not in _quiz_row(ada)


def test_dates_are_the_learners_own(library: Library) -> None:
    _rule(library, due_at="2031-03-01T12:00:00Z", closes_at="2031-03-02T12:00:00Z")
    ada = library.visit(QUIZ.id)
    assert "Due March 1, 2031" in _quiz_row(ada)
    assert "Closes March 2, 2031" in _quiz_row(ada)
    assert "your own" not in _quiz_row(ada)
    with library.database.transaction() as session:
        set_accommodation(session, library.classroom.placement.context_key, library.ada.learner_id, extra_days=7)
    assert "Due March 8, 2031" in _quiz_row(ada)
    assert "This date is your own." in _quiz_row(ada)


@pytest.mark.parametrize(
    ("rules", "state", "drawing", "words"),
    [
        ({"opens_at": _iso(days=2)}, "not open yet", "not-yet", "Opens "),
        ({"closes_at": _iso(days=-2)}, "closed", "closed", "Closed "),
        ({"unlock_after": ["quiz-2"]}, "locked", "locked", "It opens once you have handed in these:"),
    ],
)
def test_what_cannot_be_begun_says_why_in_the_strip_and_in_its_row_and_is_passed_over(
    library: Library, rules: dict[str, Any], state: str, drawing: str, words: str
) -> None:
    for item in BUILT_IN.items:
        if not isinstance(item, Page):
            _rule(library, item.id, **({} if item.id in rules.get("unlock_after", []) else rules))
    ada = library.visit(None)
    page = ada.get("/module").text
    assert state in _row(page, QUIZ.title)
    assert words in _row(page, QUIZ.title)
    assert f"<span data-state-text>{state}</span>" in page
    assert f'href="#icon-{drawing}"' in page
    assert not ada.get("").location.endswith(QUIZ.id)


def test_an_instructor_is_told_that_it_is_a_preview_and_sees_nothing_locked_or_graded(library: Library) -> None:
    _rule(library, opens_at=_iso(days=2))
    preview = library.visit(QUIZ.id, role="instructor")
    _hand_in(preview, 5)
    page = preview.get("/module").text
    assert "as an instructor" in page
    assert "5 of 5 (100%)" in _row(page, QUIZ.title)
    assert "gradebook" not in _row(page, QUIZ.title)
    assert "not open yet" not in page


def test_the_results_can_be_kept_in_one_file_that_needs_nothing_else(library: Library) -> None:
    _rule(library, late="deduct", late_percent_per_day=10, due_at=_iso(hours=-1))
    ada = library.visit(QUIZ.id)
    _hand_in(ada, 5)
    ada.start()
    _newest_score(library, state=DELIVERED, delivered_at=clock.now())
    answer = ada.get("/module/results")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="deep-learning-results.html"'
    file = answer.text
    assert file.startswith("<!doctype html>")
    assert not re.search(r"<script|<link|<img|src=|href=|url\(", file)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", file))
    assert "Results of ada, saved on" in words
    for item in BUILT_IN.items:
        assert item.title in words
    assert "Attempt 1: handed in" in words
    assert "4.5 of 5 · scored by the answer key · 10% taken off for being late" in words
    assert "Attempt 2: begun" in words
    assert "4.5 of 5 in your gradebook since" in words


def test_the_file_says_of_every_decision_who_made_it() -> None:
    assert set(DECIDED_TEXTS) == {BY_KEY, BY_PERSON, BY_READING, BY_RUBRIC, BY_RULES}


class TestReadingForAGrade:
    """A lesson whose own link has a column."""

    @pytest.fixture
    def ada(self, library: Library) -> Browser:
        browser = library.visit(LESSON.id)
        with library.database.transaction() as session:
            link = library.classroom.resource_link.id
            session.add(LineItem(resource_link_id=link, item_id=LESSON.id, url="https://lms.example.org/1", scopes=[],
                                 updated_at=clock.now()))  # fmt: skip
        return browser

    def test_the_page_says_before_what_reading_it_counts_and_after_where_the_grade_is(
        self, ada: Browser, library: Library
    ) -> None:
        before = ada.get(f"/items/{LESSON.id}").text
        assert "Reading this to the end counts 1 point in your gradebook." in before
        assert 'data-page-done hidden><div class="delivery' in re.sub(r">\s+<", "><", before)
        for section in LESSON.sections:
            ada.post(f"/items/{LESSON.id}/read", section=section.id)
        after = re.sub(r">\s+<", "><", ada.get(f"/items/{LESSON.id}").text)
        assert 'data-page-done><div class="delivery delivery-on-its-way' in after
        _newest_score(library, state=DELIVERED, delivered_at=clock.now())
        assert "1 of 1 in your gradebook since" in _row(ada.get("/module").text, LESSON.title)
        assert ada.get(f"/items/{LESSON.id}/delivery").json == {
            "state": "delivered", "text": "In your gradebook.", "delivered_iso": ada_time(library),
        }  # fmt: skip

    def test_an_instructor_reads_what_it_counts_for_students(self, ada: Browser, library: Library) -> None:
        page = library.visit(LESSON.id, role="instructor").get(f"/items/{LESSON.id}").text
        assert "Students who read this to the end get 1 point" in page
        assert "data-delivery" not in page

    def test_a_lesson_without_a_column_promises_nothing(self, library: Library) -> None:
        assert "counts 1 point" not in library.visit(LESSON.id).get(f"/items/{LESSON.id}").text


def ada_time(library: Library) -> str:
    with library.database.reading() as session:
        moment = session.scalars(select(OutboxScore.delivered_at)).one()
    assert moment
    return moment.isoformat(timespec="seconds")
