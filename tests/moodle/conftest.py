"""The Moodle, the tool beside it, and a course with people: made through Moodle's own pages, removed at the end."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import QUIZ
from tests.moodle import settings as moodle_settings
from tests.moodle.activities import Activities, Activity
from tests.moodle.browser import SLOW_MS, chromium, window
from tests.moodle.picker import choose_whole_module
from tests.moodle.settings import Settings
from tests.moodle.site import Admin, Course, Person, Visitor
from tests.moodle.tool import Tool, running_tool
from tests.moodle.tools import Tools

TOOL_NAME = "Coursewright"
QUIZ_NAME = f"Quiz: {QUIZ.title}"


def pytest_runtest_setup() -> None:
    """Skip all of these tests where no Moodle is named; from one place, so that it is said in one line."""
    if moodle_settings.from_environment() is None:
        pytest.skip(moodle_settings.MISSING)


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Where everything is."""
    found = moodle_settings.from_environment()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def tool(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """The tool at work."""
    with running_tool(tmp_path_factory.mktemp("tool"), settings) as started:
        yield started


@pytest.fixture(scope="session")
def browser(settings: Settings) -> Iterator[Browser]:
    """A running Chromium."""
    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright, chromium(playwright) as started:
        yield started


@dataclass(frozen=True)
class World:
    """Everybody's tabs. Each person has a private window of their own."""

    settings: Settings
    browser: Browser
    admin: Admin
    tools: Tools


@pytest.fixture(scope="session")
def world(settings: Settings, browser: Browser) -> Iterator[World]:
    """An admin who has signed in."""
    with window(browser, settings.tool) as context:
        admin = Admin(context.new_page(), settings.moodle)
        admin.sign_in(settings.admin, settings.password)
        yield World(settings, browser, admin, Tools(admin))


@pytest.fixture(scope="session")
def registered(world: World, tool: Tool) -> Iterator[int]:
    """The tool, registered by Dynamic Registration and activated: Moodle's id of it. Deleted at the end."""
    world.tools.register(tool.invitation())
    type_id = world.tools.newest(TOOL_NAME)
    world.tools.activate(type_id)
    yield type_id
    world.tools.delete(type_id)


@dataclass(frozen=True)
class School:
    """A course, its people, and their tabs."""

    course: Course
    people: dict[str, Person]
    ids: dict[str, int]
    tabs: dict[str, Visitor]
    activities: Activities

    pictures: Path | None

    def __getitem__(self, who: str) -> Visitor:
        return self.tabs[who]

    def picture(self, who: str, name: str) -> None:
        """Save what somebody sees, where `MOODLE_SCREENSHOTS` names a folder."""
        if self.pictures:
            self[who].page.screenshot(path=self.pictures / f"{name}.png")


ROLES = {"teacher": "Teacher", "ada": "Student", "bob": "Student", "cleo": "Student"}


@pytest.fixture(scope="session")
def school(world: World, registered: int) -> Iterator[School]:
    """A course of our own with a teacher and three students, of whom Cleo has a phone. Deleted at the end."""
    mark = secrets.token_hex(3)
    course = world.admin.make_course(f"Coursewright try-out {mark}", f"try-{mark}")
    people = {who: somebody(who, mark) for who in ROLES}
    ids: dict[str, int] = {}
    tabs: dict[str, Visitor] = {"admin": world.admin}
    with ExitStack() as windows:  # closed last: what they complain of must not keep the course from being removed
        for who, person in people.items():
            world.admin.make_person(person)
            ids[who] = world.admin.enrol(course, person, ROLES[who])
            held = windows.enter_context(window(world.browser, world.settings.tool, phone=who == "cleo"))
            tabs[who] = Visitor(held.new_page(), world.settings.moodle)
            tabs[who].sign_in(person.username, person.password)
        activities = Activities(tabs["teacher"], course)
        yield School(course, people, ids, tabs, activities, world.settings.pictures)
        world.admin.delete_course(course)
        for user_id in ids.values():
            world.admin.delete_person(user_id)


@pytest.fixture(scope="session")
def module(school: School, registered: int) -> list[Activity]:
    """The whole module, added to the empty course through the picker."""
    school.activities.new(registered)
    choose_whole_module(school.activities.open_picker())
    school.picture("teacher", "picker-whole-module")
    school.activities.save()
    return school.activities.all()


@pytest.fixture(scope="session")
def quiz(module: list[Activity]) -> Activity:
    """The first quiz of the course."""
    return next(one for one in module if one.name == QUIZ_NAME)


def somebody(who: str, mark: str) -> Person:
    """A person of this run."""
    return Person(
        f"{who}-{mark}", f"Try-{secrets.token_urlsafe(9)}-1a", who.title(), f"Try{mark}", f"{who}-{mark}@example.com"
    )
