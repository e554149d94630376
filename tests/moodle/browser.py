"""Chromium as people have it at their Moodle: third-party cookies blocked, and everything the tool's pages complain of
taken down. Moodle's own complaints are none of our business."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Playwright

from tests.support.browser import DESKTOP, PHONE, REPORT_CSP, TIMEOUT_MS, arguments, executable

PHONE_AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Mobile Safari/537.36"
AWAY = re.compile(r"status of 50[234]|ERR_CONNECTION_REFUSED")  # a flow has started the tool anew under an open page
SLOW_MS = 2 * TIMEOUT_MS  # a Moodle that has just been upgraded compiles its pages at the first visit


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A running Chromium that may reach any host; the Moodle may be anywhere."""
    browser = playwright.chromium.launch(executable_path=executable(), args=arguments(any_host=True))
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def window(browser: Browser, tool: str, *, phone: bool = False) -> Iterator[BrowserContext]:
    """A private window: nothing is shared with another, and the tool has no cookies in Moodle's pages but partitioned
    ones. A `phone` says so to Moodle, which then opens every activity in the window itself, whatever is set. Fails at
    its end when a page of `tool` has written an error to the console."""
    size, agent = (PHONE, PHONE_AGENT) if phone else (DESKTOP, None)
    context = browser.new_context(viewport=size, user_agent=agent, is_mobile=phone, has_touch=phone, locale="en-US")
    context.set_default_timeout(SLOW_MS)
    context.add_init_script(REPORT_CSP)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        address = str(message.location.get("url", ""))
        ours = address.startswith(tool) or "CSP violation" in message.text
        if message.type == "error" and ours and not AWAY.search(message.text):
            complaints.append(f"{address}: {message.text}")

    context.on("console", listen)
    try:
        yield context
    finally:
        context.close()
    assert not complaints, "\n".join(complaints)
