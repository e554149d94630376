"""Hooks of pytest: which tests run together in one process, and which of them are run once more."""

from typing import Any

import pytest
from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as WaitedInVain
from xdist.scheduler import LoadScopeScheduling


class FilesAndOneBrowser(LoadScopeScheduling):
    """Sends pieces of work to processes, the largest ones first."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of_work(nodeid)


def piece_of_work(nodeid: str) -> str:
    """What of the tests stays in one process: a file, for the sake of its fixtures; and all files that drive a browser,
    because two browsers on a small machine make each other miss their deadlines."""
    file = nodeid.partition("::")[0]
    return "browser" if "/e2e/" in file or file.endswith("/test_browser.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Spread tests over processes in our own way, whatever `--dist` says."""
    return FilesAndOneBrowser(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a browser test once more when the browser, not the page, gave out; the summary names it as rerun."""
    again = pytest.mark.flaky(reruns=1, condition=the_browser_gave_out)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(again)


def the_browser_gave_out(error: BaseException | None) -> bool:
    """Whether Playwright lost its page or waited in vain. What a test asserts, `expect` too, is never tried twice."""
    return isinstance(error, WaitedInVain) or (isinstance(error, Error) and "crashed" in error.message)
