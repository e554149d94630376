"""Review pages without scripts: who may see them, what they show, what they change, and what a student reads of it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config.database import Database
from config.settings import Settings
from config.task_queue import GRADE_ATTEMPTS, Nudger, TaskName
from course.policies import set_override
from lti_tool.app import create_app
from tests.grading.lab_class import GOOD, LabClass
from tests.support.factory import BUILT_IN
from tests.support.labs import course_with_labs
from tests.support.visit import Browser, seat


class Course:
    """A lab of the built-in course with a student and an instructor at its pages, and no language model."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.lab_class = LabClass(database, None)
        self.attempt_id = self.lab_class.hand_in(*GOOD)
        self.lab_class.grade(self.attempt_id)
        self.key = self.lab_class.attempt(self.attempt_id).key
        with database.transaction() as session:
            self.lab_class.room.session = session
            self.grace = self.lab_class.room.person("grace")
        self.student = self.seat(self.lab_class.people["ada"], "learner")
        self.teacher = self.seat(self.grace, "instructor")

    def seat(self, person: object, role: str) -> Browser:
        room = self.lab_class
        return seat(self.app.test_client(), room.database, room.room.placement, person.learner, role)  # type: ignore[attr-defined]

    def levels(self, level: int = 3) -> dict[str, str]:
        ids = [criterion.id for criterion in self.lab_class.lab.rubric.criteria]
        return {f"level.{one}": str(level) for one in ids} | {f"why.{one}": "As the turns show." for one in ids}


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []

    def record(_: Nudger, task: TaskName, *_args: object) -> None:
        sent.append(task.name)

    monkeypatch.setattr(Nudger, "nudge", record)
    return sent


@pytest.fixture
def course(settings: Settings, sqlite_database: Database, tmp_path: Path, nudges: list[str]) -> Course:
    app = create_app(replace(settings, courses=(course_with_labs(tmp_path),)), sqlite_database)
    return Course(app, sqlite_database)


def test_a_student_sees_none_of_it(course: Course) -> None:
    for path in ("/review", f"/review/{course.key}"):
        answer = course.student.get(path)
        assert answer.status_code == 403
        assert "for instructors" in answer.text
    for path in (f"/review/{course.key}", f"/review/{course.key}/blind", f"/review/{course.key}/appeals/mechanism"):
        assert course.student.post(path, **course.levels()).status_code == 403
    assert course.lab_class.outcomes(course.attempt_id) == []
    assert "/review" not in course.student.get("/items/lab-1").text


def test_another_courses_attempt_is_not_here(course: Course, sqlite_database: Database) -> None:
    other = LabClass(sqlite_database, None, issuer="https://other.example.org")
    foreign = other.attempt(other.hand_in(*GOOD)).key
    assert course.teacher.get(f"/review/{foreign}").status_code == 404
    assert course.teacher.post(f"/review/{foreign}", **course.levels()).status_code == 404
    assert course.teacher.get("/review/nonsense").status_code == 404


def test_what_waits_stands_with_its_reason_and_leads_to_the_case(course: Course) -> None:
    page = course.teacher.get("/items/lab-1").text
    assert "Review (1 waits)" in page
    assert "1 lab waits for you" in page, "on top as well, where an instructor looks first"
    page = course.teacher.get("/review").text
    assert "ada" in page
    assert "No AI was at hand" in page
    assert "<time datetime=" in page
    assert "nothing you do here becomes a grade" not in page  # it does
    case = course.teacher.get(f"/review/{course.key}").text
    assert "The loss pays for guessing the next order" in case
    assert "A rule suggests" in case
    assert case.count("No AI was at hand") == 1  # not with every criterion
    # Quotes lead to their place in the transcript, and from there back.
    targets = re.findall(r'href="#(quote-[^"]+)"', case)
    assert targets
    assert all(f'id="{target}"' in case for target in targets)
    assert re.search(r'<a href="#case-[a-z0-9-]+">', case)
    # Nothing is chosen beforehand where nothing is settled.
    assert " checked" not in case


def test_a_decision_needs_reasons_loses_nothing_typed_and_reaches_student_and_gradebook(
    course: Course, nudges: list[str]
) -> None:
    without_a_reason = {**course.levels(), "why.mechanism": " ", "why.reading-the-91": "Because of the second turn."}
    refused = course.teacher.post(f"/review/{course.key}", **without_a_reason)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "Write for “Mechanism” why you decide so" in refused.text
    assert "Because of the second turn." in refused.text
    assert refused.text.count(" checked") == 5
    assert course.lab_class.outcomes(course.attempt_id) == []

    done = course.teacher.post(f"/review/{course.key}", **course.levels(4))
    assert done.status_code == 303
    listed = course.teacher.client.get(done.location).text
    assert "Saved. The student sees it now" in listed
    assert "Open the next one" not in listed  # there is none
    (outcome,) = course.lab_class.outcomes(course.attempt_id)
    assert (outcome.decided_by, outcome.points) == ("person", 100)
    assert [row.score_given for row in course.lab_class.owed()] == [100]
    assert "passback.deliver_scores" in nudges
    assert "Nothing waits for you" in course.teacher.get("/review").text
    result = course.student.get(f"/labs/{course.key}").text
    assert "Decided by a person" in result
    assert "As the turns show." in result


def test_before_the_date_of_release_the_page_says_so_and_shows_a_single_result_only_when_told_to(
    course: Course, nudges: list[str]
) -> None:
    with course.lab_class.database.transaction() as session:
        rules = {"release_at": "2040-03-01T12:00:00Z"}
        set_override(session, course.lab_class.context_key, BUILT_IN, course.lab_class.lab, rules)
    assert "Results of this lab are shown from" in course.teacher.get(f"/review/{course.key}").text
    assert course.teacher.post(f"/review/{course.key}", **course.levels()).status_code == 303
    assert course.lab_class.outcomes(course.attempt_id) == []
    assert "Graded, not shown yet" in course.student.get(f"/labs/{course.key}").text
    again = course.teacher.get(f"/review/{course.key}").text
    assert "This is decided, and shown to the student from" in again
    assert again.count(" checked") == 5
    assert "As the turns show." in again
    assert "passback.deliver_scores" not in nudges
    assert course.teacher.post(f"/review/{course.key}", **course.levels(), at_once="1").status_code == 303
    assert "Decided by a person" in course.student.get(f"/labs/{course.key}").text
    assert "passback.deliver_scores" in nudges


def test_an_appeal_goes_to_the_queue_and_its_answer_to_the_student(course: Course) -> None:
    course.teacher.post(f"/review/{course.key}", **course.levels(2))
    result = course.student.get(f"/labs/{course.key}").text
    assert "Ask a person to look again" in result
    empty = course.student.post(f"/labs/{course.key}/appeals/mechanism", words=" ")
    assert empty.status_code == 422
    assert "Write what you see differently, then send it." in empty.text
    too_long = course.student.post(f"/labs/{course.key}/appeals/mechanism", words="<It is all there.> " * 300)
    assert too_long.status_code == 422
    assert "Shorten it to 4,000 characters" in too_long.text
    assert "&lt;It is all there.&gt;" in too_long.text  # what was typed is in the field again
    assert course.student.post(f"/labs/{course.key}/appeals/nothing", words="Look.").status_code == 422
    sent = course.student.post(f"/labs/{course.key}/appeals/mechanism", words="My chain is <complete>.")
    assert sent.status_code == 303
    assert "My chain is &lt;complete&gt;." in course.student.get(f"/labs/{course.key}").text
    assert "The student asks for a second look." in course.teacher.get("/review").text
    other = course.student.post(f"/labs/{course.key}/appeals/mechanism", words="Or look at turn four.").text
    assert "You have already asked for a second look" in other
    assert "Or look at turn four." in other
    case = course.teacher.get(f"/review/{course.key}").text
    assert "My chain is &lt;complete&gt;." in case
    path = f"/review/{course.key}/appeals/mechanism"
    refused = course.teacher.post(path, answer="Too long. " * 500, level="4")
    assert refused.status_code == 422
    assert "Too long. Too long." in refused.text
    assert '<option value="4" selected>' in refused.text
    assert course.teacher.post(path, answer="You are right, it is.", level="4").status_code == 303
    twice = course.teacher.post(path, answer="And once more.", level="1")
    assert twice.status_code == 422
    assert "And once more." in twice.text
    first, second = course.lab_class.outcomes(course.attempt_id)
    assert second.points > first.points
    result = course.student.get(f"/labs/{course.key}").text
    assert "You are right, it is." in result
    assert [row.score_given for row in course.lab_class.owed()] == [first.points, second.points]


def test_a_blind_look_shows_no_findings_and_no_name(course: Course) -> None:
    page = course.teacher.get(f"/review/{course.key}?blind=1").text
    assert "A rule suggests" not in page
    assert "ada" not in page.replace("data-", "").replace("adapt", "")
    assert 'name="why.' not in page


def test_handing_in_asks_for_a_grade(course: Course, nudges: list[str]) -> None:
    with course.lab_class.database.transaction() as session:
        course.lab_class.room.session = session
        eve = course.lab_class.room.person("eve")
    student = course.seat(eve, "learner")
    path = student.begin_lab("lab-1")
    student.post(path, action="say", text="It is the loss.", number="2")
    assert student.post(f"{path}/submit", action="submit-anyway").status_code == 303
    assert GRADE_ATTEMPTS.name in nudges
