"""A small sound course in a folder, to be spoilt in one place by each test."""

from dataclasses import dataclass
from pathlib import Path

from course.check import check_course
from course.errors import Problem

COURSE = """\
id: small
title: "A Small Course: First Steps"
language: en
modules:
  - id: module-1
    title: Beginnings
    items:
      - {id: introduction, kind: introduction, file: module-1/introduction.md, label: Intro}
      - {id: lesson-1, kind: lesson, file: module-1/lesson-1.md, label: L1}
      - id: quiz-1
        kind: quiz
        file: module-1/quiz-1.yaml
        label: Quiz
"""

INTRODUCTION = """\
---
title: Why This Exists
subtitle: A short word before the start.
---
Welcome to the course.
"""

LESSON = """\
---
title: It's Not Magic
subtitle: What happens underneath.
opening_question: How would you know?
terms:
  weight:
    name: Weight
    definition: A number that *training* changes.
---
Ada asked a question.

## What It Is {#what-it-is}

A network has [weights](term:weight) and "more".

> [!takeaway] Practical takeaway
> Ask about the data.

## What It Is Not {#what-it-is-not}

It is not magic.
"""

QUIZ = """\
title: What You Read
questions:
  - id: deep
    type: single
    stem: What does "deep" mean?
    choices:
      - id: layers
        text: Many layers
        key: true
        feedback: Yes, layers.
      - id: data
        text: Much data
        feedback: No, layers.
    explanation: It counts layers.
"""

MULTIPLE = """\
  - id: learned
    type: multiple
    stem: What does training change?
    choices:
      - id: weights
        text: The weights
        key: true
        feedback: Yes, weights.
      - id: layers
        text: The layers
        feedback: No, fixed.
      - id: biases
        text: The biases
        key: true
        feedback: Yes, biases.
      - id: data
        text: The data
        feedback: No, given.
    explanation: Only numbers inside are learned.
"""

TRUE_FALSE = """\
  - id: deeper
    type: true-false
    stem: Deeper is *always* better.
    answer: false
    feedback:
      true: No, it may overfit.
      false: Right, [it may overfit](item:lesson-1#what-it-is).
"""

MIXED_QUIZ = QUIZ + MULTIPLE + TRUE_FALSE  # a question of each type

FILES = {
    "course.yaml": COURSE,
    "module-1/introduction.md": INTRODUCTION,
    "module-1/lesson-1.md": LESSON,
    "module-1/quiz-1.yaml": QUIZ,
}


@dataclass(frozen=True)
class CourseFiles:
    """A course folder on disk. Names are paths below it."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def add_to_lesson(self, markdown: str) -> int:
        """Adds to the last section; the line number of the first added line."""
        text = (self.folder / "module-1/lesson-1.md").read_text(encoding="utf-8")
        self.write("module-1/lesson-1.md", f"{text}\n{markdown}\n")
        return text.count("\n") + 2

    def problems(self) -> list[tuple[str, int, str]]:
        """Each problem as (file, line, message)."""
        return [(self.name_of(problem), problem.line, problem.message) for problem in self.details()]

    def places(self) -> list[tuple[str, int]]:
        return [(file, line) for file, line, _ in self.problems()]

    def details(self) -> tuple[Problem, ...]:
        return check_course(self.folder).details

    def only_problem(self) -> Problem:
        (problem,) = self.details()
        return problem

    def name_of(self, problem: Problem) -> str:
        return Path(problem.file).relative_to(self.folder).as_posix()


def write_course(folder: Path, course_id: str = "small") -> CourseFiles:
    files = CourseFiles(folder)
    for name, text in FILES.items():
        files.write(name, text.replace("id: small", f"id: {course_id}"))
    return files
