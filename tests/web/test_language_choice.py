"""A learner's language: theirs everywhere once chosen, else the launch's, else the browser's."""

import re
from dataclasses import replace

import pytest

from config.database import Database
from tests.support.factory import Classroom
from tests.support.visit import Browser, seat
from tests.web.conftest import Room


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind is enough: the choice is a plain column."""
    return sqlite_database


@pytest.fixture
def made_up(room: Room) -> Room:
    """The room with the made-up languages on."""
    services = room.app.extensions["coursewright"]
    room.app.extensions["coursewright"] = replace(services, settings=replace(services.settings, pseudo_locales=True))
    return room


def _page_tag(html: str) -> tuple[str, str]:
    found = re.search(r'<html lang="([^"]+)" dir="([^"]+)"', html)
    assert found
    return found[1], found[2]


def _choose(browser: Browser, language: str, back: str = "") -> str:
    answer = browser.post("/language", language=language, back=back or f"{browser.base}/items/lesson-1")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_there_is_no_choice_where_there_is_one_language(room: Room) -> None:
    page = room.browser().get("/items/lesson-1").text
    assert 'action="/in' not in page.partition('class="colophon"')[2]
    assert room.browser().post("/language", language="ar_XB").status_code == 422


def test_a_choice_keeps_the_page_and_changes_its_language_and_direction(made_up: Room) -> None:
    browser = made_up.browser()
    page = browser.get("/items/lesson-1?from=strip")
    assert 'name="back" value="' + browser.base + '/items/lesson-1?from=strip"' in page.text
    assert _page_tag(page.text) == ("en", "ltr")
    assert _choose(browser, "ar_XB", f"{browser.base}/items/lesson-1?from=strip") == (
        f"{browser.base}/items/lesson-1?from=strip"
    )
    page = browser.get("/items/lesson-1")
    assert _page_tag(page.text) == ("ar-XB", "rtl")
    assert '<h1 lang="en" dir="ltr">' in page.text
    assert re.search(r'<option value="ar_XB"[^>]* selected>', page.text)


def test_the_choice_holds_on_another_device_and_after_another_launch(made_up: Room) -> None:
    _choose(made_up.browser(), "en_XA")
    elsewhere = seat(
        made_up.app.test_client(), made_up.database, made_up.classroom.placement, made_up.ada.learner, locale="ar_XB"
    )
    assert _page_tag(elsewhere.get("/items/lesson-1").text) == ("en-XA", "ltr")
    with made_up.database.transaction() as session:
        bob = Classroom(session, issuer="https://other.example.org").person("bob")
    assert bob.learner.locale is None  # and it is nobody else's


def test_without_a_choice_the_launch_says_it_then_the_browser(made_up: Room) -> None:
    def of(locale: str, accepts: str) -> str:
        client = made_up.app.test_client()
        browser = seat(client, made_up.database, made_up.classroom.placement, made_up.ada.learner, locale=locale)
        return _page_tag(browser.get("/items/lesson-1", headers={"Accept-Language": accepts}).text)[0]

    assert of("ar-xb", "en") == "ar-XB"
    assert of("en_US", "ar-XB") == "en-US"
    assert of("", "ar-XB,en;q=0.5") == "ar-XB"
    assert of("fr_FR", "de") == "en"
    assert of("../nonsense", "*") == "en"


def test_a_language_that_is_not_to_be_had_changes_nothing(made_up: Room) -> None:
    browser = made_up.browser()
    for language in ("", "fr", "en_XA\x00", "../en", "x" * 5000):
        answer = browser.post("/language", language=language)
        assert answer.status_code == 422
        assert "Nothing has changed" in answer.text
    assert _page_tag(browser.get("/items/lesson-1").text)[0] == "en"


def test_a_choice_leads_nowhere_else(made_up: Room) -> None:
    browser = made_up.browser()
    for back in ("https://evil.example/", "//evil.example", "/in/other/person", "javascript:alert(1)"):
        assert _choose(browser, "en_XA", back) == browser.base


def test_an_error_page_speaks_the_readers_language(made_up: Room) -> None:
    browser = made_up.browser()
    _choose(browser, "en_XA")
    page = browser.get("/items/nowhere")
    assert page.status_code == 404
    assert "[Thîš" in page.text
    stranger = made_up.app.test_client().get("/nowhere", headers={"Accept-Language": "en-XA"})
    assert "[Théré" in stranger.text
    assert _page_tag(stranger.text) == ("en-XA", "ltr")
