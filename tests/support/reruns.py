"""A hook of pytest: what is run once more, and what never is."""

import pytest
from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as WaitedInVain


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a browser test once more when the browser, not the page, gave out; the summary names it as rerun."""
    again = pytest.mark.flaky(reruns=1, condition=the_browser_gave_out)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(again)


def the_browser_gave_out(error: BaseException | None) -> bool:
    """Whether Playwright lost its page or waited in vain. What a test asserts, `expect` too, is never tried twice."""
    return isinstance(error, WaitedInVain) or (isinstance(error, Error) and "crashed" in error.message)
