"""No page shows a word that translators never got to see: in `en-XA` all words of the interface stand in brackets.

The course's own words stand in elements with the course's `lang`, which is asserted by the same means.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config.settings import Settings
from course.items import Quiz
from lti_tool.app import create_app
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.web import error_pages
from tests.support.factory import BUILT_IN, QUIZ, Classroom, answers
from tests.support.visit import Browser, seat
from tests.support.words import unmarked

NOT_PLACED = next(item for item in BUILT_IN.items if isinstance(item, Quiz) and item.id != QUIZ.id)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(replace(settings, pseudo_locales=True))
    yield made
    made.extensions["coursewright"].database.dispose()


def _seats(app: Flask) -> tuple[Browser, Browser]:
    """A learner and an instructor, launched with the locale en-XA."""
    database = app.extensions["coursewright"].database
    with database.transaction() as session:
        classroom = Classroom(session)
        ada, grace = classroom.person("ada"), classroom.person("grace")
    place = classroom.placement
    return (
        seat(app.test_client(), database, place, ada.learner, locale="en-XA"),
        seat(app.test_client(), database, place, grace.learner, "instructor", locale="en-XA"),
    )


def _check(name: str, answer: TestResponse) -> list[str]:
    if answer.is_json:
        told = {key: value for key, value in _flat(answer.json) if key in {"text", "title"}}
        return [f"{name}: {value}" for value in told.values() if not value.startswith("[")]
    if answer.location:
        return []
    assert answer.mimetype == "text/html", name
    return [f"{name}: {words}" for words in unmarked(answer.text)]


def _flat(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, str):
                yield key, one
            yield from _flat(one)


def test_pages_of_a_visit(app: Flask) -> None:
    found: list[str] = []
    for browser in _seats(app):
        for path in ("/module", "/glossary", "/new-window", *(f"/items/{item.id}" for item in BUILT_IN.items)):
            found += _check(path, browser.get(path))
    assert found == []


def test_a_quiz_in_each_of_its_states(app: Flask) -> None:
    found: list[str] = []
    for browser in _seats(app):
        path = f"/items/{QUIZ.id}"
        given = answers(right=3)
        first, second = list(given)[:2]
        attempt = browser.start()
        found += _check("open", browser.get(path))
        found += _check("nothing to check", browser.post(attempt, json=True, action=f"check:{first}"))
        browser.post(attempt, **{f"q.{first}": given[first]})
        browser.post(attempt, action=f"check:{first}", **{f"q.{first}": given[first]})
        browser.post(attempt, **{f"q.{second}": given[second]})
        browser.post(attempt, action="submit")
        found += _check("checked, some still open", browser.get(f"{path}?ask=1"))
        browser.post(attempt, action="submit-anyway")
        found += _check("handed in", browser.get(path))
        found += _check("delivery", browser.get(f"{path}/delivery"))
        found += _check("closed", browser.post(attempt, **{f"q.{first}": given[first]}))
        found += _check("closed, for a script", browser.post(attempt, json=True, **{f"q.{first}": given[first]}))
        for _ in range(2):
            browser.hand_in(browser.start(), right=5)
        found += _check("no attempt left", browser.get(path))
        found += _check("one too many", browser.post(f"{path}/attempts"))
        found += _check("an earlier attempt", browser.get(attempt))
        found += _check("all done", browser.get("/module"))
        found += _check("the results as a file", browser.get("/module/results"))
    assert found == []


def test_error_pages(app: Flask) -> None:
    learner, instructor = _seats(app)
    stranger = app.test_client()
    asks = {"Accept-Language": "en-XA"}
    found = _check("no seat", stranger.get("/in/abc/abc/module", headers=asks))
    found += _check("front door", stranger.get("/", headers=asks))
    found += _check("nothing", stranger.get("/nowhere", headers=asks))
    found += _check("not this way", stranger.delete("/", headers=asks))
    found += _check("too long", stranger.post("/lti/login", data={"a": "x" * 2_000_000}, headers=asks))
    for browser in (learner, instructor):
        found += _check("no such item", browser.get("/items/nowhere"))
        found += _check("no such attempt", browser.get("/attempts/nowhere"))
        found += _check("foreign form", browser.post(f"/items/{QUIZ.id}/attempts", csrf="no"))
        found += _check("not placed", browser.get(f"/items/{NOT_PLACED.id}"))
        found += _check("unknown section", browser.post("/items/lesson-1/read", section="nowhere"))
    assert found == []


@pytest.mark.parametrize("words", ["_REFUSED", "_HTTP"])
def test_causes_that_are_hard_to_reach(app: Flask, words: str) -> None:
    table = getattr(error_pages, words)
    with app.test_request_context(headers={"Accept-Language": "en-XA"}):
        told = [str(text) for one in table.values() for text in (one.title, one.text, one.what_to_do)]
    assert told
    assert [text for text in told if not text.startswith("[")] == []


def test_refused_launches(app: Flask) -> None:
    found: list[str] = []
    for cause in Cause:
        with app.test_request_context(headers={"Accept-Language": "en-XA"}):
            answer = error_pages.launch_refused(LaunchRefused(cause, details=(("issuer", "https://lms.example.org"),)))
            found += [f"{cause}: {words}" for words in unmarked(answer.get_data(as_text=True))]
    assert found == []


def test_a_word_outside_of_brackets_is_found() -> None:
    assert unmarked('<html lang="en-XA"><p>[Ñéxt <code>x</code> (à)] · 3</p><p lang="en">Course</p></html>') == []
    assert unmarked("<p>[Ñéxt] and more</p>") == ["text:  and more"]
    assert unmarked('<p aria-label="Next" data-saved="Saved" data-id="saved">[x]</p>') == [
        "aria-label=Next",
        "data-saved=Saved",
    ]
