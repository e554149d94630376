"""Items as plain JSON values: what an attempt keeps, so that editing the course never rewrites history."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from course.errors import UnreadableSnapshot
from course.items import Counts, Item, ItemKind, Policy, Quiz, Shuffle
from course.questions.registry import QUESTION_TYPES

SNAPSHOT_FORMAT = 1  # raise it when a field changes its meaning, and keep reading the older ones


def snapshot(item: Item) -> dict[str, Any]:
    """The item as JSON values (text, numbers, lists, mappings), with the number of their `format`."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(item)))  # tuples to lists, enums to their texts
    return {"format": SNAPSHOT_FORMAT, **values}


def content_hash(item: Item) -> str:
    """SHA-256, in hexadecimal, of the item's snapshot. Equal items have equal hashes, across processes and versions
    of Python; anything a learner would see or that counts for the points changes it."""
    canonical = json.dumps(snapshot(item), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def item_from_snapshot(data: dict[str, Any]) -> Quiz:
    """The quiz or test that `snapshot` was given; pages have no attempts and are not read back.
    Raises UnreadableSnapshot for another format or kind and for damaged values."""
    if data.get("format") != SNAPSHOT_FORMAT:
        raise UnreadableSnapshot(f"format {data.get('format')!r}; this version reads {SNAPSHOT_FORMAT}")
    if data.get("kind") not in (ItemKind.QUIZ, ItemKind.TEST):
        raise UnreadableSnapshot(f"kind {data.get('kind')!r} has no attempts")
    try:
        return _quiz(data)
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
        policy=_policy(data["policy"]),
        questions=tuple(QUESTION_TYPES[question["type"]].from_snapshot(question) for question in data["questions"]),
    )


def _policy(data: dict[str, Any]) -> Policy:
    shuffle = Shuffle(data.get("shuffle", Shuffle.NONE))  # snapshots made before there was shuffling have no such key
    return Policy(**{**data, "points": float(data["points"]), "counts": Counts(data["counts"]), "shuffle": shuffle})
