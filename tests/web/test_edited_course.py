"""A course that is edited while people are at work in it: links, images, and items that go away."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from config.database import Database
from config.settings import BUILT_IN_COURSE, Settings, from_environment
from lti_tool.app import create_app
from tests.conftest import SECRET
from tests.support.factory import QUIZ, Classroom, answers
from tests.support.visit import Browser, seat

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


class Edited:
    """The tool on a copy of the built-in course, and Ada at its quiz."""

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.folder = folder
        environment = {
            "COURSEWRIGHT_DATA_DIR": str(settings.data_dir),
            "COURSEWRIGHT_DATABASE_URL": settings.database_url,
            "COURSEWRIGHT_SECRET_KEY": SECRET,
            "COURSEWRIGHT_COURSES": str(folder),
        }
        self.app: Flask = create_app(from_environment(environment), database)
        with database.transaction() as session:
            classroom = Classroom(session)
            self.ada = classroom.person("ada")
        self.browser: Browser = seat(self.app.test_client(), database, classroom.placement, self.ada.learner)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        self.app.extensions["coursewright"].catalog.reload_if_changed()
        assert self.app.extensions["coursewright"].catalog.problems == ()


@pytest.fixture
def edited(tmp_path: Path, settings: Settings, sqlite_database: Database) -> Edited:
    folder = tmp_path / "course"
    shutil.copytree(BUILT_IN_COURSE, folder)
    return Edited(folder, settings, sqlite_database)


def _quiz_line(folder: Path) -> str:
    lines = (folder / "course.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if f"id: {QUIZ.id}" in line)
    end = next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("- ")), len(lines))
    return "".join(lines[start:end])


def test_an_attempt_goes_on_when_its_quiz_is_taken_out_of_the_course(edited: Edited) -> None:
    attempt = edited.browser.start()
    csrf = edited.browser.csrf()
    edited.edit("course.yaml", _quiz_line(edited.folder), "")
    assert edited.browser.get(attempt).status_code == 200
    fields = {f"q.{question}": choice for question, choice in answers(4).items()}
    done = edited.browser.post(attempt, csrf=csrf, action="submit", **fields)
    assert done.status_code == 303
    assert "4 of 5" in edited.browser.client.get(done.location).text
    assert edited.browser.get(f"/items/{QUIZ.id}").status_code == 404


def test_a_course_that_was_renamed_is_a_page_that_says_so(edited: Edited) -> None:
    edited.edit("course.yaml", "id: deep-learning", "id: renamed")
    answer = edited.browser.get("/items/lesson-1")
    assert answer.status_code == 404
    assert "not part of the course" in answer.text


def test_links_of_a_quiz_lead_to_this_placement(edited: Edited) -> None:
    edited.edit("module-1/quiz-1.yaml", "questions:", "intro: Read [the lesson](item:lesson-1) first.\nquestions:")
    page = edited.browser.get(f"/items/{QUIZ.id}").text
    assert f'href="{edited.browser.base}/items/lesson-1"' in page
    assert "item:lesson-1" not in page


def test_the_subtitle_of_a_quiz_is_shown_before_it_begins_and_not_again(edited: Edited) -> None:
    edited.edit("module-1/quiz-1.yaml", "questions:", "subtitle: Five minutes & a pencil\nquestions:")
    assert "Five minutes &amp; a pencil" in edited.browser.get(f"/items/{QUIZ.id}").text
    edited.browser.start()
    assert "Five minutes" not in edited.browser.get(f"/items/{QUIZ.id}").text


def test_images_of_the_course_are_served_and_no_other_file_is(edited: Edited) -> None:
    (edited.folder / "module-1" / "curve.png").write_bytes(PIXEL)
    (edited.folder / "module-1" / "secret.png").write_bytes(PIXEL)
    lesson = (edited.folder / "module-1" / "lesson-1.md").read_text(encoding="utf-8")
    heading = next(line for line in lesson.splitlines() if line.startswith("## "))
    edited.edit("module-1/lesson-1.md", heading, f"![A curve that falls](curve.png)\n\n{heading}")
    page = edited.browser.get("/items/lesson-1").text
    address = f"{edited.browser.base}/assets/module-1/curve.png"
    assert f'src="{address}"' in page
    with edited.browser.client.get(address) as image:
        assert image.data == PIXEL
        assert image.mimetype == "image/png"
    for other in ("module-1/secret.png", "course.yaml", "module-1/quiz-1.yaml", "../course.yaml", "..%2fcourse.yaml"):
        assert edited.browser.get(f"/assets/{other}").status_code == 404
    assert edited.app.test_client().get(address).status_code == 403
