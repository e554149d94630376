"""The rules of graded items as course.yaml has them, and what is wrong with them."""

from datetime import UTC, datetime

import pytest

from course.catalog import load_course
from course.check import check_course
from course.items import Feedback, Graded, Late, UnlockWhen
from course.loading.policies import override_faults
from tests.course.course_files import COURSE, QUIZ, CourseFiles
from tests.support.factory import BUILT_IN

FILE = "course.yaml"
TWO = "      - {id: quiz-2, kind: test, file: module-1/quiz-2.yaml, label: Test, policy: {POLICY}}\n"


def with_policy(files: CourseFiles, policy: str, first: str = "") -> None:
    """Two graded items: `quiz-1` with the policy `first` (in line 14), the test `quiz-2` with `policy` (in line 15)."""
    files.write("module-1/quiz-2.yaml", QUIZ)
    files.write(FILE, COURSE + f"        policy: {{{first}}}\n" + TWO.replace("POLICY", policy))


def graded(files: CourseFiles, item_id: str) -> Graded:
    item = load_course(files.folder).item(item_id)
    assert isinstance(item, Graded)
    return item


def test_every_rule_is_read_when_it_is_given(files: CourseFiles) -> None:
    with_policy(
        files,
        "attempts: 2, feedback: after-due, time_limit_minutes: 30, opens_at: 2026-09-01T08:00Z, "
        "due_at: 2026-09-30T23:59+02:00, closes_at: 2026-10-05T23:59:30-05:00, late: deduct, late_percent_per_day: 10, "
        "late_percent_at_most: 50, unlock_after: [quiz-1], unlock_when: passed",
        first="pass_percent: 80",
    )
    policy = graded(files, "quiz-2").policy
    assert policy.feedback == Feedback.AFTER_DUE
    assert policy.time_limit_minutes == 30
    assert policy.opens_at == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert policy.due_at == datetime(2026, 9, 30, 21, 59, tzinfo=UTC)
    assert policy.closes_at == policy.ends_at == datetime(2026, 10, 6, 4, 59, 30, tzinfo=UTC)
    assert (policy.late, policy.late_percent_per_day, policy.late_percent_at_most) == (Late.DEDUCT, 10, 50)
    assert (policy.unlock_after, policy.unlock_when) == (("quiz-1",), UnlockWhen.PASSED)


def test_a_quiz_explains_at_once_and_a_test_after_handing_in_unless_given(files: CourseFiles) -> None:
    with_policy(files, "")
    assert graded(files, "quiz-1").policy.feedback == Feedback.AFTER_ANSWER
    assert graded(files, "quiz-2").policy.feedback == Feedback.AFTER_SUBMIT


def test_the_due_date_is_the_end_when_late_work_is_refused(files: CourseFiles) -> None:
    with_policy(files, "due_at: 2026-09-30T23:59Z, closes_at: 2026-10-30T23:59Z, late: refuse")
    policy = graded(files, "quiz-2").policy
    assert policy.ends_at == policy.due_at


ZONE = "must be a date and time with its zone, such as 2026-09-30T23:59+02:00, or null."


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("due_at: 2026-09-30T23:59", f"Module 1, item 4: `due_at` {ZONE}"),
        ("due_at: 2026-09-30", f"Module 1, item 4: `due_at` {ZONE}"),
        ("opens_at: soon", f"Module 1, item 4: `opens_at` {ZONE}"),
        ("closes_at: 2026", f"Module 1, item 4: `closes_at` {ZONE}"),
        ("due_at: 2026-02-30T23:59Z", "`due_at`: there is no such date as 2026-02-30T23:59Z."),
        ("due_at: 2026-02-03T24:59Z", "`due_at`: there is no such date as 2026-02-03T24:59Z."),
        ("due_at: 0001-01-01T00:00+02:00", "`due_at`: there is no such date as 0001-01-01T00:00+02:00."),
        ("due_at: 9999-12-31T23:59Z", "`due_at`: there is no such date as 9999-12-31T23:59Z."),
        ("opens_at: 2026-09-02T00:00Z, closes_at: 2026-09-01T00:00Z", "`closes_at` is not after `opens_at`."),
        ("opens_at: 2026-09-02T00:00Z, due_at: 2026-09-02T00:00Z", "`due_at` is not after `opens_at`."),
        ("due_at: 2026-09-02T00:00Z, closes_at: 2026-09-02T00:00+01:00", "`closes_at` is not after `due_at`."),
        ("due_at: 2026-09-02T00:00Z, late: deduct", "`late` is deduct, and nothing is deducted."),
        ("late_percent_per_day: 5", "`late_percent_per_day` has no effect while `late` is accept."),
        ("release: after-review", "`release` has no effect on an item of the kind test."),
        ("written_answer: allowed", "`written_answer` has no effect on an item of the kind test."),
        ("late: never", 'Module 1, item 4: `late` must be one of accept, deduct, refuse, not "never".'),
        ("late: deduct, late_percent_per_day: 101",
         "Module 1, item 4: `late_percent_per_day` must be a whole number from 0 to 100 without a percent sign."),
        ("time_limit_minutes: 0",
         "Module 1, item 4: `time_limit_minutes` must be a whole number of minutes from 1 to 100000, or null."),
        ("time_limit_minutes: 1h",
         "Module 1, item 4: `time_limit_minutes` must be a whole number of minutes from 1 to 100000, or null."),
        ("feedback: later",
         'Module 1, item 4: `feedback` must be one of after-answer, after-submit, after-due, never, not "later".'),
        ("feedback: after-due",
         "`feedback` is after-due, and there is no due date: learners would see it once they hand in."),
        ("unlock_after: [quiz-9]", "The course has no item `quiz-9`."),
        ("unlock_after: [lesson-1]", "`lesson-1` is of the kind lesson, which is not graded."),
        ("unlock_after: [quiz-2]", "`quiz-2` would unlock only after itself."),
        ("unlock_after: [quiz-1], unlock_when: passed",
         "`quiz-1` has no pass mark, so nobody can pass it and unlock `quiz-2`."),
        ("unlock_after: quiz-1", 'Module 1, item 4: `unlock_after` must be a list, not the text "quiz-1".'),
    ],
)  # fmt: skip
def test_the_line_is_named_when_a_rule_is_at_fault(files: CourseFiles, policy: str, message: str) -> None:
    with_policy(files, policy)
    assert files.problems() == [(FILE, 15, message)]


def test_two_items_that_wait_for_each_other_are_both_named(files: CourseFiles) -> None:
    with_policy(files, "unlock_after: [quiz-1]", first="unlock_after: [quiz-2]")
    assert files.problems() == [
        (FILE, 14, "`quiz-1` and another item each unlock only after the other."),
        (FILE, 15, "`quiz-2` and another item each unlock only after the other."),
    ]


def test_nothing_is_said_of_an_item_that_cannot_be_read(files: CourseFiles) -> None:
    with_policy(files, "unlock_after: [quiz-1]")
    files.write("module-1/quiz-1.yaml", ": not yaml")
    assert [problem.file.rpartition("/")[2] for problem in check_course(files.folder).details] == ["quiz-1.yaml"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"attemts": 2}, "`policy` has an unknown key `attemts`."),
        ({"attempts": 0}, "`attempts` must be a whole number from 1 to 1000, or the word unlimited."),
        ({"due_at": "2026-09-30"}, f"`due_at` {ZONE}"),
        ({"points": 0.00001}, "`points` must be a number from 0.01 to 100000."),
        ({"due_at": "9999-12-31T23:59-12:00"}, "`due_at`: there is no such date as 9999-12-31T23:59-12:00."),
        ({"due_at": "2026-13-30T00:00Z"}, "`due_at`: there is no such date as 2026-13-30T00:00Z."),
        ({"closes_at": "2026-01-01T00:00Z"}, "`closes_at` is not after `opens_at`."),
        ({"unlock_after": ["quiz-2"]}, "`quiz-2` would unlock only after itself."),
    ],
)
def test_an_override_is_held_against_the_same_rules(files: CourseFiles, rules: dict[str, object], message: str) -> None:
    with_policy(files, "opens_at: 2026-09-01T00:00Z")
    faults = override_faults(load_course(files.folder), graded(files, "quiz-2"), rules)
    assert [fault.message for fault in faults] == [message]


@pytest.mark.parametrize("rules", [{"shuffle": "both"}, {"feedback": "never"}])
def test_a_rule_that_does_nothing_in_a_lab_is_refused(rules: dict[str, str]) -> None:
    lab = BUILT_IN.item("lab-1")
    assert isinstance(lab, Graded)
    (name,) = rules
    faults = override_faults(BUILT_IN, lab, rules)
    assert [fault.message for fault in faults] == [f"`{name}` has no effect on an item of the kind lab."]


def test_an_override_that_takes_a_date_away_is_sound(files: CourseFiles) -> None:
    with_policy(files, "opens_at: 2026-09-01T00:00Z")
    rules = {"opens_at": None, "closes_at": "2026-01-01T00:00Z", "attempts": "unlimited"}
    assert override_faults(load_course(files.folder), graded(files, "quiz-2"), rules) == []
