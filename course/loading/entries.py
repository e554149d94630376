"""The items as course.yaml lists them, and the links from text to text: all that concerns more than one file."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from course.items import ItemKind, Page
from course.loading.kinds import KINDS
from course.loading.reading import CourseLink, ItemEntry, Reading, Values
from course.loading.schemas import Misfit, is_sound
from course.loading.yaml_values import ValuePath

_NEEDED = ("id", "kind", "file")  # with these an item's file can be read, whatever else is wrong in its entry


def read_entries(values: Values, found: list[Misfit]) -> list[ItemEntry]:
    """The entries whose files can be read, in order. Ids that repeat and files named twice are reported."""
    modules = list(_listed(values.document.value, (), "modules"))
    items = [pair for path, module in modules for pair in _listed(module, path, "items")]
    values.report_repeated_ids(modules)
    values.report_repeated_ids(items)
    entries = [
        _entry(values, path, raw, found)
        for path, raw in items
        if isinstance(raw, dict) and all(is_sound(found, *path, key) for key in _NEEDED)
    ]
    _report_shared_files(values, entries)
    return entries


def _listed(holder: Any, path: ValuePath, key: str) -> Iterator[tuple[ValuePath, Any]]:
    entries = holder.get(key) if isinstance(holder, dict) else None
    for position, entry in enumerate(entries if isinstance(entries, list) else []):
        yield (*path, key, position), entry


def _entry(values: Values, path: ValuePath, raw: dict[str, Any], found: list[Misfit]) -> ItemEntry:
    policy = raw.get("policy") if is_sound(found, *path, "policy") else None
    if "policy" in raw and not KINDS[raw["kind"]].is_graded:
        hint = f"Take it away; only {_listing(kind for kind, about in KINDS.items() if about.is_graded)} has one."
        values.report((*path, "policy"), f"The kind {raw['kind']} is not graded and has no policy.", hint)
    rubric = raw.get("rubric") if is_sound(found, *path, "rubric") else None
    if "rubric" in raw and raw["kind"] != ItemKind.LAB:
        message = f"The kind {raw['kind']} has no rubric."
        values.report((*path, "rubric"), message, "Take it away; only a lab has one.")
    return ItemEntry(
        id=raw["id"],
        kind=raw["kind"],
        label=values.plain(raw, *path, "label"),
        file=raw["file"],
        line=values.document.line(*path, "file"),
        path=path,
        policy=policy,
        rubric=rubric,
        rubric_line=values.document.line(*path, "rubric"),
    )


def _listing(names: Iterator[str]) -> str:
    *others, last = (f"a {name}" for name in names)
    return f"{', '.join(others)} or {last}"


def _report_shared_files(values: Values, entries: list[ItemEntry]) -> None:
    owners: dict[str, ItemEntry] = {}
    for entry in entries:
        for file, line in entry.files:
            if file in owners:
                message = f"The file {file} already belongs to the item `{owners[file].id}`."
                values.reading.report(values.file, line, message, "Give each item a file of its own.")
            owners.setdefault(file, entry)


def check_links(reading: Reading, entries: list[ItemEntry]) -> None:
    """Reports links to items or sections the course does not have. A target that could not be read at all is
    reported for its own fault, so its sections are not asked for."""
    item_ids = [entry.id for entry in entries]
    for link in reading.links:
        if link.item_id not in item_ids:
            hint = _did_you_mean(link.item_id, item_ids, "items")
            reading.report(link.file, link.line, f"The course has no item `{link.item_id}`.", hint)
        elif link.section_id is not None and link.item_id in reading.items:
            _check_section(reading, link, link.section_id)


def _check_section(reading: Reading, link: CourseLink, section_id: str) -> None:
    target = reading.items[link.item_id]
    section_ids = [section.id for section in target.sections if section.id] if isinstance(target, Page) else []
    if section_id not in section_ids:
        message = f"The item `{link.item_id}` has no section `{section_id}`."
        reading.report(link.file, link.line, message, _did_you_mean(section_id, section_ids, "sections"))


def _did_you_mean(wanted: str, known: list[str], what: str) -> str:
    if close := get_close_matches(wanted, known, n=1):
        return f"Did you mean `{close[0]}`?"
    return f"Its {what} are: {', '.join(known)}." if known else f"It has no {what}; link to the item alone."
