"""One Chromium for all of these tests, and a stack for each file of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.support.browser import chromium
from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A running Chromium."""
    with chromium(playwright) as started:
        yield started


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Practice LMS, tool, worker and beat at work."""
    with running_stack(tmp_path_factory.mktemp("stack"), "lms", "tool", "worker", "beat") as running:
        yield running
