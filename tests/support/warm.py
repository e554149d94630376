"""What every application of a test process would do over again is done once: templates compiled, our course read."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

import course.catalog
from config.settings import BUILT_IN_COURSE
from course.loading.courses import CourseReading


class CompiledTemplates(BytecodeCache):
    """Compiled templates in memory. Jinja compares a template's source with the one that was compiled."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@cache
def _our_course() -> CourseReading:
    return CourseReading(Path(BUILT_IN_COURSE))


def _reading(folder: Path) -> CourseReading:
    return _our_course() if folder == Path(BUILT_IN_COURSE) else CourseReading(folder)


@contextmanager
def warm() -> Iterator[None]:
    """Inside, applications share compiled templates and the built-in course, which nothing changes while tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()})
        patch.setattr(course.catalog, "CourseReading", _reading)
        yield
