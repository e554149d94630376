"""An author saves a fault while people are reading: `course check` names file and line, and nobody else notices."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.database import Database
from config.settings import BUILT_IN_COURSE, Settings, from_environment
from lti_tool.app import create_app
from lti_tool.cli import main
from tests.conftest import SECRET
from tests.support.factory import Classroom
from tests.support.visit import seat

QUIZ = "module-1/quiz-1.yaml"
LESSON = "module-1/lesson-1.md"
COURSE = "course.yaml"
RUBRIC = "module-1/lab-1.rubric.yaml"
Spoil = Callable[[str], str]


def _with_one_choice(text: str) -> str:
    """The first question without its other choices."""
    start = [match.start() for match in re.finditer(r"^      - id: ", text, re.MULTILINE)]
    second_question = re.search(r"^  - id: (?!deep-means-layers)", text, re.MULTILINE)
    assert second_question is not None
    return text[: start[1]] + text[second_question.start() :]


def _with_two_keys(text: str) -> str:
    before, feedback, after = text.partition("        feedback:")
    return f"{before}        key: true\n{feedback}{after}"


def _with(old: str, new: str) -> Spoil:
    return lambda text: text.replace(old, new, 1)


def _at_the_end(words: str) -> Spoil:
    return lambda text: f"{text.rstrip()}\n\n{words}\n"


FAULTS: list[tuple[str, Spoil, str]] = [
    (QUIZ, _with_one_choice, "`choices` must have at least 2 entries, and has 1."),
    (QUIZ, _with_two_keys, "A second choice is the key."),
    (LESSON, _at_the_end("A [wait](term:wait)."), "The term `wait` is not defined."),
    (LESSON, _at_the_end("See [this](item:lesson-9)."), "The course has no item `lesson-9`."),
    (LESSON, _at_the_end("See [this](item:lesson-1#nowhere)."), "The item `lesson-1` has no section `nowhere`."),
    (LESSON, _at_the_end("See [this](lesson-2.md)."), "The link to 'lesson-2.md' cannot be used."),
    (LESSON, _at_the_end("![](curve.png)"), "The image 'curve.png' has no alt text."),
    (LESSON, _at_the_end("![A curve](curve.png)"), "There is no file module-1/curve.png."),
    (COURSE, _with("{attempts: 2,", "{attempts: 2, unlock_after: [quiz-9],"), "The course has no item `quiz-9`."),
    (COURSE, _with("{attempts: 2,", "{attempts: 2, due_at: 0001-01-01T00:00+02:00,"), "there is no such date as 0001"),
    (RUBRIC, _with("weight: 20", "weight: 25"), "The weights add up to 105, and must make 100."),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[message for _, _, message in FAULTS])
def test_the_fault_is_named_and_the_last_good_version_served_when_a_course_is_spoilt(
    tmp_path: Path, settings: Settings, sqlite_database: Database, fault: tuple[str, Spoil, str]
) -> None:
    file, spoil, message = fault
    folder = tmp_path / "course"
    shutil.copytree(BUILT_IN_COURSE, folder)
    app = create_app(
        from_environment(
            {
                "COURSEWRIGHT_DATA_DIR": str(settings.data_dir),
                "COURSEWRIGHT_DATABASE_URL": settings.database_url,
                "COURSEWRIGHT_SECRET_KEY": SECRET,
                "COURSEWRIGHT_COURSES": str(folder),
            }
        ),
        sqlite_database,
    )
    with sqlite_database.transaction() as session:
        classroom = Classroom(session)
        ada = classroom.person("ada")
    browser = seat(app.test_client(), sqlite_database, classroom.placement, ada.learner)
    catalog = app.extensions["coursewright"].catalog
    lesson_before, version = browser.get("/items/lesson-1").text, catalog.default

    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(spoil(text), encoding="utf-8")
    result = CliRunner().invoke(main, ["course", "check", str(folder)])
    assert result.exit_code == 1
    assert re.search(rf"^{re.escape((folder / file).as_posix())}:[0-9]+: .*{re.escape(message)}", result.output, re.M)

    assert catalog.reload_if_changed() is False
    assert catalog.default is version
    assert [problem for problem in catalog.problems if message in problem.message]
    assert "problems in the newest files" in app.test_client().get("/readyz").text
    assert browser.get("/items/lesson-1").status_code == browser.get("/items/quiz-1").status_code == 200
    assert _article(browser.get("/items/lesson-1").text) == _article(lesson_before)

    (folder / file).write_text(text, encoding="utf-8")
    catalog.reload_if_changed()
    assert catalog.problems == ()
    assert catalog.default == version


def test_pages_are_served_when_reading_the_files_again_fails_in_a_way_nobody_foresaw(
    settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings, sqlite_database)

    def fail() -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(app.extensions["coursewright"].catalog, "reload_if_changed", fail)
    assert app.test_client().get("/").status_code == 200


def _article(page: str) -> str:
    return page.partition("<main")[2]
