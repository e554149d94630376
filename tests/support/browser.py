"""Chromium as a learner has it: third-party cookies blocked, storage partitioned, nothing sent but to this machine.

Third-party cookies are blocked in each context that Playwright makes, because Chromium takes it for a private window
and blocks them there by default; `tests/e2e/test_browser.py` proves it. That holds for the whole Chromium only: the
small `chrome-headless-shell` knows no such setting, therefore the executable is always named.

Frames of another site live in the process of the page around them. Otherwise each launch swaps its frame from process
to process (tool, LMS, tool) faster than Playwright can follow: a session that ends late takes the new one of the same
frame with it, and Playwright never hears what the frame shows (1 launch of 16 on a busy machine; 0 of 150 so). What is
sent and stored does not hang on processes: cookies and storage are partitioned by site all the same, which
`tests/e2e/test_browser.py` proves too.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import axe_core_python
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Frame,
    Page,
    Playwright,
    Request,
    ViewportSize,
    WebError,
)

from tests.browser_setup import find_chromium
from tests.support.servers import skip_or_fail

Scheme = Literal["light", "dark"]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}

# Playwright switches off storage partitioning, and with third-party cookies blocked a frame then has no localStorage at
# all. Learners' browsers partition it, so this list, which takes the place of Playwright's, leaves it on.
FEATURES_OFF = (
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "Translate",
)
OWN_HOSTS = {"127.0.0.1", "localhost"}
TIMEOUT_MS = 15_000
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")  # all that a theme can change
REPORT_CSP = """document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP violation: ${event.effectiveDirective} ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`))"""


def arguments(*, any_host: bool = False) -> list[str]:
    """How Chromium is started. `any_host` lets it reach more than this machine."""
    chosen = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--disable-gpu",
        "--disable-site-isolation-trials",
        f"--disable-features={','.join(FEATURES_OFF)}",
    ]
    if not any_host:
        chosen.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1")
    return [*chosen, "--no-sandbox"] if os.geteuid() == 0 else chosen


def executable() -> str:
    """The Chromium to start; skips the test where there is none."""
    found = find_chromium()
    if found is None:
        skip_or_fail("no Chromium here; `python -m tests.browser_setup` gets one")
    return str(found)


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A running Chromium."""
    browser = playwright.chromium.launch(executable_path=executable(), args=arguments())
    try:
        yield browser
    finally:
        browser.close()


class Watch:
    """Takes down what must not happen in a context: console errors, CSP violations, page errors, foreign requests."""

    def __init__(self, context: BrowserContext, allowed: Sequence[str]) -> None:
        self.complaints: list[str] = []
        self._allowed = [re.compile(pattern) for pattern in allowed]
        context.on("console", self._console)
        context.on("weberror", self._page_error)
        context.on("request", self._request)

    def _note(self, complaint: str) -> None:
        if not any(pattern.search(complaint) for pattern in self._allowed):
            self.complaints.append(complaint)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console error at {message.location.get('url', '')}: {message.text}")

    def _page_error(self, error: WebError) -> None:
        self._note(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in OWN_HOSTS:
            self._note(f"request to another host: {request.url}")


@contextmanager
def _watched(context: BrowserContext, allowed: Sequence[str]) -> Iterator[BrowserContext]:
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(REPORT_CSP)
    watch = Watch(context, allowed)
    try:
        yield context
    finally:
        context.close()
    assert not watch.complaints, "\n".join(watch.complaints)


@contextmanager
def private_window(
    browser: Browser,
    size: ViewportSize = DESKTOP,
    scheme: Scheme = "light",
    *,
    scripts: bool = True,
    allowed: Sequence[str] = (),
) -> Iterator[BrowserContext]:
    """A context with cookies of its own. A complaint that matches no pattern in `allowed` fails the test at the end."""
    context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts)
    with _watched(context, allowed) as watched:
        yield watched


@contextmanager
def window_without_cookies_in_frames(
    playwright: Playwright,
    *,
    framed: str,
    below: str,
    size: ViewportSize = DESKTOP,
    scheme: Scheme = "light",
    allowed: Sequence[str] = (),
) -> Iterator[BrowserContext]:
    """A context that refuses every cookie and all storage to host `framed` in pages of host `below`, partitioned too.

    On pages of its own `framed` has them, as in Safari and in Chromium with such an exception in its settings.
    """
    exceptions = {f"{framed},{below}": {"setting": 2}}
    preferences = {"profile": {"content_settings": {"exceptions": {"cookies": exceptions}}}}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        profile = Path(folder, "Default")
        profile.mkdir()
        (profile / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=executable(), args=arguments(), viewport=size, color_scheme=scheme
        )
        with _watched(context, allowed) as watched:
            yield watched


def axe_violations(place: Page | Frame, rules: Sequence[str] = AXE_TAGS) -> list[str]:
    """What axe finds wrong in a page, or in a frame alone, one readable line for each element. `rules` are tags, or
    `COLOURS` for a page that has been looked at in another theme."""
    place.evaluate(AXE)
    found: list[dict[str, Any]] = place.evaluate(
        "(tags) => axe.run(document, {runOnly: tags, iframes: false}).then((result) => result.violations)",
        list(rules),
    )
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:160]} [{_why(node)}]"
        for rule in found
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])[:240]


def sideways_scroll(place: Page | Frame) -> list[str]:
    """The elements that stick out at a side, when the page can be scrolled sideways; else nothing."""
    found: list[str] = place.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const all = [...document.body.querySelectorAll("*")];
          const out = all.filter((one) => {
            const box = one.getBoundingClientRect();
            return box.right > width + 1 || box.left < -1;
          });
          return [`${document.documentElement.scrollWidth} px in ${width} px`,
                  ...out.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
        }"""
    )
    return found


def overlaps(place: Page | Frame) -> list[str]:
    """The pairs of controls that cover one another. What sticks to the screen is meant to, and what has been scrolled
    out of its own box is not there to be covered."""
    found: list[str] = place.evaluate(
        """() => {
          const apart = (one) => {
            for (let above = one; above; above = above.parentElement) {
              const style = getComputedStyle(above);
              if (["sticky", "fixed"].includes(style.position) || style.overflowX === "auto") return true;
            }
            return one.matches(".visually-hidden, .skip-link");
          };
          const all = [...document.querySelectorAll("a, button, select, input, summary")];
          const shown = all.filter((one) => one.checkVisibility() && !apart(one));
          const boxes = shown.map((one) => [one, one.getBoundingClientRect()]);
          const covers = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
          return boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
            .filter(([other, b]) => !one.contains(other) && covers(a, b))
            .map(([other]) => `${one.outerHTML.slice(0, 100)} covers ${other.outerHTML.slice(0, 100)}`));
        }"""
    )
    return found
