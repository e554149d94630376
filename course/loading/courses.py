"""Reads a whole course folder: course.yaml, then every item it names, then the links between them."""

from pathlib import Path
from typing import Any

from course.errors import ContentError, Problem
from course.items import Course, Item, Module
from course.loading.entries import check_links, read_entries
from course.loading.folder import COURSE_FILE, CourseFolder, Stamp
from course.loading.kinds import KINDS
from course.loading.policies import check_policies
from course.loading.reading import ItemEntry, Reading, Values
from course.loading.schemas import misfits
from course.loading.yaml_values import parse_yaml


class CourseReading:
    """One reading of a course folder: what there was, what is wrong with it, and which files it came from."""

    def __init__(self, folder: Path) -> None:
        self._reading = Reading(CourseFolder(folder))
        self._found = self._read()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """By file and line, each once."""
        return tuple(sorted(set(self._reading.problems)))

    @property
    def items(self) -> tuple[Item, ...]:
        """All items that could be read, whether or not the course as a whole is sound."""
        return tuple(self._reading.items.values())

    @property
    def stamps(self) -> dict[Path, Stamp]:
        """Time and size of each file looked at; None for a file that was missing."""
        return self._reading.folder.stamps

    @property
    def course(self) -> Course:
        """Raises ContentError."""
        if self._reading.problems or self._found is None:
            raise ContentError(self.problems)
        return self._found

    def _read(self) -> Course | None:
        text = self._reading.text_of(COURSE_FILE, 1)
        if text is None:
            return None
        document = parse_yaml(text)
        self._reading.report_faults(COURSE_FILE, document.faults)
        if document.value is None and document.faults:
            return None
        found = misfits(document, "course")
        self._reading.report_faults(COURSE_FILE, [misfit.fault for misfit in found])
        values = Values(self._reading, COURSE_FILE, document)
        entries = read_entries(values, found)
        for entry in entries:
            self._read_item(entry)
        check_links(self._reading, entries)
        check_policies(values, entries, self._reading)
        return None if found or document.faults else self._course(document.value, values)

    def _read_item(self, entry: ItemEntry) -> None:
        text = self._reading.text_of(entry.file, entry.line)
        item = KINDS[entry.kind].load(entry, text, self._reading) if text is not None else None
        if item is not None:
            self._reading.items[entry.id] = item

    def _course(self, raw: dict[str, Any], values: Values) -> Course:
        modules = tuple(
            Module(
                id=module["id"],
                title=values.plain(module, "modules", position, "title"),
                items=tuple(i for e in module["items"] if (i := self._reading.items.get(e["id"])) is not None),
            )
            for position, module in enumerate(raw["modules"])
        )
        return Course(
            id=raw["id"],
            title=values.plain(raw, "title"),
            language=raw.get("language", "en"),
            modules=modules,
            assets=frozenset(self._reading.assets),
        )
