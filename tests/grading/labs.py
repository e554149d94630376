"""The built-in labs, and conversations to hold in them."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from config.settings import BUILT_IN_COURSE
from course.catalog import load_course
from course.items import Lab
from grading.prechecks import Checked, check
from grading.prompt import canary_of
from grading.transcript import Transcript, transcript_of


@dataclass(frozen=True)
class Said:
    """A turn, as plain values."""

    number: int
    role: str
    text: str


@cache
def labs() -> dict[str, Lab]:
    """The four labs of the built-in course, by id, each with a pass mark of 60 %."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(shutil.copytree(BUILT_IN_COURSE, Path(folder) / "course")) / "course.yaml"
        course = yaml.safe_load(copied.read_text(encoding="utf-8"))
        items = [item for item in course["modules"][0]["items"] if item["kind"] != "lab"]
        items += [
            {"id": f"lab-{number}", "kind": "lab", "label": "Lab", "policy": {"pass_percent": 60}}
            | {"file": f"module-1/lab-{number}.yaml", "rubric": f"module-1/lab-{number}.rubric.yaml"}
            for number in range(1, 5)
        ]
        course["modules"][0]["items"] = items
        copied.write_text(yaml.safe_dump(course), encoding="utf-8")
        loaded = load_course(copied.parent)
    return {item.id: item for item in loaded.items if isinstance(item, Lab)}


def lab(number: int = 1) -> Lab:
    return labs()[f"lab-{number}"]


def conversation(*student: str, partner: Iterable[str] = (), number: int = 1) -> Transcript:
    """The opening move, then the student's texts, each but the last followed by a partner's."""
    follow_ups = [*partner, *(one.text for one in lab(number).follow_ups)]
    texts = [("partner", lab(number).opening_move)]
    for place, text in enumerate(student):
        texts.append(("student", text))
        if place + 1 < len(student):
            texts.append(("partner", follow_ups[place % len(follow_ups)]))
    return transcript_of(Said(place, role, text) for place, (role, text) in enumerate(texts, start=1))


def checked(transcript: Transcript, number: int = 1) -> Checked:
    rubric = lab(number).rubric
    return check(transcript, rubric, canary_of(rubric))


def exemplars(number: int) -> list[tuple[str, int, str]]:
    """All exemplars of a lab's rubric: criterion id, level, text."""
    return [
        (criterion.id, level.level, text)
        for criterion in lab(number).rubric.criteria
        for level in criterion.levels
        for text in level.exemplars
    ]
