"""Reading: nothing is marked by looking, a lesson goes on where it was left, and every word can be looked up."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.database import Database
from config.settings import Settings
from course.glossary import glossary
from course.items import Page
from course.models import SectionRead
from lti_tool.app import create_app
from tests.support.factory import BUILT_IN, QUIZ, Classroom
from tests.support.visit import Browser, seat

LESSON = next(item for item in BUILT_IN.items if isinstance(item, Page) and item.sections)
INTRODUCTION = BUILT_IN.items[0]
IDS = [section.id for section in LESSON.sections]


class Library:
    """The tool, and Ada in the whole course or at one item of it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.app = create_app(settings, database)
        self.database = database
        with database.transaction() as session:
            self.classroom = Classroom(session)
            self.ada = self.classroom.person("ada")

    def visit(self, item_id: str | None, role: str = "learner") -> Browser:
        with self.database.transaction() as session:
            placement = session.merge(self.classroom.placement)
            placement.item_id = item_id
        return seat(self.app.test_client(), self.database, placement, self.ada.learner, role)

    def marks(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(SectionRead)) or 0


@pytest.fixture
def library(settings: Settings, sqlite_database: Database) -> Library:
    return Library(settings, sqlite_database)


def _read(ada: Browser, *section_ids: str, item_id: str = LESSON.id) -> None:
    for section_id in section_ids:
        assert ada.post(f"/items/{item_id}/read", section=section_id).status_code == 303


def test_looking_at_every_page_or_fetching_it_ahead_marks_nothing(library: Library) -> None:
    ada = library.visit(None)
    for path in ("", "/module", "/glossary", *(f"/items/{item.id}" for item in BUILT_IN.items)):
        for headers in ({}, {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}):
            assert ada.get(path, headers=headers).status_code in {200, 302}
    assert ada.client.head(f"{ada.base}/items/{LESSON.id}").status_code == 200
    assert library.marks() == 0


def test_marking_twice_marks_once_and_another_device_sees_it(library: Library) -> None:
    ada = library.visit(None)
    _read(ada, IDS[0], IDS[0])
    assert library.marks() == 1
    elsewhere = library.visit(None)
    assert f"#{IDS[1]}" in elsewhere.get(f"/items/{LESSON.id}").text.partition("Go on at section 2")[0][-200:]


def test_a_section_that_the_page_has_no_more_is_refused_in_words(library: Library) -> None:
    refused = library.visit(None).post(f"/items/{LESSON.id}/read", json=True, section="no-such-section")
    assert refused.status_code == 422
    assert "Reload it" in refused.text
    assert library.marks() == 0


def test_a_lesson_offers_to_go_on_only_while_it_is_part_read(library: Library) -> None:
    ada = library.visit(None)
    assert "Go on at section" not in ada.get(f"/items/{LESSON.id}").text
    _read(ada, *IDS[:2])
    assert f"Go on at section 3: {LESSON.sections[2].title}" in ada.get(f"/items/{LESSON.id}").text
    _read(ada, *IDS[2:])
    assert "Go on at section" not in ada.get(f"/items/{LESSON.id}").text


def test_a_launch_of_the_whole_course_goes_on_where_the_learner_was(library: Library) -> None:
    ada = library.visit(None)
    assert ada.get("").location.endswith(f"/items/{INTRODUCTION.id}")
    _read(ada, IDS[0])
    assert ada.get("").location.endswith(f"/items/{LESSON.id}#{IDS[1]}")
    ada.start()  # the quiz is worked on later than the lesson
    assert ada.get("").location.endswith(f"/items/{QUIZ.id}")


def test_a_launch_of_a_lesson_lands_where_it_goes_on_and_its_link_in_the_strip_does_not(library: Library) -> None:
    ada = library.visit(LESSON.id)
    assert ada.get("").location.endswith(f"/items/{LESSON.id}")
    _read(ada, IDS[0])
    assert ada.get("").location.endswith(f"/items/{LESSON.id}#{IDS[1]}")
    assert f'href="{ada.base}/items/{LESSON.id}"' in ada.get("/items/introduction").text


def test_the_glossary_holds_every_term_and_leads_to_its_section(library: Library) -> None:
    ada = library.visit(LESSON.id)
    page = ada.get("/glossary").text
    names = re.findall(r"<dt>([^<]+)</dt>", page)
    assert names == [entry.term.name for entry in glossary(BUILT_IN)] == sorted(names, key=str.casefold)
    for entry in glossary(BUILT_IN):
        assert entry.section is not None
        href = f"{ada.base}/items/{entry.page.id}#{entry.section.id}"
        assert f'href="{href}"' in page
        assert f'id="{entry.section.id}"' in ada.client.get(href.partition("#")[0]).text


@pytest.mark.parametrize("path", ["/items/introduction", f"/items/{LESSON.id}", f"/items/{QUIZ.id}", "/module"])
def test_the_glossary_and_the_summary_are_one_link_away_from_every_page(library: Library, path: str) -> None:
    ada = library.visit(None)
    page = ada.get(path).text
    assert f'href="{ada.base}/glossary"' in page
    assert f'href="{ada.base}/module"' in page


def test_the_last_item_leads_on_to_the_summary(library: Library) -> None:
    last = library.visit(None).get(f"/items/{BUILT_IN.items[-1].id}").text
    assert re.search(r'rel="next" href="[^"]+/module"', last)


def test_a_course_without_terms_leads_to_no_glossary_and_one_opened_all_the_same_says_why_it_is_empty(
    tmp_path: Path, settings: Settings, sqlite_database: Database
) -> None:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "one.md").write_text("---\ntitle: One\n---\n\nWords.\n", encoding="utf-8")
    item = "{id: one, kind: introduction, file: one.md, label: One}"
    (folder / "course.yaml").write_text(
        f"id: {BUILT_IN.id}\ntitle: Small\nlanguage: en\nmodules: [{{id: m, title: M, items: [{item}]}}]\n",
        encoding="utf-8",
    )
    ada = Library(replace(settings, courses=(folder,)), sqlite_database).visit(None)
    assert "/glossary" not in ada.get("/items/one").text
    assert "marks no key terms" in ada.get("/glossary").text
