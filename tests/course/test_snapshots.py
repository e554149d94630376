import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.catalog import load_course
from course.errors import UnreadableSnapshot
from course.items import (
    Choice,
    Counts,
    Feedback,
    ItemKind,
    Late,
    MultipleChoice,
    Policy,
    Quiz,
    Release,
    Shuffle,
    SingleChoice,
    TrueFalse,
    UnlockWhen,
    WrittenAnswer,
)
from course.snapshots import READING, SNAPSHOT_FORMAT, content_hash, item_from_snapshot, policy_of_snapshot, snapshot
from tests.course.course_files import CourseFiles

ids = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=64)
choices = st.builds(Choice, id=ids, text_html=st.text(), is_key=st.booleans(), feedback_html=st.text())
questions = st.one_of(
    st.builds(
        made,
        id=ids,
        type=st.just(name),
        stem_html=st.text(),
        explanation_html=st.none() | st.text(),
        choices=st.lists(choices, min_size=2, max_size=8).map(tuple),
    )
    for name, made in (("single", SingleChoice), ("multiple", MultipleChoice), ("true-false", TrueFalse))
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds are asked for
policies = st.builds(
    Policy,
    points=st.floats(min_value=0.5, max_value=1000, allow_nan=False),
    attempts=st.none() | st.integers(1, 1000),
    counts=st.sampled_from(Counts),
    pass_percent=st.none() | st.integers(0, 100),
    shuffle=st.sampled_from(Shuffle),
    feedback=st.sampled_from(Feedback),
    time_limit_minutes=st.none() | st.integers(1, 1000),
    opens_at=st.none() | moments,
    due_at=st.none() | moments,
    closes_at=st.none() | moments,
    late=st.sampled_from(Late),
    late_percent_per_day=st.integers(0, 100),
    late_percent_at_most=st.integers(0, 100),
    unlock_after=st.lists(ids, max_size=3).map(tuple),
    unlock_when=st.sampled_from(UnlockWhen),
    release=st.sampled_from(Release),
    release_at=st.none() | moments,
    written_answer=st.sampled_from(WrittenAnswer),
)
quizzes = st.builds(
    Quiz,
    id=ids,
    kind=st.sampled_from([ItemKind.QUIZ, ItemKind.TEST]),
    label=st.text(),
    title=st.text(),
    subtitle=st.text(),
    policy=policies,
    questions=st.lists(questions, max_size=4).map(tuple),
    intro_html=st.none() | st.text(),
)


@given(quizzes)
def test_a_quiz_comes_back_the_same_when_its_snapshot_went_through_json(quiz: Quiz) -> None:
    kept = json.loads(json.dumps(snapshot(quiz)))
    again = item_from_snapshot(kept)
    assert again == quiz
    assert content_hash(again) == content_hash(quiz)
    assert (type(again.kind), type(again.policy.counts), type(again.questions)) == (ItemKind, Counts, tuple)
    assert type(again.policy.shuffle) is Shuffle


def test_an_older_snapshot_is_read_when_it_knows_fewer_rules(files: CourseFiles) -> None:
    kept = snapshot(quiz_of(files))
    kept["policy"] = {"points": 1.0, "attempts": None, "counts": "best", "pass_percent": None}
    assert item_from_snapshot(kept) == quiz_of(files)
    assert policy_of_snapshot(kept) == quiz_of(files).policy


def test_a_page_has_the_rules_of_reading_when_its_snapshot_is_asked(files: CourseFiles) -> None:
    assert policy_of_snapshot(snapshot(load_course(files.folder).item("lesson-1"))) == READING


def quiz_of(files: CourseFiles) -> Quiz:
    quiz = load_course(files.folder).item("quiz-1")
    assert isinstance(quiz, Quiz)
    return quiz


def test_the_snapshot_names_its_format_when_made(files: CourseFiles) -> None:
    assert snapshot(quiz_of(files))["format"] == SNAPSHOT_FORMAT == 1


def test_the_hash_changes_when_any_text_or_rule_changes(files: CourseFiles) -> None:
    quiz = quiz_of(files)
    others = [
        replace(quiz, title="Other"),
        replace(quiz, policy=replace(quiz.policy, points=2.0)),
        replace(quiz, questions=(replace(quiz.questions[0], stem_html="Other"),)),
    ]
    assert len({content_hash(item) for item in (quiz, *others)}) == 4


def test_the_hash_stays_when_the_course_is_read_again(files: CourseFiles) -> None:
    assert [content_hash(item) for item in load_course(files.folder).items] == [
        content_hash(item) for item in load_course(files.folder).items
    ]


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 2},
        {"format": None},
        {"kind": "lesson"},
        {"policy": None},
        {"policy": {"points": "many", "counts": "best"}},
        {"policy": {"points": 1, "counts": "best", "shuffle": "sometimes"}},
        {"policy": {"points": 1, "due_at": "2026-09-30T23:59"}},
        {"policy": {"points": 1, "of_a_later_version": True}},
        {"questions": [{"type": "essay"}]},
        {"questions": [{"type": "single"}]},
        {"questions": 5},
    ],
)
def test_the_snapshot_is_refused_when_it_is_of_another_format_or_damaged(
    files: CourseFiles, damage: dict[str, object]
) -> None:
    with pytest.raises(UnreadableSnapshot):
        item_from_snapshot({**snapshot(quiz_of(files)), **damage})


def test_the_snapshot_is_refused_when_a_field_is_missing(files: CourseFiles) -> None:
    whole = snapshot(quiz_of(files))
    for name in whole:
        with pytest.raises(UnreadableSnapshot):
            item_from_snapshot({key: value for key, value in whole.items() if key != name})
