"""The course's key terms in one list."""

from dataclasses import replace

from course.glossary import glossary
from course.items import Course, ItemKind, Lesson, Module, Section, Term
from tests.support.factory import BUILT_IN


def _course(*pages: Lesson) -> Course:
    return Course(id="c", title="C", language="en", modules=(Module(id="m", title="M", items=pages),))


def _lesson(page_id: str, *names: str) -> Lesson:
    terms = tuple(Term(id=name.casefold(), name=name, definition_html="") for name in names)
    section = Section(id="one", number=1, title="One", html="", term_ids=tuple(term.id for term in terms))
    return Lesson(
        id=page_id,
        kind=ItemKind.LESSON,
        label="L",
        title="T",
        story_html="",
        sections=(section,),
        terms=terms,
        minutes=1,
    )


def test_the_built_in_course_explains_each_term_once_and_leads_to_its_section() -> None:
    entries = glossary(BUILT_IN)
    assert len({entry.term.name for entry in entries}) == len(entries) == 12
    for entry in entries:
        place = entry.section.html if entry.section else entry.page.story_html
        assert f'data-term="{entry.term.id}"' in place


def test_terms_stand_by_the_alphabet_whatever_their_case_and_marks() -> None:
    entries = glossary(_course(_lesson("l1", "zebra", "Écho", "Echelon"), _lesson("l2", "apple", "École")))
    assert [entry.term.name for entry in entries] == ["apple", "Echelon", "Écho", "École", "zebra"]


def test_a_term_of_two_pages_stands_there_twice_in_the_order_of_the_course() -> None:
    entries = glossary(_course(_lesson("l1", "Layer"), _lesson("l2", "Layer")))
    assert [(entry.term.name, entry.page.id) for entry in entries] == [("Layer", "l1"), ("Layer", "l2")]


def test_a_term_of_the_story_leads_to_the_page() -> None:
    lesson = _lesson("l1", "Layer")
    assert glossary(_course(replace(lesson, sections=())))[0].section is None
