"""Counts what a course folder holds and lists what is wrong with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from course.errors import Problem
from course.items import Page, Quiz
from course.loading.courses import CourseReading


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """Counts of what could be read, and of the problems; `details` are the problems by file and line."""

    introductions: int
    lessons: int
    sections: int
    terms: int
    callouts: int
    quizzes: int
    labs: int
    tests: int
    questions: int
    problems: int
    details: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """The ten counts, each an int, and under `details` a list of {file, line, message, hint}."""
        counts = {name.name: getattr(self, name.name) for name in fields(self) if name.name != "details"}
        return {**counts, "details": [asdict(problem) for problem in self.details]}


def check_course(folder: Path) -> CheckReport:
    """Reads the folder and raises nothing: whatever is wrong is in the report."""
    reading = CourseReading(folder)
    kinds = Counter(str(item.kind) for item in reading.items)
    pages = [item for item in reading.items if isinstance(item, Page)]
    return CheckReport(
        introductions=kinds["introduction"],
        lessons=kinds["lesson"],
        sections=sum(len(page.sections) for page in pages),
        terms=sum(len(page.terms) for page in pages),
        callouts=sum(len(page.callouts) for page in pages),
        quizzes=kinds["quiz"],
        labs=kinds["lab"],
        tests=kinds["test"],
        questions=sum(len(item.questions) for item in reading.items if isinstance(item, Quiz)),
        problems=len(reading.problems),
        details=reading.problems,
    )


def sum_of(reports: Sequence[CheckReport]) -> CheckReport:
    """Several folders' reports as one: counts added up, problems in the order of the folders."""
    counts = [name.name for name in fields(CheckReport) if name.name != "details"]
    return CheckReport(
        **{name: sum(getattr(report, name) for report in reports) for name in counts},
        details=tuple(problem for report in reports for problem in report.details),
    )
