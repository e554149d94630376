"""Reads introductions and lessons: YAML front matter, then Markdown."""

import re
import unicodedata
from typing import Any

from course.items import Introduction, Item, ItemKind, Lesson, Section, Term, reading_minutes
from course.loading.front_matter import FrontMatter, read_front_matter
from course.loading.reading import ItemEntry, Reading
from course.markup import ID, Fragment, Heading, PageMarkup, Reference, page, text_of

_RESERVED = ("term-", "callout-")  # the page itself gives such ids to terms and callouts


def load_introduction(entry: ItemEntry, text: str, reading: Reading) -> Item:
    front, body, line = read_front_matter(entry.file, text, reading)
    if "opening_question" in front.fields:
        hint = "Take it away, or give the item the kind lesson."
        front.values.report(("opening_question",), "Only a lesson has an opening question.", hint)
    return Introduction(kind=ItemKind.INTRODUCTION, **_page_fields(entry, front, body, line))


def load_lesson(entry: ItemEntry, text: str, reading: Reading) -> Item:
    front, body, line = read_front_matter(entry.file, text, reading)
    question = front.values.plain(front.fields, "opening_question") or None
    return Lesson(kind=ItemKind.LESSON, opening_question=question, **_page_fields(entry, front, body, line))


def _page_fields(entry: ItemEntry, front: FrontMatter, body: str, first_line: int) -> dict[str, Any]:
    """What introductions and lessons have in common, by the names of `course.items.Page`."""
    reading = front.values.reading
    folder, _, _ = entry.file.rpartition("/")
    markup = page(body, folder)
    fragments = [markup.story, *(fragment for _, fragment in markup.sections)]
    for fragment in fragments:
        reading.report_findings(entry.file, fragment.findings, first_line)
        reading.follow(entry.file, fragment.references, first_line)
    if body.strip() == "" and front.fields:
        reading.report(entry.file, first_line, "The page has no text.", "Write it below the front matter.")
    _check_headings(entry.file, markup, first_line, reading)
    uses = [reference for fragment in fragments for reference in fragment.references if reference.kind == "term"]
    return {
        "id": entry.id,
        "label": entry.label,
        "title": front.values.plain(front.fields, "title"),
        "subtitle": front.values.plain(front.fields, "subtitle"),
        "story_html": markup.story.html,
        "story_term_ids": markup.story.term_ids,
        "sections": _sections(markup),
        "terms": _terms(entry.file, front, uses, first_line),
        "callouts": tuple(kind for fragment in fragments for kind in fragment.callouts),
        "minutes": reading_minutes(text_of(fragment.html) for fragment in fragments),
    }


def _sections(markup: PageMarkup) -> tuple[Section, ...]:
    seen = set(markup.story.term_ids)
    sections = []
    for number, (heading, fragment) in enumerate(markup.sections, start=1):
        new = tuple(term_id for term_id in fragment.term_ids if term_id not in seen)
        seen.update(new)
        section_id = heading.id or ""
        sections.append(Section(id=section_id, number=number, title=heading.text, html=fragment.html, term_ids=new))
    return tuple(sections)


def _check_headings(file: str, markup: PageMarkup, first_line: int, reading: Reading) -> None:
    lines: dict[str, int] = {}
    for heading, fragment in markup.sections:
        line = first_line + heading.line
        if fault := _heading_fault(heading, fragment, lines):
            reading.report(file, line, *fault)
        elif heading.id is not None:
            lines[heading.id] = line


def _heading_fault(heading: Heading, fragment: Fragment, lines: dict[str, int]) -> tuple[str, str] | None:
    """Message and hint; `lines` are the lines of the ids so far."""
    if not heading.text:
        return "A section has no heading.", "Write it after ##."
    if message := _id_fault(heading, lines):
        return message, f"Write: ## {heading.text} {{#{_suggested_id(heading.text, lines)}}}"
    if not fragment.html:
        return f'The section "{heading.text}" has no text.', "Write its text below the heading, or take it away."
    return None


def _id_fault(heading: Heading, lines: dict[str, int]) -> str | None:
    if heading.id is None:
        return f'The section "{heading.text}" has no id.'
    if not ID.fullmatch(heading.id):
        return f"`{heading.id}` is not an id: 1 to 64 lower-case letters, digits and hyphens are."
    if heading.id.startswith(_RESERVED):
        return f"A section's id must not begin with {' or '.join(_RESERVED)}."
    if heading.id in lines:
        return f"The section id `{heading.id}` is used twice; the first time in line {lines[heading.id]}."
    return None


def _suggested_id(heading: str, taken: dict[str, int]) -> str:
    ascii_text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", ascii_text.replace("'", "")).strip("-")[:48].strip("-")
    if not base or base.startswith(_RESERVED):
        base = f"section-{base}".strip("-")
    number, suggestion = 1, base
    while suggestion in taken:
        number += 1
        suggestion = f"{base}-{number}"
    return suggestion


def _terms(file: str, front: FrontMatter, uses: list[Reference], first_line: int) -> tuple[Term, ...]:
    """The page's terms in the order of first use; uses without a term and terms without a use are reported."""
    reading = front.values.reading
    if front.term_ids is not None:
        for use in uses:
            if use.target not in front.term_ids:
                hint = f"Define it under `terms` in the front matter as `{use.target}:` with name and definition."
                reading.report(file, first_line + use.line, f"The term `{use.target}` is not defined.", hint)
    used = list(dict.fromkeys(use.target for use in uses))
    for term_id in front.terms:
        if term_id not in used:
            message = f"The term `{term_id}` is never used."
            hint = f"Mark its first use in the text as [words](term:{term_id}), or take the term away."
            front.values.report(("terms", term_id), message, hint)
    unused = [term_id for term_id in front.terms if term_id not in used]
    return tuple(_term(term_id, front) for term_id in [*used, *unused] if term_id in front.terms)


def _term(term_id: str, front: FrontMatter) -> Term:
    values, term = front.values, front.terms[term_id]
    return Term(
        id=term_id,
        name=values.plain(term, "terms", term_id, "name"),
        definition_html=values.inline(term, "terms", term_id, "definition"),
    )
