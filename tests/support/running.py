"""A hook of pytest: which tests run together in one process, and which of them are run once more."""

import pytest
from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as WaitedInVain


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares costly fixtures in one process, and run a browser test once more when the browser gave out.

    A file's tests stay together, and all tests that drive a browser do, so that two browsers never fight for the
    machine. The summary names what was run once more.
    """
    again = pytest.mark.flaky(reruns=1, condition=the_browser_gave_out)
    for item in items:
        drives_browser = item.get_closest_marker("browser") is not None
        if drives_browser:
            item.add_marker(again)
        if not item.get_closest_marker("xdist_group"):
            group = "stack" if drives_browser else f"{item.path.parent.name}.{item.path.stem}"
            item.add_marker(pytest.mark.xdist_group(group))


def the_browser_gave_out(error: BaseException | None) -> bool:
    """Whether Playwright lost its page or waited in vain. What a test asserts, `expect` too, is never tried twice."""
    return isinstance(error, WaitedInVain) or (isinstance(error, Error) and "crashed" in error.message)
