"""The admin console by keyboard alone: every page can be used by everybody, in both themes and at every width, and a
stuck grade is found, understood and released by what the pages say."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize

from config.database import Database
from config.settings import from_environment
from lti_tool.migrating import upgrade
from tests.e2e.admin_walk import walk_past_the_console
from tests.support.admin_desk import AdminDesk, running_admin_desk
from tests.support.browser import COLOURS, DESKTOP, axe_violations, overlaps, private_window, sideways_scroll

pytestmark = pytest.mark.browser

NARROW: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdminDesk]:
    folder = tmp_path_factory.mktemp("console")
    url = f"sqlite:///{folder / 'coursewright.sqlite'}"
    database = Database(url)
    upgrade(database.engine)
    settings = from_environment({"COURSEWRIGHT_DATA_DIR": str(folder), "COURSEWRIGHT_DATABASE_URL": url})
    with running_admin_desk(settings, database) as running:
        yield running
    database.dispose()


def test_a_stuck_grade_is_released_and_every_page_used_without_touching_the_pointer(
    browser: Browser, desk: AdminDesk
) -> None:
    found: dict[str, list[str]] = {}
    with private_window(browser, DESKTOP, allowed=[r"status of 40[34]"]) as context:
        for view in walk_past_the_console(context, desk):
            page = view.tab
            page.set_viewport_size(NARROW)
            faults = sideways_scroll(page) + overlaps(page)
            page.set_viewport_size(DESKTOP)
            faults += sideways_scroll(page) + axe_violations(page)
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            faults += axe_violations(page, COLOURS)
            page.emulate_media(color_scheme="light")
            if faults:
                found[view.name] = faults
    assert not found, "\n".join(f"{name}: {fault}" for name, faults in found.items() for fault in faults)
    assert desk.cell.states() == ["delivered"]
    assert [post.score["scoreGiven"] for post in desk.platform.posts] == [3, 3]
