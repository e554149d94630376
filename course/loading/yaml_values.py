"""YAML to plain values, with the line of every key.

Only what an author needs: mappings, lists, texts, numbers, true, false and null. Anchors, aliases and tags are
refused, so no file can build objects or grow when it is read. Words such as `no`, `on` and `12:30` stay texts, as in
YAML 1.2, because they turn up as choices of a quiz.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from course.loading.folder import Fault, unprintable

ValuePath = tuple[str | int, ...]

# libyaml, which PyYAML brings on all common machines, reads ten times as fast. Faults are told in the words of PyYAML's
# own parser, and what it refuses and libyaml takes (tabs, marks of byte order) is read by it alone.
_FAST_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_READ_APART = re.compile("[\t\ufeff]")
_MAX_DEPTH = 20  # the deepest file of a course needs 6
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_QUOTES_HINT = (
    'If a text holds ": " or " #", or begins with a quote mark or one of * & ! % @ ` [ ] { } > |, '
    "put the whole text in quotes, or write it on the next line, indented, after >-"
)
_SYNTAX = (
    ("mapping values are not allowed", "There is a colon where YAML expects none."),
    (
        "cannot start any token",
        "A text begins with a character that YAML keeps for itself, or a tab is used to indent.",
    ),
    ("unexpected end of stream", "A quoted text or a bracket is opened and never closed."),
    ("could not find expected ':'", "A key without a colon, or a line that does not belong to the text before it."),
    ("block end", "This line does not fit the one before it: the indentation is off, or a quoted text goes on."),
    ("alias", "A text begins with *, which YAML reads as a reference."),
    ("anchor", "A text begins with &, which YAML reads as a mark."),
)


@dataclass(slots=True)
class YamlDocument:
    """What a YAML text says. `value` is None when it could not be read; then `faults` say why."""

    value: Any = None
    faults: list[Fault] = field(default_factory=list)
    lines: dict[ValuePath, int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int:
        """Where the value at `path` begins: the line of its key, or of its nearest ancestor that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Unreadable(Exception):
    def __init__(self, line: int, message: str, hint: str) -> None:
        self.fault = Fault(line, message, hint)
        super().__init__(message)


def parse_yaml(text: str, first_line: int = 1) -> YamlDocument:
    """Reads the text; `first_line` is the number of its first line in the file. Raises nothing."""
    if not _READ_APART.search(text):
        document = _read(text, first_line, _FAST_PARSER)
        if not document.faults:
            return document
    return _read(text, first_line, yaml.SafeLoader)


def _read(text: str, first_line: int, parser: Any) -> YamlDocument:
    document = YamlDocument(lines={(): first_line})
    try:
        document.value = _Builder(text, first_line, document, parser).build()
    except _Unreadable as error:
        document.faults.append(error.fault)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        said = f"{error.context} {error.problem}"
        message = next((words for part, words in _SYNTAX if part in said), "This is not YAML.")
        document.faults.append(Fault(line, message, f"{_QUOTES_HINT}."))
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML lets these through for a version line or an escape such as "\UFFFFFFFF", and has no mark for them
        hint = "Look for a backslash in double quotes, or a line that begins with %, and put the text in single quotes."
        document.faults.append(Fault(first_line, "This is not YAML.", hint))
    return document


class _Builder:
    """Builds values from PyYAML's events, which come before anything is expanded or constructed."""

    def __init__(self, text: str, first_line: int, document: YamlDocument, parser: Any) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=parser))
        self._first_line = first_line
        self._document = document

    def build(self) -> Any:
        next(self._events)  # the stream's start
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), ())
        next(self._events)  # the document's end
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _Unreadable(self._line(event), "A second document begins here.", "Take the line --- away.")
        return value

    def _line(self, event: Any) -> int:
        return self._first_line + int(event.start_mark.line)

    def _value(self, event: Any, path: ValuePath) -> Any:
        line = self._line(event)
        self._document.lines.setdefault(path, line)
        if len(path) > _MAX_DEPTH:
            raise _Unreadable(line, "The lists and keys are nested too deeply.", "Look for stray brackets or spaces.")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            message = "A text begins with *, & or !, which YAML reads as a reference, a mark or a tag."
            raise _Unreadable(line, message, "Put the text in quotes; references, marks and tags are not used here.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event)

    def _mapping(self, path: ValuePath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = self._line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable(line, "A list or a mapping stands where a key is expected.", f"{_QUOTES_HINT}.")
            key = event.value
            if key in values:
                first = self._document.line(*path, key)
                message = f"`{key}` is given twice; the first time in line {first}."
                self._document.faults.append(Fault(line, message, "Keep one of the two."))
                self._value(next(self._events), (*path, key))  # read past, and not kept
                continue
            self._document.lines[(*path, key)] = line
            values[key] = self._value(next(self._events), (*path, key))
        return values

    def _sequence(self, path: ValuePath) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if match := unprintable(text):
            message = f"An escape stands for a character that cannot be shown (U+{ord(match.group()):04X})."
            raise _Unreadable(self._line(event), message, "Write the text in single quotes, where \\ is only itself.")
        if not event.implicit[0]:
            return text
        if text.lower() in _WORDS and text in (text.lower(), text.title(), text.upper()):
            return _WORDS[text.lower()]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text
