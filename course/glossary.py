"""The key terms of a whole course in one list."""

import unicodedata
from dataclasses import dataclass

from course.items import Course, Page, Section, Term


@dataclass(frozen=True, slots=True)
class Entry:
    """A key term, the page that explains it, and the section that uses it first; None: the page's story does."""

    term: Term
    page: Page
    section: Section | None


def glossary(course: Course) -> tuple[Entry, ...]:
    """Every key term of the course by the alphabet; one that two pages explain stands there twice, in their order.

    Letters with marks stand beside those without, which suits most languages of the Latin alphabet.
    """
    entries = [Entry(term, item, _first_use(item, term)) for item in course.items if isinstance(item, Page)
               for term in item.terms]  # fmt: skip
    return tuple(sorted(entries, key=lambda entry: _alphabetical(entry.term.name)))


def _first_use(page: Page, term: Term) -> Section | None:
    return next((section for section in page.sections if term.id in section.term_ids), None)


def _alphabetical(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()
