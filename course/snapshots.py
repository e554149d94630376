"""Items as plain JSON values: what an attempt keeps, so that editing the course never rewrites history."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from course.errors import UnreadableSnapshot
from course.hashes import hash_of
from course.items import Feedback, FollowUp, Graded, Item, ItemKind, Lab, Partner, Policy, Quiz
from course.policy_values import policy_from_values
from course.questions.registry import QUESTION_TYPES
from course.rubric import Criterion, Level, Rubric

SNAPSHOT_FORMAT = 1  # raise it when a field changes its meaning, and keep reading the older ones
READING = Policy(points=1.0, attempts=1, feedback=Feedback.AFTER_SUBMIT)


def snapshot(item: Item) -> dict[str, Any]:
    """The item as JSON values (text, numbers, lists, mappings), with the number of their `format`."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(item), default=_text_of))  # tuples to lists, enums to texts
    return {"format": SNAPSHOT_FORMAT, **values}


def _text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"a snapshot cannot hold a {type(value).__name__}")


def content_hash(item: Item) -> str:
    """SHA-256, in hexadecimal, of the item's snapshot. Equal items have equal hashes, across processes and versions
    of Python; anything a learner would see or that counts for the points changes it."""
    return hash_of(snapshot(item))


def item_from_snapshot(data: dict[str, Any]) -> Graded:
    """The quiz, test or lab that `snapshot` was given; pages have no attempts and are not read back.
    Raises UnreadableSnapshot for another format or kind and for damaged values."""
    if data.get("format") != SNAPSHOT_FORMAT:
        raise UnreadableSnapshot(f"format {data.get('format')!r}; this version reads {SNAPSHOT_FORMAT}")
    if data.get("kind") not in (ItemKind.QUIZ, ItemKind.TEST, ItemKind.LAB):
        raise UnreadableSnapshot(f"kind {data.get('kind')!r} has no attempts")
    try:
        return _lab(data) if data["kind"] == ItemKind.LAB else _quiz(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableSnapshot(f"damaged: {type(error).__name__}: {error}") from error


def _quiz(data: dict[str, Any]) -> Quiz:
    return Quiz(
        id=data["id"],
        kind=ItemKind(data["kind"]),
        label=data["label"],
        title=data["title"],
        subtitle=data["subtitle"],
        intro_html=data["intro_html"],
        policy=policy_from_values(data["policy"]),
        questions=tuple(QUESTION_TYPES[question["type"]].from_snapshot(question) for question in data["questions"]),
    )


def _lab(data: dict[str, Any]) -> Lab:
    return Lab(
        id=data["id"],
        kind=ItemKind.LAB,
        label=data["label"],
        title=data["title"],
        subtitle=data["subtitle"],
        policy=policy_from_values(data["policy"]),
        role_line=data["role_line"],
        scenario_html=data["scenario_html"],
        task_html=data["task_html"],
        partner=Partner(**data["partner"]),
        opening_move=data["opening_move"],
        max_turns=int(data["max_turns"]),
        minutes=int(data["minutes"]),
        follow_ups=tuple(FollowUp(**follow_up) for follow_up in data["follow_ups"]),
        strong_answer=data["strong_answer"],
        rubric=_rubric(data["rubric"]),
    )


def _rubric(data: dict[str, Any]) -> Rubric:
    return Rubric(
        lab_id=data["lab_id"],
        general_rulings=tuple(data["general_rulings"]),
        criteria=tuple(_criterion(criterion) for criterion in data["criteria"]),
    )


def _criterion(data: dict[str, Any]) -> Criterion:
    lists = {name: tuple(data[name]) for name in ("counts", "does_not_count", "rulings")}
    levels = tuple(Level(**{**level, "exemplars": tuple(level["exemplars"])}) for level in data["levels"])
    return Criterion(**{**data, **lists, "levels": levels})


def policy_of_snapshot(data: dict[str, Any]) -> Policy:
    """The rules in a snapshot of any kind of item; a page, which has none, is worth `READING` once it is read.
    Raises UnreadableSnapshot."""
    try:
        return policy_from_values(data["policy"]) if "policy" in data else READING
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableSnapshot(f"damaged: {type(error).__name__}: {error}") from error
