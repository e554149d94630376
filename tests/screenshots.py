"""Saves a picture of every page: `python -m tests.screenshots FOLDER`, on a phone and a desktop, light and dark.

`python -m tests.screenshots FOLDER phone-light` takes only those of one screen.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, expect, sync_playwright

from config.database import Database
from config.settings import Settings, from_environment
from lti_tool.migrating import upgrade
from lti_tool.practice_lms.personalities import moodle
from tests.browser_setup import find_chromium
from tests.e2e.admin_walk import walk_past_the_console
from tests.e2e.lab_walk import walk_past_a_lab
from tests.e2e.people import ADA, ALAN, EDSGER, KAREN, KATHERINE, sign_in
from tests.e2e.picker_walk import walk_past_the_picker
from tests.e2e.quiz_walk import MODULE_TEST, walk_past_a_test
from tests.e2e.review_walk import walk_past_a_review
from tests.e2e.walk import View, walk, walk_from_right_to_left
from tests.support.admin_desk import running_admin_desk
from tests.support.browser import (
    DESKTOP,
    PHONE,
    Scheme,
    chromium,
    private_window,
    window_without_cookies_in_frames,
)
from tests.support.desk import running_desk
from tests.support.lab_desk import running_lab_desk
from tests.support.model_service import RunningModelService
from tests.support.review_desk import running_review_desk
from tests.support.rules import movable_clock
from tests.support.school import running_school
from tests.support.stack import Stack, running_stack


class Screen(NamedTuple):
    """What a picture is taken on, and its part of the file's name."""

    name: str
    size: ViewportSize
    scheme: Scheme


SCREENS = (
    Screen("phone-light", PHONE, "light"),
    Screen("phone-dark", PHONE, "dark"),
    Screen("desktop-light", DESKTOP, "light"),
    Screen("desktop-dark", DESKTOP, "dark"),
)
STUDENTS = (ADA, ALAN, KATHERINE, KAREN)  # one for each walk, so that each sees the quiz before its first attempt
FIRST_VIEWS = {
    "introduction", "lesson", "glossary", "quiz-before", "quiz-open", "quiz-submitted", "module", "quiz-instructor",
    "test-open", "test-map", "test-near-end", "lab-before", "lab-open", "lab-waiting", "lab-result", "review-queue",
    "review-case", "review-quote", "review-appeal",
}  # fmt: skip
IN_FRAME = {
    "lms-activity", "introduction", "lesson", "glossary", "quiz-before", "quiz-open", "quiz-submitted", "module",
    "new-window", "lab-before", "lab-at-work", "lab-hand-in", "lab-submitted",
}  # fmt: skip
QUIETLY = [r"."]  # pictures are taken of whatever is there; the tests complain


def main() -> int:
    """Exit status 0 when every picture has been saved, 1 when there is no browser to make them with."""
    wanted = [screen for screen in SCREENS if screen.name in sys.argv[2:] or len(sys.argv) == 2]
    if not wanted or len(wanted) < len(sys.argv[2:]):
        known = "|".join(screen.name for screen in SCREENS)
        sys.stderr.write(f"Usage: python -m tests.screenshots FOLDER [{known}]…\n")
        return 2
    if find_chromium() is None:
        sys.stderr.write("No Chromium here; `python -m tests.browser_setup` gets one.\n")
        return 1
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # only the pictures' names are said
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        for size in dict.fromkeys(screen.name.partition("-")[0] for screen in wanted):
            screens = [screen for screen in wanted if screen.name.startswith(size)]
            _of_screens(playwright, folder, screens)
    return 0


def _of_screens(playwright: Playwright, folder: Path, screens: Sequence[Screen]) -> None:
    """All pictures of some screens, from a stack on which nobody has done anything yet."""
    students = iter(STUDENTS)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as below,
        running_stack(Path(below, "stack"), "lms", "tool", "worker", "beat", COURSEWRIGHT_PSEUDO_LOCALES="on") as stack,
    ):
        for screen in screens:
            with chromium(playwright) as browser:
                _of_walks(browser, stack, folder, screen, students)
                _of_test(browser, folder, screen)
                _of_lab(browser, folder, screen)
                _of_picker(browser, folder, screen)
                _of_review(browser, folder, screen)
                _of_console(browser, folder, screen)
            _of_refusal(playwright, stack, folder, screen)


def _of_walks(browser: Browser, stack: Stack, folder: Path, screen: Screen, students: Iterator[str]) -> None:
    for framed in (False, True):
        with private_window(browser, screen.size, screen.scheme, allowed=QUIETLY) as context:
            student = next(students)
            for view in walk(context, stack.lms, stack.tool, student, framed=framed):
                _save(view, folder, screen.name, framed=framed)
            if not framed:
                for view in walk_from_right_to_left(context, stack.lms, student):
                    _picture(view.tab, folder / f"{view.name}-{screen.name}.png", whole=True)


def _of_test(browser: Browser, folder: Path, screen: Screen) -> None:
    """A timed test in each of its states, from a tool in this process: the walk moves its clock."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as below,
        pytest.MonkeyPatch.context() as patched,
        private_window(browser, screen.size, screen.scheme, allowed=QUIETLY) as context,
    ):
        url = f"sqlite:///{Path(below, 'pictures.sqlite')}"
        settings = from_environment({"COURSEWRIGHT_DATA_DIR": below, "COURSEWRIGHT_DATABASE_URL": url})
        database = Database(url)
        upgrade(database.engine)
        now = movable_clock(patched)
        with running_desk(settings, database, Path(below, "small"), MODULE_TEST) as desk:
            for view in walk_past_a_test(context, desk, now):
                _save(view, folder, screen.name, framed=False)
        database.dispose()


def _of_lab(browser: Browser, folder: Path, screen: Screen) -> None:
    """A lab in each of its states, from a tool and a model service in this process."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as below,
        RunningModelService() as service,
        private_window(browser, screen.size, screen.scheme, allowed=QUIETLY) as context,
    ):
        url = f"sqlite:///{Path(below, 'pictures.sqlite')}"
        settings = service.settings(COURSEWRIGHT_DATA_DIR=below, COURSEWRIGHT_DATABASE_URL=url)
        database = Database(url)
        upgrade(database.engine)
        with running_lab_desk(settings, database) as desk:
            for view in walk_past_a_lab(context, desk, service):
                _save(view, folder, screen.name, framed=False)
        database.dispose()


def _of_picker(browser: Browser, folder: Path, screen: Screen) -> None:
    """Activities being chosen in the frame of an LMS, from a tool and an LMS in this process."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as below,
        private_window(browser, screen.size, screen.scheme, allowed=QUIETLY) as context,
    ):
        database = Database(f"sqlite:///{Path(below, 'pictures.sqlite')}")
        upgrade(database.engine)
        with running_school(Path(below), database, moodle) as school:
            for view in walk_past_the_picker(context, school):
                _picture(view.tab, folder / f"{view.name}-{screen.name}.png", whole=True)
        database.dispose()


@contextmanager
def _blank_tool() -> Iterator[tuple[Settings, Database]]:
    """Settings and an empty database, for a tool in this process."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as below:
        url = f"sqlite:///{Path(below, 'pictures.sqlite')}"
        database = Database(url)
        upgrade(database.engine)
        yield from_environment({"COURSEWRIGHT_DATA_DIR": below, "COURSEWRIGHT_DATABASE_URL": url}), database
        database.dispose()


def _of_review(browser: Browser, folder: Path, screen: Screen) -> None:
    """What an instructor sees who decides, from a tool in this process."""
    with (
        _blank_tool() as (settings, database),
        private_window(browser, screen.size, screen.scheme, allowed=QUIETLY) as context,
        running_review_desk(settings, database) as desk,
    ):
        for view in walk_past_a_review(context, desk):
            _save(view, folder, screen.name, framed=False)


def _of_console(browser: Browser, folder: Path, screen: Screen) -> None:
    """What an admin sees, from a tool and a platform in this process."""
    with (
        _blank_tool() as (settings, database),
        private_window(browser, screen.size, screen.scheme, allowed=QUIETLY) as context,
        running_admin_desk(settings, database) as desk,
    ):
        for view in walk_past_the_console(context, desk):
            _save(view, folder, screen.name, framed=False)


def _save(view: View, folder: Path, suffix: str, *, framed: bool) -> None:
    if framed:
        if view.name in IN_FRAME:
            _to_top(view)
            _picture(view.tab, folder / f"{view.name}-in-frame-{suffix}.png")
        return
    if view.name in FIRST_VIEWS:
        _to_top(view)
        _picture(view.tab, folder / f"{view.name}-first-view-{suffix}.png")
    _picture(view.tab, folder / f"{view.name}-{suffix}.png", whole=True)


def _of_refusal(playwright: Playwright, stack: Stack, folder: Path, screen: Screen) -> None:
    cookieless = window_without_cookies_in_frames(
        playwright, framed="localhost", below="127.0.0.1", size=screen.size, scheme=screen.scheme, allowed=QUIETLY
    )
    with cookieless as context:
        tab = _refused(context, stack)
        _picture(tab, folder / f"refusal-in-frame-{screen.name}.png")


def _refused(context: BrowserContext, stack: Stack) -> Page:
    tab = context.new_page()
    sign_in(tab, stack.lms, EDSGER)
    tab.goto(f"{stack.lms}/activity/quiz-1")
    expect(tab.frame_locator("iframe").get_by_role("button", name="Continue as")).to_be_visible()
    return tab


def _to_top(view: View) -> None:
    view.place.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0) }")


def _picture(tab: Page, file: Path, *, whole: bool = False) -> None:
    tab.screenshot(path=file, full_page=whole, animations="disabled")
    sys.stdout.write(f"{file}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
