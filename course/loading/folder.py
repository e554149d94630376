"""Reads the files of one course folder, and nothing outside it.

Every file looked at is remembered with its time and size, found or not, so that a catalog can tell when to read again.
"""

import re
import stat
from dataclasses import dataclass
from pathlib import Path

COURSE_FILE = "course.yaml"
MAX_BYTES = 1_000_000  # a long lesson has 20,000; a larger file is something else, dropped here by accident

Stamp = tuple[int, int] | None  # time in nanoseconds and size in bytes; None when there is no such file

# Characters no keyboard types and YAML or HTML forbid, and those that some programs take for a line's end and others
# do not, which would make every line number after them a matter of opinion.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in a file that is already known; `line` counts from 1."""

    line: int
    message: str
    hint: str


def unprintable(text: str) -> re.Match[str] | None:
    """The first character that may not stand in a course's text."""
    return _UNPRINTABLE.search(text)


def stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class CourseFolder:
    """`root` as it was given, for messages. It may itself be a symbolic link; what it holds may not lead out of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stamps: dict[Path, Stamp] = {}
        self._real_root = root.resolve()

    def display(self, relative: str) -> str:
        return (self.root / relative).as_posix()

    def refusal(self, relative: str) -> Fault | None:
        """Why the file cannot be used: it is missing, no plain file, outside the folder. None when it can."""
        path = self.root / relative
        self.stamps[path] = stamp(path)
        try:
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except (OSError, RuntimeError, ValueError) as error:
            if isinstance(error, PermissionError):
                return Fault(1, f"{relative} cannot be read.", "Give the tool the right to read it.")
            return Fault(
                1, f"There is no file {relative}.", "Write it, or correct the path; upper and lower case count."
            )
        if not real.is_relative_to(self._real_root):
            hint = "Put the file itself into the course folder; links and paths that leave it are not followed."
            return Fault(1, f"{relative} lies outside the course folder.", hint)
        if not stat.S_ISREG(mode):
            return Fault(1, f"{relative} is not a file.", "Name a file, not a folder.")
        return None

    def read_text(self, relative: str) -> str | Fault:
        """The text of a file that `refusal` lets pass, with `\\n` as its only line end and no byte-order mark."""
        try:
            with (self.root / relative).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError:
            return Fault(1, f"{relative} cannot be read.", "Give the tool the right to read it.")
        return _decoded(data, relative)


def _decoded(data: bytes, relative: str) -> str | Fault:
    if len(data) > MAX_BYTES:
        hint = "Split it; texts belong into several items, and images into files of their own."
        return Fault(1, f"{relative} is larger than 1 MB.", hint)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Fault(line, f"{relative} is not saved as UTF-8.", 'Save it again with the encoding "UTF-8".')
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if match := unprintable(text):
        line = text.count("\n", 0, match.start()) + 1
        message = f"There is an invisible character here (U+{ord(match.group()):04X})."
        return Fault(line, message, "Delete it; it often comes along when text is pasted. Typing the line anew helps.")
    return text
