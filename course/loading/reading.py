"""What one reading of a course folder has found so far, passed to every part of the loader."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from course.errors import Problem
from course.items import Item
from course.loading.folder import COURSE_FILE, CourseFolder, Fault
from course.loading.yaml_values import ValuePath, YamlDocument
from course.markdown_rules import Finding
from course.markup import Fragment, Reference, inline, plain, prose, text_of


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item as course.yaml has it, under `path` there. `line` is where it names the item's file, `rubric_line` where
    it names its rubric; an item that is no lab has no rubric."""

    id: str
    kind: str
    label: str
    file: str
    line: int
    path: ValuePath = ()
    policy: dict[str, Any] | None = None
    rubric: str | None = None
    rubric_line: int = 0

    @property
    def files(self) -> tuple[tuple[str, int], ...]:
        """All files of the item, each with the line that names it."""
        rubric = () if self.rubric is None else ((self.rubric, self.rubric_line),)
        return ((self.file, self.line), *rubric)


@dataclass(frozen=True, slots=True)
class CourseLink:
    """A link from a text to an item of the course, to be checked when every item has been read."""

    file: str
    line: int
    item_id: str
    section_id: str | None


@dataclass(slots=True)
class Reading:
    folder: CourseFolder
    problems: list[Problem] = field(default_factory=list)
    links: list[CourseLink] = field(default_factory=list)
    assets: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)

    def report(self, file: str, line: int, message: str, hint: str) -> None:
        self.problems.append(Problem(self.folder.display(file), line, message, hint))

    def text_of(self, file: str, named_in_line: int) -> str | None:
        """The text of a file that course.yaml names in this line; None when there is none to be had. A file that is
        not there is a fault of that line; a text that cannot be read is a fault of the file."""
        refusal = self.folder.refusal(file)
        if refusal is not None:
            self.report(COURSE_FILE, named_in_line, refusal.message, refusal.hint)
            return None
        text = self.folder.read_text(file)
        if isinstance(text, Fault):
            self.report_faults(file, [text])
            return None
        return text

    def report_faults(self, file: str, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.report(file, fault.line, fault.message, fault.hint)

    def report_findings(self, file: str, findings: Iterable[Finding], first_line: int) -> None:
        """`first_line` is the line of the file at which the piece of Markdown begins."""
        for finding in findings:
            self.report(file, first_line + finding.line, finding.message, finding.hint)

    def follow(self, file: str, references: Iterable[Reference], first_line: int) -> None:
        """Checks that images exist and keeps links to items for later; terms are the page's own affair."""
        for reference in references:
            line = first_line + reference.line
            if reference.kind == "item":
                self.links.append(CourseLink(file, line, reference.target, reference.section))
            elif reference.kind == "image":
                self._use_image(file, line, reference.target)

    def _use_image(self, file: str, line: int, path: str) -> None:
        if not path.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp")):
            # an SVG file can carry scripts, and would be served from the tool's own address
            self.report(file, line, f"The image {path} is of no known kind.", "Use PNG, JPEG, GIF or WebP.")
        elif refusal := self.folder.refusal(path):
            self.report(file, line, refusal.message, refusal.hint)
        else:
            self.assets.add(path)


@dataclass(frozen=True, slots=True)
class Values:
    """The texts of one YAML document of a file, rendered, with their faults reported where they stand.

    A text over several lines is one value to YAML, so its faults are reported at the line of its key.
    """

    reading: Reading
    file: str
    document: YamlDocument

    def report(self, path: ValuePath, message: str, hint: str) -> None:
        self.reading.report(self.file, self.document.line(*path), message, hint)

    def plain(self, mapping: dict[str, Any], *path: str | int) -> str:
        """The plain text under the last step of `path` in `mapping`; empty when it is not there."""
        source = mapping.get(str(path[-1]))
        if not isinstance(source, str):
            return ""
        text, findings = plain(source)
        self._report_findings(findings, path)
        return text

    def inline(self, mapping: dict[str, Any], *path: str | int) -> str:
        return self._html(inline(str(mapping[str(path[-1])])), path)

    def prose(self, mapping: dict[str, Any], *path: str | int) -> str | None:
        """None when the key is not there."""
        source = mapping.get(str(path[-1]))
        if source is None:
            return None
        folder, _, _ = self.file.rpartition("/")
        return self._html(prose(str(source), folder), path)

    def report_repeated_ids(self, entries: Iterable[tuple[ValuePath, Any]]) -> None:
        """`entries` are values with their paths; those without an id that is a text are reported elsewhere."""
        lines: dict[str, int] = {}
        for path, entry in entries:
            entry_id = entry.get("id") if isinstance(entry, dict) else None
            if not isinstance(entry_id, str):
                continue
            if entry_id in lines:
                message = f"The id `{entry_id}` is used twice; the first time in line {lines[entry_id]}."
                self.report((*path, "id"), message, "Give one of the two another id.")
            lines.setdefault(entry_id, self.document.line(*path, "id"))

    def _html(self, fragment: Fragment, path: ValuePath) -> str:
        self._report_findings(fragment.findings, path)
        self.reading.follow(self.file, [_at_start(r) for r in fragment.references], self.document.line(*path))
        if not fragment.findings and not text_of(fragment.html).strip() and "<img" not in fragment.html:
            self.report(path, f"`{path[-1]}` shows no text.", "Write words; this Markdown comes out empty.")
        return fragment.html

    def _report_findings(self, findings: Iterable[Finding], path: ValuePath) -> None:
        for finding in findings:
            self.report(path, f"`{path[-1]}`: {finding.message}", finding.hint)


def _at_start(reference: Reference) -> Reference:
    return Reference(reference.kind, reference.target, 0, reference.section)
