"""Splits a Markdown file into its YAML front matter and its body, and reads the first."""

from dataclasses import dataclass, field
from typing import Any

from course.loading.reading import Reading, Values
from course.loading.schemas import is_sound, misfits
from course.loading.yaml_values import YamlDocument, parse_yaml

_EDGE = "---"
_BEGIN = "Begin the file with a line ---, then title: and the title, then a line --- again."


@dataclass(slots=True)
class FrontMatter:
    """`fields` and `terms` hold the values that fit the schema; the others have been reported. `term_ids` are all the
    terms the author meant to define, faulty ones too, and None when that cannot be told."""

    values: Values
    fields: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, dict[str, Any]] = field(default_factory=dict)
    term_ids: frozenset[str] | None = None


def read_front_matter(file: str, text: str, reading: Reading) -> tuple[FrontMatter, str, int]:
    """The front matter, the body, and the line of the file at which the body begins."""
    lines = text.split("\n")
    edges = [number for number, line in enumerate(lines) if line.rstrip() == _EDGE][:2]
    nothing = FrontMatter(Values(reading, file, YamlDocument()))
    if not edges or edges[0] != 0:
        message = "The front matter is missing: the lines between two --- at the top of the file."
        reading.report(file, 1, message, _BEGIN)
        return nothing, text, 1
    if len(edges) < 2:
        reading.report(file, 1, "The front matter is never closed.", "Put a line --- below its last key.")
        return nothing, "", 1
    document = parse_yaml("\n".join(lines[1 : edges[1]]), first_line=2)
    return _checked(file, document, reading), "\n".join(lines[edges[1] + 1 :]), edges[1] + 2


def _checked(file: str, document: YamlDocument, reading: Reading) -> FrontMatter:
    front = FrontMatter(Values(reading, file, document))
    reading.report_faults(file, document.faults)
    if document.value is None and document.faults:
        return front
    found = misfits(document, "lesson")
    reading.report_faults(file, [misfit.fault for misfit in found])
    if not isinstance(document.value, dict):
        return front
    front.fields = {key: value for key, value in document.value.items() if key != "terms" and is_sound(found, key)}
    terms = document.value.get("terms", {})
    if isinstance(terms, dict):
        front.term_ids = frozenset(terms)
        front.terms = {key: value for key, value in terms.items() if is_sound(found, "terms", key)}
    return front
