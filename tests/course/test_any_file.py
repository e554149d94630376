"""Whatever bytes a file holds, the loader gives a course or a ContentError, never another exception."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.catalog import load_course
from course.errors import ContentError, Problem
from tests.course.course_files import FILES, write_course

pieces = [
    *("---\n", ": ", "- ", "\n", "  ", "[", "]", "{", "}", "&a", "*a", "!!str ", "!", "|", ">-", "#", "?", '"', "'"),
    *("\\UFFFFFFFF", "\\x00", "\\ud800", "<<", "%YAML 1.1\n", "...", "@", ",", "1e999", "9" * 30, ".inf", "~", "true"),
    *("title", "id", "kind: quiz", "questions", "modules", "items", "file", "2024-01-01", "a", "é", "="),
    *("term:", "item:", "](", "![", "<b>", "`", "## ", "{#a}", "> [!peers]", "> ", "> [!x]", "&#xD800;", "http://["),
    *("\t", "\r", "\x00", "\u2028", "\ufeff"),
]
contents = st.binary(max_size=400) | st.lists(st.sampled_from(pieces), max_size=60).map("".join).map(str.encode)


@st.composite
def spoilt_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """One of the course's files with some of its text replaced by something else."""
    name = draw(st.sampled_from(sorted(FILES)))
    text = FILES[name].encode()
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 60)))
    return name, text[:start] + draw(contents) + text[end:]


def problems_of(folder: Path) -> tuple[Problem, ...]:
    try:
        load_course(folder)
    except ContentError as error:
        return error.problems
    return ()


def assert_course_or_content_error(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = write_course(Path(folder))
        files.write(name, content)
        problems = problems_of(files.folder)
    last_line = content.count(b"\n") + content.count(b"\r") + 1
    assert all(problem.line >= 1 for problem in problems)
    assert all(problem.line <= last_line for problem in problems if problem.file.endswith(name))


@given(st.sampled_from(sorted(FILES)), contents)
@settings(deadline=None, max_examples=60)
def test_a_course_or_a_content_error_comes_out_when_a_file_holds_any_bytes(name: str, content: bytes) -> None:
    assert_course_or_content_error(name, content)


@given(spoilt_files())
@settings(deadline=None, max_examples=60)
def test_a_course_or_a_content_error_comes_out_when_a_file_is_spoilt(spoilt: tuple[str, bytes]) -> None:
    assert_course_or_content_error(*spoilt)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1000,
        b"{a: " * 5000,
        b"- " * 5000,
        b"{a: 1, a: " * 2000,
        b"---\ntitle: a\n---\n" + b"> " * 5000,
        b"---\ntitle: a\n---\n" + b"[" * 1000 + b"a" + b"](b)" * 1000,
        b"---\ntitle: a\n---\n" + b"*a **b " * 2000,
        b"---\ntitle: a\n---\n" + b"- " * 2000,
        b"%YAML " + b"9" * 5000 + b".1\n---\n",
    ],
)
def test_the_loader_survives_when_a_file_is_nested_beyond_reason(content: bytes) -> None:
    for name in FILES:
        assert_course_or_content_error(name, content)
